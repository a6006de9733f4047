"""Captions written as files: escaped, and read back as they were."""

from mediakit.subtitles.formats import parse_captions
from mediakit.subtitles.writers import write_srt, write_txt, write_vtt
from mediakit.text.transcript import Cue, Word, estimate_words

CUES = [
    estimate_words(Cue(1000, 2500, "A < b & c --> d\nsecond", speaker="Ann & <Bob>")),
    estimate_words(Cue(3_600_000, 3_601_001, "Bye", speaker="Ann & <Bob>")),
    estimate_words(Cue(3_700_000, 3_701_000, "Me too", speaker="Cy")),
]


def test_written_webvtt_is_escaped_and_comes_back():
    text = write_vtt(CUES)
    assert text.startswith(
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n<v Ann &amp; &lt;Bob&gt;>A &lt; b &amp; c"
    )
    assert text.count("-->") == 3
    back = parse_captions(text.encode(), filename="a.vtt")
    assert [(c.start_ms, c.end_ms, c.speaker) for c in back] == [
        (c.start_ms, c.end_ms, c.speaker) for c in CUES
    ]


def test_written_srt_comes_back_and_text_cannot_end_its_cue():
    cue = Cue(0, 1000, "a\n\n2\n00:00:05,000 --> 00:00:06,000\nb")
    text = write_srt([cue])
    assert (
        text == "1\n00:00:00,000 --> 00:00:01,000\na\n2\n00:00:05,000 --\u200b> 00:00:06,000\nb\n"
    )
    assert write_srt([]) == ""


def test_word_times_are_written_where_they_were_measured():
    words = (Word(0, 400, "a<b"), Word(500, 1000, "c"))
    cues = [Cue(0, 1000, "a<b c", words), estimate_words(Cue(2000, 3000, "d e"))]
    text = write_vtt(cues, word_times=True)
    assert "a&lt;b <00:00:00.500>c" in text
    back = parse_captions(text.encode(), filename="a.vtt")
    assert back[0].words == (Word(0, 500, "a<b"), Word(500, 1000, "c"))
    assert "d e" in text


def test_written_text_names_the_speaker_where_it_changes():
    assert write_txt(CUES) == "Ann & <Bob>: A < b & c --> d second\nBye\nCy: Me too\n"


def test_stamped_words_are_valid_and_have_no_spaces_where_their_script_writes_none():
    chinese = Cue(
        0, 900, "今天好。", (Word(0, 300, "今天"), Word(300, 600, "好"), Word(600, 900, "。"))
    )
    at_once = Cue(
        1000,
        2000,
        "a b c d",
        tuple(Word(s, s, t) for s, t in zip((1000, 1000, 1500, 1500), "abcd", strict=True)),
    )
    text = write_vtt([chinese, at_once], word_times=True)
    assert "\n今天<00:00:00.300>好<00:00:00.600>。\n" in text
    assert "\na b <00:00:01.500>c d\n" in text  # stamps only grow, and lie inside the cue


def test_cues_without_text_are_left_out_and_none_ends_where_it_begins():
    cues = [Cue(0, 500, "\x00\u202e "), Cue(500, 500, "b", (Word(500, 500, "b"),))]
    assert write_srt(cues) == "1\n00:00:00,500 --> 00:00:00,501\nb\n"
    assert write_vtt(cues, word_times=True) == "WEBVTT\n\n00:00:00.500 --> 00:00:00.501\nb\n"
