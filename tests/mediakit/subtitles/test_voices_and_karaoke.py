"""Who speaks, and when each word is said, in WebVTT and SubStation Alpha."""

import pytest

from mediakit.subtitles.formats import parse_captions, read_captions
from mediakit.text.transcript import Cue


def read(text: str, name: str) -> list[Cue]:
    return parse_captions(text.encode(), filename=name)


def test_each_voice_of_a_webvtt_cue_is_a_turn_of_its_own():
    cues = read(
        "WEBVTT\nLanguage: en-GB\n\n00:01.000 --> 00:05.000 line:0 position:20%\n"
        "<v.loud Anna Bell>Good morning.</v>\n<v Bo>Hi &amp; bye.</v>\n\n"
        "00:05.000 --> 00:06.000\n- <v Anna Bell>So.\n",
        "a.vtt",
    )
    assert [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in cues] == [
        (1000, 3400, "Good morning.", "Anna Bell"),
        (3400, 5000, "Hi & bye.", "Bo"),
        (5000, 6000, "- So.", "Anna Bell"),
    ]


def test_voices_with_karaoke_times_speak_when_these_say():
    (anna, bo) = read(
        "WEBVTT\n\n00:01.000 --> 00:05.000\n<v Anna>Good <00:02.000>day. <00:04.500></v><v Bo>Hi.</v>\n",
        "a.vtt",
    )
    assert [(w.start_ms, w.end_ms, w.text) for w in anna.words] == [
        (1000, 2000, "Good"),
        (2000, 4500, "day."),
    ]
    assert (bo.start_ms, bo.end_ms, bo.speaker) == (4500, 5000, "Bo")


def test_the_language_that_a_webvtt_file_names_is_kept():
    data = b"WEBVTT\nKind: captions\nLanguage: ko\n\n00:01.000 --> 00:02.000\n\xea\xb0\x80\n"
    assert read_captions(data, filename="a.vtt").language == "ko"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            r"{\k20}Hel{\k30}lo {\kf50\c&H00&}world{\k10}!",
            [(1000, 1500, "Hello"), (1500, 2100, "world!")],
        ),
        (
            r"{\an8}{\K50}good\N{\ko50}day",
            [(1000, 1500, "good"), (1500, 2000, "day")],
        ),
        (r"{\k50}よ{\k50}る", [(1000, 1500, "よ"), (1500, 2000, "る")]),
    ],
)
def test_karaoke_times_of_ass_are_word_times(line, words):
    text = f"[Events]\nDialogue: 0,0:00:01.00,0:00:04.00,Default,Anna,0,0,0,,{line}"
    (cue,) = read(text, "a.ass")
    assert [(w.start_ms, w.end_ms, w.text) for w in cue.words] == words
    assert cue.speaker == "Anna"
    assert not any(word.estimated for word in cue.words)


def test_karaoke_that_does_not_fit_its_line_is_left_aside():
    text = r"[Events]" + "\n" + r"Dialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,{\k500}a {\k500}b"
    (cue,) = read(text, "a.ass")
    assert all(word.estimated for word in cue.words)


def segment(stream_map: str, text: str) -> str:
    return f"WEBVTT\n{stream_map}\n\n00:01.000 --> 00:03.000\n{text}\n\n"


@pytest.mark.parametrize(
    ("maps", "starts"),
    [
        (("LOCAL:00:00:00.000,MPEGTS:900000", "MPEGTS:1440000,LOCAL:00:00:00.000"), [1000, 7000]),
        (("LOCAL:00:00:00.000,MPEGTS:900000", "LOCAL:00:00:02.000,MPEGTS:1440000"), [1000, 5000]),
        # The clock begins again at 2^33.
        (("LOCAL:00:00.000,MPEGTS:8589844592", "LOCAL:00:00.000,MPEGTS:450000"), [1000, 7000]),
    ],
)
def test_segments_of_a_stream_are_placed_on_one_clock(maps, starts):
    said = ("Zebras <00:02.000>graze.", "Lions <00:02.000>sleep.")
    pairs = zip(maps, said, strict=True)
    cues = read(
        "".join(segment(f"X-TIMESTAMP-MAP={clock}", text) for clock, text in pairs), "a.vtt"
    )

    assert [cue.start_ms for cue in cues] == starts
    assert [cue.text for cue in cues] == ["Zebras graze.", "Lions sleep."]
    assert cues[1].words[1].start_ms == starts[1] + 1000
