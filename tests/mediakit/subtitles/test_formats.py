"""Caption files in and out: what is understood, what is refused and with which line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.errors import InputError
from mediakit.subtitles.cues.markup import strip_ass_markup
from mediakit.subtitles.cues.raw_cues import CueFault
from mediakit.subtitles.formats import MAX_BYTES, extract_track, parse_captions, read_captions
from mediakit.text.transcript import Cue, Word
from tests.clips import info_of, make_clip
from tests.mediakit.conftest import ffmpeg


def srt(text: str, *, name: str = "captions.srt") -> list[Cue]:
    return parse_captions(text.encode(), filename=name)


def vtt(body: str) -> list[Cue]:
    return srt(f"WEBVTT\n\n{body}", name="captions.vtt")


def times(cues: list[Cue]) -> list[tuple[int, int]]:
    return [(cue.start_ms, cue.end_ms) for cue in cues]


def refusal(text: str, *, name: str = "captions.srt") -> tuple[object, object]:
    with pytest.raises(InputError) as caught:
        srt(text, name=name)
    assert caught.value.code == "CAPTIONS_INVALID"
    return caught.value.params["line"], caught.value.params["reason"]


SIMPLE = """1
00:00:01,000 --> 00:00:02,500
Hello there.

2
00:00:03,000 --> 00:00:04,000
Two
lines
"""


def test_a_subrip_file_is_read():
    first, second = srt(SIMPLE)
    assert (first.start_ms, first.end_ms, first.text) == (1000, 2500, "Hello there.")
    assert (second.text, [word.text for word in second.words]) == ("Two\nlines", ["Two", "lines"])
    assert all(word.estimated for word in first.words)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("00:00:01.5 --> 00:00:02.25", (1500, 2250)),
        ("0:01,000-->0:02,000", (1000, 2000)),
        ("00:00:01 -> 00:00:02", (1000, 2000)),
        ("100:00:01,000 --> 100:00:02,000 X1:40 X2:600 Y1:20 Y2:50", None),
        ("01:00:00,000 --> 01:00:01,999", (3_600_000, 3_601_999)),
    ],
)
def test_timings_are_read_as_people_write_them(stamp, expected):
    text = f"1\n{stamp}\nHi\n"
    if expected is None:
        assert refusal(text) == (2, "time_too_large")
    else:
        assert times(srt(text)) == [expected]


def test_missing_numbers_blank_lines_inside_and_windows_line_ends_are_forgiven():
    text = "00:00:01,000 --> 00:00:02,000\r\nOne\r\n\r\nstill one\r\n\r\n\r\n7\r\n"
    text += "00:00:03,000 --> 00:00:04,000\r\nTwo\r\n00:00:05,000 --> 00:00:06,000\r\n1984"
    assert [cue.text for cue in srt(text)] == ["One\nstill one", "Two", "1984"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("1\n00:00:xx,000 --> 00:00:04,000\nHi\n", 2, "bad_timing"),
        ("1\n00:00:01,000 --> soon\nHi\n", 2, "bad_timing"),
        ("1\n00:00:01,000 00:00:02,000\nHi\n", 2, "bad_timing"),
        ("1\n00:00:01,000 → later\nHi\n", 2, "bad_timing"),
        ("1\n00:00:03,000 --> 00:00:02,000\nHi\n", 2, "end_before_start"),
        ("1\n-00:00:03,000 --> -00:00:02,000\nHi\n", 2, "before_start"),
        ("1\n00:00:01,000 --> 00:00:02,000\n" + "a" * 5001, 2, "cue_too_long"),
        ("", 1, "no_cues"),
        ("1\n00:00:01,000 --> 00:00:02,000\n\n", 1, "no_cues"),
        ("Just a text about --> arrows.", 1, "no_cues"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, line, reason):
    assert refusal(text) == (line, reason)


def test_a_file_of_another_kind_is_refused():
    assert refusal("Dear diary.", name="notes.doc") == (1, "unknown_format")
    with pytest.raises(InputError) as caught:
        parse_captions(b"\x00\x01\x02\x03" * 50 + b"\x80", filename="a.srt")
    assert caught.value.params["reason"] in {"unknown_format", "no_cues"}
    with pytest.raises(InputError) as caught:
        parse_captions(b"a\x00\x00b --> c", filename="a.srt")
    assert caught.value.params["reason"] in {"unknown_format", "no_cues"}


def test_a_huge_file_is_refused_before_it_is_read():
    with pytest.raises(InputError) as caught:
        parse_captions(b" " * (MAX_BYTES + 1), filename="a.srt")
    assert caught.value.params == {"line": 1, "reason": "too_large"}


@pytest.mark.parametrize("kind", ["srt", "ass"])
def test_a_file_of_too_many_cues_is_refused(kind, monkeypatch):
    monkeypatch.setattr("mediakit.subtitles.cues.raw_cues.MAX_CUES", 1)
    text = SIMPLE if kind == "srt" else ASS
    line = 6 if kind == "srt" else 9
    assert refusal(text, name=f"a.{kind}") == (line, "too_many_cues")


def test_the_content_decides_when_the_name_does_not():
    assert times(srt(SIMPLE, name="captions")) == times(srt(SIMPLE))
    assert (
        srt("WEBVTT\n\n00:01.000 --> 00:02.000\nHi &amp; bye", name="a.srt")[0].text == "Hi & bye"
    )
    assert srt(ASS, name="a.srt")[0].text.startswith("Plain")


def test_style_markup_is_removed_and_everything_else_is_text():
    body = r"{\an8}{\b1}<i>Hello</i> <font color=\"red\">you</font> a < b & c > d<br>{sic}"
    assert (
        srt(f"1\n00:00:01,000 --> 00:00:02,000\n{body}")[0].text == "Hello you a < b & c > d\n{sic}"
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{ not a tag }",
        "${7*7} {{ 7*7 }} %s",
        "'; drop table cues; --",
    ],
)
def test_what_is_no_caption_tag_stays_as_it_was_written(hostile):
    assert srt(f"1\n00:00:01,000 --> 00:00:02,000\n{hostile}")[0].text == hostile


def test_override_blocks_never_survive_even_unclosed():
    body = "a{\\p1}b{\\fs300\\move(1,2,3,4)}c{\\unclosed"
    assert srt(f"1\n00:00:01,000 --> 00:00:02,000\n{body}")[0].text == "abc"


def test_control_characters_and_direction_marks_are_dropped():
    body = "a\x07b\u202ec\td\u00a0e \u200d f"
    assert srt(f"1\n00:00:01,000 --> 00:00:02,000\n{body}")[0].text == "abc d e \u200d f"


def test_webvtt_notes_styles_identifiers_settings_and_entities():
    cues = vtt(
        "STYLE\n::cue { color: red }\n\nNOTE\n00:09.000 --> 00:10.000\nnot a cue\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start line:0\n<c.loud>A &amp; B</c> &lt;i&gt; &#39;x&#39;\n\n"
        "stray words\n\n00:00:03.000 --> 00:00:04.000\n<v.loud Anna-Maria>Hi</v> <lang en>there</lang>\n"
    )
    assert [(cue.text, cue.speaker) for cue in cues] == [
        ("A & B <i> 'x'", ""),
        ("Hi there", "Anna-Maria"),
    ]


def test_inline_stamps_become_measured_words():
    (cue,) = vtt(
        "00:01.000 --> 00:03.000\n<i>One</i> <00:01.500>two <00:02.000><c>three four</c>\n"
    )
    assert cue.text == "One two three four"
    assert cue.words[:2] == (Word(1000, 1500, "One"), Word(1500, 2000, "two"))
    assert [(word.text, word.estimated) for word in cue.words[2:]] == [
        ("three", True),
        ("four", True),
    ]


def test_stamps_that_go_backwards_are_not_believed():
    (cue,) = vtt("00:01.000 --> 00:03.000\nOne <00:02.500>two <00:02.000>three\n")
    assert all(word.estimated for word in cue.words)


def test_cues_out_of_order_are_sorted_and_overlaps_end_where_the_next_begins():
    cues = vtt(
        "00:05.000 --> 00:09.000\nlast\n\n00:01.000 --> 00:06.000\nfirst\n\n"
        "00:03.000 --> 00:03.000\nno length\n"
    )
    assert [cue.text for cue in cues] == ["first", "no length", "last"]
    assert times(cues) == [(1000, 3000), (3000, 3500), (5000, 9000)]
    assert cues[0].words[-1].end_ms <= 3000


def test_measured_words_stay_inside_a_shortened_cue():
    cues = vtt("00:01.000 --> 00:06.000\na <00:05.000>b\n\n00:03.000 --> 00:04.000\nc\n")
    assert cues[0].words == (Word(1000, 3000, "a"), Word(3000, 3000, "b"))


def test_two_cues_of_one_moment_are_kept_apart_by_speaker_and_once_if_they_say_the_same():
    cues = vtt(
        "00:01.000 --> 00:02.000\n<v Ann>Hi\n\n00:01.100 --> 00:03.000\n<v Bob>Hello\n\n"
        "00:05.000 --> 00:06.000\n<v Ann>Bye\n\n00:05.000 --> 00:06.500\n<v Ann>Bye\n"
    )
    assert [(cue.text, cue.speaker, cue.end_ms) for cue in cues] == [
        ("Hi", "Ann", 2000),
        ("Hello", "Bob", 3000),
        ("Bye", "Ann", 6500),
    ]


def test_roll_up_captions_are_said_once():
    cues = vtt(
        "00:01.000 --> 00:03.000\none <00:02.000>two\n\n00:03.000 --> 00:03.010\none two\n\n"
        "00:03.010 --> 00:05.000\none two\nthree <00:04.000>four\n\n00:05.000 --> 00:05.010\nthree four\n\n"
        "00:05.010 --> 00:07.000\nthree four\nfive\n"
    )
    assert [cue.text for cue in cues] == ["one two", "three four", "five"]
    assert [word.text for cue in cues for word in cue.words] == [
        "one",
        "two",
        "three",
        "four",
        "five",
    ]


def test_a_line_said_twice_in_ordinary_captions_is_kept_twice():
    cues = vtt("\n\n".join(f"00:0{n}.000 --> 00:0{n}.900\nline {n // 4}" for n in range(1, 8)))
    assert len(cues) == 7


ASS = r"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,Ann,0,0,0,,Plain, with a comma{\i1} and\Ntags{\i0}\h!
Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\p1}m 0 0 l 100 100{\p0}shown
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\p1}m 0 0 l 100 100
Comment: 0,0:00:07.00,0:00:08.00,Default,,0,0,0,,not said
"""


def test_substation_alpha_is_read_without_drawings_and_comments():
    cues = srt(ASS, name="a.ass")
    assert [(cue.text, cue.speaker) for cue in cues] == [
        ("Plain, with a comma and\ntags !", "Ann"),
        ("shown", ""),
    ]
    assert times(cues) == [(1000, 2500), (3000, 4000)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"a{\pos(1,2)\b1}b", "ab"),  # \pos is a place, not a drawing
        (r"{\p1\pos(1,2)}m 0 0{\i1}l 5 5{\p0}b", "b"),
        (r"{\p2}m 0 0{\p0}a{\p4}m 1 1{\p0}b", "ab"),
        (r"{\p1\p0}a", "a"),
        (r"a{note}b", "ab"),
        (r"a\Nb\nc\hd", "a\nb\nc d"),
        (r"a {open", "a {open"),
    ],
)
def test_override_blocks_and_drawings_of_substation_alpha(text, shown):
    """What libass draws as shapes is no text; braces hide what stands in them."""
    assert strip_ass_markup(text) == shown


def test_substation_alpha_without_a_format_line_is_read_in_the_usual_order():
    lines = [line for line in ASS.split("\n") if not line.startswith("Format")]
    assert len(srt("\n".join(lines), name="a.ssa")) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("0:00:03.00", "whenever", 9, "bad_timing"),
        ("0:00:02.50", "0:00:00.50", 8, "end_before_start"),
        ("Dialogue: 0,0:00:01.00,", "Dialogue: ", 8, "bad_fields"),
        ("shown", "s" * 20_001, 9, "cue_too_long"),
    ],
)
def test_a_broken_substation_line_is_left_out_and_named(old, new, line, reason):
    text = ASS.replace(old, new).replace(", with a comma", "" if reason == "bad_fields" else ",")
    read = read_captions(text.encode(), filename="a.ass")
    assert (len(read.cues), read.dropped) == (1, 1)
    assert read.faults == (CueFault(line, reason),)


@given(st.binary(max_size=400), st.sampled_from(["a.srt", "a.vtt", "a.ass"]))
def test_any_bytes_are_read_or_refused(data, name):
    with contextlib.suppress(InputError):
        assert parse_captions(data, filename=name)


PIECES = ["1\n", "\n", "00:00:01,000 --> 00:00:02,000\n", "00:00:01.5 --> 00:00:09.5\n", "<b>x</b> ", "y\n",
          "<00:00:01.700>", "{\\p1}", "&amp;", "NOTE\n", "00:01 --> 00:00\n", "-->", "가 "]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_whatever_is_read_is_in_order_and_disjoint(pieces):
    for head in ("", "WEBVTT\n\n"):
        try:
            cues = srt(head + "".join(pieces))
        except InputError:
            continue
        edges = [edge for cue in cues for edge in (cue.start_ms, cue.end_ms)]
        assert edges == sorted(edges)
        for cue in cues:
            assert cue.start_ms < cue.end_ms
            assert cue.words
            assert all(cue.start_ms <= w.start_ms <= w.end_ms <= cue.end_ms for w in cue.words)


TRACK = "1\n00:00:00,200 --> 00:00:00,900\nHi <i>there</i> & {bye}\n"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("it's a: clip.mkv", {}),
        ("-a.mp4", {}),
        ("a.webm", {"codec": "libvpx-vp9"}),
        ("a.mkv", {"subtitle_codec": "ass"}),
    ],
)
def test_a_text_track_of_a_video_is_read(tmp_path, name, options):
    clip = make_clip(tmp_path / name, seconds=1, subtitles=TRACK, **options)
    info = info_of(clip)
    (cue,) = extract_track(str(clip), info, info.subtitles[0].index, tmp_path)
    # Some containers begin with the lead-in of the sound, and everything is so much later.
    assert (cue.start_ms, cue.end_ms) == (pytest.approx(200, abs=25), pytest.approx(900, abs=25))
    assert cue.words[0].text == "Hi"
    assert cue.text.startswith("Hi there")


@pytest.mark.parametrize(
    ("text", "encoding", "language"),
    [
        ("Zażółć gęślą jaźń, proszę państwa.", "cp1250", "pl"),
        ("Сегодня хорошая погода.", "cp1251", "ru"),
        ("Où est le café ?", "cp1252", ""),
    ],
)
def test_a_track_in_an_old_encoding_is_read(tmp_path, text, encoding, language):
    file = tmp_path / "old.srt"
    lines = f"1\n00:00:00,200 --> 00:00:00,900\n{text}\n\n2\n00:00:01,000 --> 00:00:01,500\nOk.\n"
    file.write_bytes(lines.encode(encoding))
    clip = tmp_path / "old.mkv"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=s=64x64:d=2",
        "-i",
        file,
        "-map",
        0,
        "-map",
        1,
        "-c:s",
        "copy",
        clip,
    )
    info = info_of(clip)
    cues = extract_track(str(clip), info, info.subtitles[0].index, tmp_path, language=language)
    assert [cue.text for cue in cues] == [text, "Ok."]


def test_only_a_text_track_can_be_read(tmp_path):
    clip = make_clip(tmp_path / "a.mkv", seconds=1, subtitles=TRACK)
    with pytest.raises(ValueError, match="stream 0"):
        extract_track(str(clip), info_of(clip), 0, tmp_path)


def test_captions_without_any_text_hold_no_cue():
    assert refusal("WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>\n", name="a.vtt") == (1, "no_cues")
