"""Plain text with times in the forms that people paste, and text without any."""

import pytest

from mediakit.errors import InputError
from mediakit.subtitles.formats import read_captions
from mediakit.subtitles.readers.plain_text import TextLine, read_lines


def read(text, name="a.txt"):
    return read_captions(text.encode(), filename=name)


def times(reading):
    return [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in reading.cues]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("00:12 Good morning.", "00:15 And good night."),
        ("0:12 - Good morning.", "0:15 - And good night."),
        ("[00:00:12] Good morning.", "[00:00:15] And good night."),
        ("(0:12)\tGood morning.", "(0:15)\tAnd good night."),
        ("[00:12.00]Good morning.", "[00:15.00]And good night."),
        ("00:00:12,000 | Good morning.", "00:00:15,000 | And good night."),
        ("0:12\nGood morning.", "0:15\nAnd good night."),
        ("0:12\n12 seconds\nGood morning.", "0:15\n15 seconds\nAnd good night."),
        ("0:12\n12초\nGood morning.", "0:15\n15초\nAnd good night."),
        ("  0:12\n\n  Good morning.\n", "  0:15\n\n  And good night.\n"),
        ("0:12 - 0:15 Good morning.", "0:15 - 0:20 And good night."),
        ("[00:12.000 --> 00:15.000]  Good morning.", "[00:15.000 --> 00:20.000]  And good night."),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "talk"])
def test_times_are_found_as_people_write_them(first, second, name):
    cues = read(f"{first}\n{second}\n", name).cues
    assert [(cue.start_ms, cue.text) for cue in cues] == [
        (12_000, "Good morning."),
        (15_000, "And good night."),
    ]
    assert cues[0].end_ms == 15_000


def test_speakers_stand_before_the_text_or_beside_the_time():
    before = (
        "[00:01:02.5] Anna: Hello. Note: this is text.\n[00:01:05] Bo Li: Hi.\n[00:01:08] Anna: So."
    )
    assert [(cue.start_ms, cue.text, cue.speaker) for cue in read(before).cues] == [
        (62_500, "Hello. Note: this is text.", "Anna"),
        (65_000, "Hi.", "Bo Li"),
        (68_000, "So.", "Anna"),
    ]
    above = "Anna Bell  0:03\nHello there.\nHow are you?\n\nSpeaker 2  0:07\nFine.\n"
    assert [(cue.text, cue.speaker) for cue in read(above).cues] == [
        ("Hello there.\nHow are you?", "Anna Bell"),
        ("Fine.", "Speaker 2"),
    ]
    once = "0:01 Warning: it is hot.\n0:04 We go on.\n0:08 And on."
    assert next((cue.text, cue.speaker) for cue in read(once).cues) == ("Warning: it is hot.", "")


def test_a_text_without_an_end_lasts_no_longer_than_it_takes_to_say():
    assert times(read("0:10 Hi.\n1:00 The end.\n")) == [
        (10_000, 10_000 + 2_000 + 160 * 3, "Hi.", ""),
        (60_000, 60_000 + 2_000 + 160 * 8, "The end.", ""),
    ]


def test_text_before_the_first_time_is_counted_with_its_line():
    reading = read("0:01 A\nb\n0:05 C")
    assert (times(reading)[0][2], reading.dropped) == ("A\nb", 0)
    titled = read("My talk\n0:01 A\n0:05 C\n0:08 D\n0:09 E\n0:10 F\n0:11 G\n0:12 H\n0:13 I")
    assert (titled.dropped, titled.faults[0].line, titled.faults[0].reason) == (
        1,
        1,
        "before_first_time",
    )


@pytest.mark.parametrize(
    "text",
    ["We met at 10:30 and left.\nNothing more.", "Chapter 1\n\nIt rained.", "0:99 no\n1:75 no"],
)
def test_a_text_without_times_says_so(text):
    with pytest.raises(InputError) as caught:
        read(text)
    assert caught.value.params["reason"] == "no_times"


def test_lines_without_times_keep_their_numbers_and_speakers():
    text = "Anna: Hello there.\n\nBo: Hi, Anna.\n---\nAnna: So.\n"
    assert read_lines(text) == [
        TextLine(1, "Hello there.", "Anna"),
        TextLine(3, "Hi, Anna.", "Bo"),
        TextLine(5, "So.", "Anna"),
    ]


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "no_cues", 1),
        ("---\n!!\n", "no_cues", 1),
        ("a\n" + "b" * 30_000, "cue_too_long", 2),
        ("a\n" * 100_001, "too_many_cues", 100_001),
    ],
)
def test_lines_that_cannot_be_used_are_refused(text, reason, line):
    with pytest.raises(InputError) as caught:
        read_lines(text)
    assert (caught.value.params["reason"], caught.value.params["line"]) == (reason, line)
