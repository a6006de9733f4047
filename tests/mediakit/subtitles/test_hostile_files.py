"""Any bytes give a transcript or a typed error, in bounded time."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mediakit.errors import InputError
from mediakit.subtitles.detection import SUFFIXES
from mediakit.subtitles.formats import CaptionsReading, read_captions
from mediakit.subtitles.readers.plain_text import read_lines

NAMES = [f"a.{suffix}" for suffix in SUFFIXES] + ["a", "a.bin"]
MIB = 1024**2

WORD = {"word": " two", "start": 0.5, "end": 0.9, "speaker": "SPEAKER_00", "score": 0.5}
SEGMENT = {"start": 0.5, "end": 1.6, "text": " One two", "words": [WORD, {"word": "x"}]}
SAMPLES = [
    "1\n00:00:01,000 --> 00:00:02,000\n<i>Hi</i> {\\an8}&amp;\n\n2\n00:00:03:04 --> 00:00:04:00\nYou\n",
    "WEBVTT\nLanguage: en\n\n00:01.000 --> 00:02.000 line:0\n<v Ann>One <00:01.500><c>two</c></v>\n<v Bo>x\n",
    "[Script Info]\n[Events]\nFormat: Start, End, Name, Text\nDialogue: 0:00:01.00,0:00:02.00,Ann,{\\k20}a{\\k30}b\n",
    "0:00:00.599,0:00:04.160\n>> ALICE: Hi\n\n0:00:04.160,0:00:06.770\nEnd.",
    '<tt xmlns="a" ttp:tickRate="10"><p begin="1t" end="00:00:02:01"><span begin="0s">a</span><br/>b</p></tt>',
    '<timedtext format="3"><p t="160" d="2300"><s>a</s><s t="400"> b</s></p></timedtext>',
    '<transcript><text start="0.1" dur="2">a &amp;amp; b</text></transcript>',
    json.dumps(
        {"events": [{"tStartMs": 1, "dDurationMs": 9, "segs": [{"utf8": "a"}, {"utf8": "b"}]}]}
    ),
    json.dumps({"segments": [SEGMENT], "words": [WORD], "language": "en"}, indent=0),
    json.dumps(
        {"chunks": [{"timestamp": [0, None], "text": "a"}, {"timestamp": [1, 2], "text": "b c"}]}
    ),
    json.dumps({"transcription": [{"offsets": {"from": 1, "to": 2}, "text": "a"}]}),
    "{1}{1}23.976\n{25}{50}{y:i}One|row\n[10][20]/Two\n00:00:01:Three\n",
    "[10][20]/One|row\n[30][]Two\n",
    "00:00:01:One|row\n00:00:02:\n",
    'start,end,text,speaker\n1.0,2,"One\nrow",Ann\n0:03,00:00:04:12,Two\n',
    "<SAMI><STYLE>.KRCC {lang:ko-KR}</STYLE><SYNC Start=1><P Class=KRCC>a<br>b<SYNC Start=9><P>&nbsp;</SAMI>",
    "[00:01:02.5] Anna: Hi.\n0:12 - 0:15 Bo: x\nAnna  0:20\nsay\n1 minute, 5 seconds\n",
]
# What makes numbers, brackets and names of these formats invalid, huge or endless.
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["-->", "\n\n", "<v ", "{\\k", "]]>", "<!", "&#", "\0", "9" * 40, "1e999", "NaN", "null"]
    ),
    st.sampled_from(
        [
            "{}",
            "[]",
            "-1",
            '"',
            "<br/>",
            "</p>",
            "0:00",
            ":99",
            "\ud7ff",
            "\r",
            "\u2028",
            "true",
            "}",
        ]
    ),
)


def check_error(error: InputError) -> None:
    line = error.params["line"]
    assert isinstance(line, int)
    assert line >= 1
    assert error.params["reason"]


def read(data: bytes, name: str) -> CaptionsReading | None:
    """The reading, whose promises are checked; None for a typed error, which names a line."""
    try:
        reading = read_captions(data, filename=name)
    except InputError as error:
        check_error(error)
        return None
    assert reading.cues
    starts = [cue.start_ms for cue in reading.cues]
    assert starts == sorted(starts)
    for cue in reading.cues:
        assert 0 <= cue.start_ms <= cue.end_ms
        assert cue.text
        assert all(cue.start_ms <= w.start_ms <= w.end_ms <= cue.end_ms for w in cue.words)
    return reading


@st.composite
def damaged_files(draw):
    """A file of a known format with up to six pieces of it replaced."""
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 6))):
        first = draw(st.integers(0, len(text)))
        last = min(len(text), first + draw(st.integers(0, 12)))
        text = text[:first] + draw(PIECES) + text[last:]
    return text.encode("utf-8", "ignore")


@given(data=st.one_of(st.binary(max_size=300), damaged_files()), name=st.sampled_from(NAMES))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_give_a_transcript_or_a_typed_error(data, name):
    read(data, name)


@given(text=st.text(max_size=200))
def test_any_text_gives_lines_or_a_typed_error(text):
    try:
        lines = read_lines(text)
    except InputError as error:
        check_error(error)
    else:
        assert all(line.text for line in lines)


def filled(head: str, body: str, tail: str = "") -> str:
    """A file of almost half a MiB that repeats `body`: work that grows faster than the file would not end in the time
    of a test.
    """
    return head + body * ((MIB // 2 - len(head) - len(tail)) // len(body.encode())) + tail


CUE = "00:00:01,000 --> 00:00:02,000"
HUGE = {
    "one line.srt": filled(f"1\n{CUE}\n", "a "),
    "one line of digits.srt": filled("0:", "1"),
    "one line of digits.txt": filled("0:", "1"),
    "one line of spaces.txt": filled("0:01", " "),
    "one line.txt": filled("", "a"),
    "name.txt": filled("A", "a "),
    "arrows.srt": filled(f"1\n{CUE}\n", "0:0 -->"),
    "brackets.srt": filled(f"1\n{CUE}\n", "<i "),
    "braces.srt": filled(f"1\n{CUE}\n", "{\\"),
    "ruby.srt": filled(f"1\n{CUE}\n", "<rt>"),
    "references.srt": filled(f"1\n{CUE}\n", "&amp;"),
    "cues.srt": filled("", f"{CUE}\nab\n\n"),
    "overlaps.vtt": filled(
        "WEBVTT\n\n", "00:01.000 --> 50:00.000\n<v A>ab\n\n00:02.000 --> 50:00.000\n<v B>c\n\n"
    ),
    "stamps.vtt": filled("WEBVTT\n\n00:01.000 --> 00:02.000\n", "a<00:01.500>"),
    "voices.vtt": filled("WEBVTT\n\n00:01.000 --> 00:02.000\n", "<v A>b<v B>c"),
    "karaoke.ass": filled("[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,", "{\\k1}a"),
    "lines.sbv": filled("0:00:00.599,0:00:04.160\n", "a\n"),
    "depth.json": filled("", "["),
    "depth.ttml": filled("<tt>", "<p>"),
    "parts.ttml": filled("<tt>", '<p begin="1s" end="2s"/>', "</tt>"),
    "cues.ttml": filled("<tt>", '<p begin="1s" end="2s">a</p>', "</tt>"),
    "text.ttml": filled('<tt><p begin="1s" end="2s">', "a ", "</p></tt>"),
    "spans.ttml": filled('<tt><p begin="1s" end="2s">', '<span begin="0s">a</span>', "</p></tt>"),
    "words.srv3": filled('<timedtext><p t="1" d="9">', '<s t="1">a</s>', "</p></timedtext>"),
    "number.json": filled('{"segments": [{"start": ', "9", "}]}"),
    "words.json": filled('{"words": [', '{"word": "a", "start": 1, "end": 2},', '{"word": "b"}]}'),
    "untimed words.json": filled('{"words": [', '{"word": "a"},', '{"word": "b"}]}'),
    "segments.json": filled("[", '{"start": 1, "end": 2, "text": "a"},', "{}]"),
    "frames.sub": filled("", "{1}{2}a|b\n"),
    "styles.sub": filled("{1}{2}", "{y:"),
    "columns.csv": filled("start,text\n", "1,"),
    "sync.smi": filled("<SAMI>", "<SYNC Start=1><P Class=A>a"),
    "comments.smi": filled("<SAMI><SYNC Start=1><P>", "<!--"),
    "open.smi": filled("<SAMI>", "<SYNC "),
    "style.smi": filled("<SAMI>", ".A { lang"),
    "spaces.smi": filled("<SAMI>", "<SYNC Start=1><P>" + " " * 15_000),
    "arrows.txt": filled("", "1.5 --> "),
    "times.txt": filled("", "0:01 a\n"),
    "speakers.txt": filled("", "0:01 Anna: a\n"),
}


@pytest.mark.parametrize("name", HUGE)
def test_large_files_are_read_or_refused_in_bounded_time(name):
    read(HUGE[name].encode(), name)


def test_a_line_of_100_mb_is_refused_by_its_size():
    with pytest.raises(InputError) as caught:
        read_captions(b"a" * (100 * MIB), filename="a.txt")
    assert caught.value.params["reason"] == "too_large"
