"""What real captions files brought: each kind of oddity keeps every word and its time."""

import pytest

from mediakit.subtitles.cues.raw_cues import CueFault
from mediakit.subtitles.formats import CaptionsReading, parse_captions, read_captions
from mediakit.text.transcript import Cue


def read(text: str, *, name: str = "a.srt", frame_rate: float = 0.0) -> CaptionsReading:
    return read_captions(text.encode(), filename=name, frame_rate=frame_rate)


def vtt(body: str) -> list[Cue]:
    return parse_captions(f"WEBVTT\n\n{body}".encode(), filename="a.vtt")


def texts(reading: CaptionsReading) -> list[str]:
    return [cue.text for cue in reading.cues]


def test_automatic_captions_of_youtube_keep_every_line_and_word_time():
    """Each line comes three times: with word times, for 10 ms, and above the next line."""
    cues = vtt(
        "00:00:00.160 --> 00:00:02.469 align:start position:0%\n \n"
        "good<00:00:00.560><c> morning</c><00:00:01.520><c> friends</c>\n\n"
        "00:00:02.469 --> 00:00:02.479 align:start position:0%\ngood morning friends\n \n\n"
        "00:00:02.479 --> 00:00:05.030 align:start position:0%\ngood morning friends\n"
        "today<00:00:02.879><c> we</c><00:00:03.199><c> plant</c>\n\n"
        "00:00:05.030 --> 00:00:05.040 align:start position:0%\ntoday we plant\n \n\n"
        "00:00:09.000 --> 00:00:11.000 align:start position:0%\n \n"
        "the<00:00:09.600><c> end</c>"
    )
    assert [cue.text for cue in cues] == ["good morning friends", "today we plant", "the end"]
    assert [(w.start_ms, w.end_ms, w.text) for cue in cues for w in cue.words] == [
        (160, 560, "good"),
        (560, 1520, "morning"),
        (1520, 2469, "friends"),
        (2479, 2879, "today"),
        (2879, 3199, "we"),
        (3199, 5030, "plant"),
        (9000, 9600, "the"),
        (9600, 11000, "end"),
    ]
    assert not any(word.estimated for cue in cues for word in cue.words)


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r\n"])
def test_a_file_with_an_empty_line_after_each_is_read_as_it_was(end):
    lines = ["1", "00:00:01,000 --> 00:00:02,500", "Hello everyone.", "and all", ""]
    lines += ["2", "00:00:03,000 --> 00:00:04,500", "Second line.", "", ""]
    assert texts(read(end.join(lines))) == ["Hello everyone.\nand all", "Second line."]
    web = [
        "WEBVTT",
        "",
        "00:01.000 --> 00:02.000",
        "Hello",
        "all",
        "",
        "00:03.000 --> 00:04.000",
        "Bye",
    ]
    assert texts(read(end.join(web), name="a.vtt")) == ["Hello\nall", "Bye"]


def test_numbers_and_marks_of_joined_files_are_no_text():
    one = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\n1984"
    two = "\ufeff1\r\n00:00:05,000 --> 00:00:06,000\r\nTwo\r\n\r\n\r\n2\r\n\r\n"
    assert texts(read(f"{one}\n{two}")) == ["One", "1984", "Two"]


def test_a_number_that_is_said_stays_where_cues_are_not_numbered():
    text = "00:00:01,000 --> 00:00:02,000\n42\n\n00:00:03,000 --> 00:00:04,000\nis it\n7"
    assert texts(read(text)) == ["42", "is it\n7"]


def test_character_references_are_decoded_once():
    body = "It&#8217;s 5&#x2019;s caf&eacute; &hellip; R&amp;D &gt;&gt; &amp;lt; &nbsp;ok &nothing; A&B;"
    right = "It’s 5’s café … R&D >> &lt; ok &nothing; A&B;"
    assert texts(read(f"1\n00:00:01,000 --> 00:00:02,000\n{body}")) == [right]
    assert [cue.text for cue in vtt(f"00:01.000 --> 00:02.000\n{body}")] == [right]


def test_one_bad_cue_is_left_out_and_counted():
    found = read(
        "1\n00:00:01,000 --> 00:00:02,500\nGood one.\n\n2\n00:00:05,000 --> 00:00:04,000\nReversed.\n\n"
        "3\n00:00:xx,000 --> 00:00:06,500\nBroken.\n\n4\n-00:00:03,000 --> -00:00:02,000\nBefore.\n\n"
        "5\n999:00:00,000 --> 999:00:01,000\nFar.\n\n6\n00:00:06,000 --> 00:00:07,000\nGood again."
    )
    assert texts(found) == ["Good one.", "Good again."]
    assert (found.dropped, found.clamped) == (4, 0)
    assert found.faults == (
        CueFault(6, "end_before_start"),
        CueFault(10, "bad_timing"),
        CueFault(14, "before_start"),
        CueFault(18, "time_too_large"),
    )


def test_a_cue_that_begins_before_the_video_begins_with_it():
    found = read("1\n-00:00:01,200 --> 00:00:00,800\nBefore the beginning.\n")
    assert [(cue.start_ms, cue.end_ms) for cue in found.cues] == [(0, 800)]
    assert (found.clamped, found.faults) == (1, (CueFault(2, "before_start", clamped=True),))


@pytest.mark.parametrize(
    ("stamps", "frame_rate", "times"),
    [
        ("00:00:01:12 --> 00:00:02:24", 0.0, (1480, 2960)),
        ("00:00:01:12 --> 00:00:02:24", 30000 / 1001, (1401, 2803)),
        ("00:00:01;12 --> 00:00:02;29", 0.0, (1401, 2970)),
        ("00:00:01:12 --> 00:00:02:49", 25.0, (1240, 2980)),  # cannot be the video's rate
        ("00:00:01:120 --> 00:00:02:500", 25.0, (1120, 2500)),
    ],
)
def test_a_fourth_field_counts_frames(stamps, frame_rate, times):
    (cue,) = read(f"1\n{stamps}\nHi\n", frame_rate=frame_rate).cues
    assert (cue.start_ms, cue.end_ms) == times


def test_two_who_speak_at_once_keep_their_own_time():
    cues = vtt(
        "00:01.000 --> 00:07.000\n<v Ann>I would like to say this without a break</v>\n\n"
        "00:03.000 --> 00:04.000\n<v Bob>Wait\n\n00:08.000 --> 00:09.000\n<v Ann>Thanks"
    )
    assert [(cue.start_ms, cue.end_ms, cue.speaker) for cue in cues] == [
        (1000, 7000, "Ann"),
        (3000, 4000, "Bob"),
        (8000, 9000, "Ann"),
    ]
    assert cues[0].words[-1].start_ms > 6000


def test_a_long_overlap_is_two_voices_also_without_names_but_rolling_lines_are_not():
    said = "\n\n".join(f"00:{at}.000 --> 00:{at + 2}.000\nline {at}" for at in range(20, 40, 2))
    assert (
        vtt(f"00:01.000 --> 00:07.000\none\n\n00:03.000 --> 00:04.500\ntwo\n\n{said}")[0].end_ms
        == 7000
    )
    rolling = vtt(
        "\n\n".join(f"00:{at}.000 --> 00:{at + 5}.000\nline {at}" for at in range(20, 40, 2))
    )
    assert all(cue.end_ms - cue.start_ms == 2000 for cue in rolling[:-1])


@pytest.mark.parametrize(
    "ruby",
    [
        "<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby> reading",
        "<ruby>漢<rt>kan<rt>字</ruby>字 reading",
        "<ruby>漢<rp>(</rp><rt.small>kan</rt><rp>)</rp>字</ruby> reading",
    ],
)
def test_what_stands_above_the_base_text_is_not_said_twice(ruby):
    assert [cue.text for cue in vtt(f"00:01.000 --> 00:02.000\n{ruby}")] == ["漢字 reading"]


@pytest.mark.parametrize("arrow", ["-->", "->", "- ->", "-- >"])
def test_spaces_that_translation_programs_put_into_timings_are_no_fault(arrow):
    text = f"1\n00: 00: 01,000 {arrow} 00: 00: 02, 500\nHello.\n\n2\n00:00:03,000 {arrow} 00:00:04,000\nTwo.\n"
    reading = read_captions(text.encode(), filename="a.srt")
    assert [(cue.start_ms, cue.end_ms) for cue in reading.cues] == [(1000, 2500), (3000, 4000)]
    assert (reading.dropped, reading.cues[0].text) == (0, "Hello.")
