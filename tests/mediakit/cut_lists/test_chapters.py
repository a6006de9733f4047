import csv
import io

from mediakit.cut_lists.chapters import (
    write_ffmetadata,
    write_markers_csv,
    write_webvtt_chapters,
    write_youtube_chapters,
)
from mediakit.cut_lists.cut import NamedCut, cut_source
from mediakit.cut_lists.edl import write_edl
from mediakit.cut_lists.fcpxml import write_fcpxml
from mediakit.subtitles.formats import read_captions
from tests.mediakit.cut_lists.sources import KINDS, source_of

CUTS = [
    NamedCut("Second; = a #2", ((3_723_000, 3_753_500),), "Why this"),
    NamedCut("First\nof --> <all>", ((20_000, 40_000), (50_000, 61_000))),
    NamedCut("Too near", ((25_000, 27_000),)),
    NamedCut("At the end", ((3_995_000, 3_999_000),)),
]


def test_youtube_takes_the_chapters():
    text = write_youtube_chapters(CUTS, title="The talk", duration_ms=4_000_000)

    # From 0, in order, each of ten seconds at least.
    assert text.splitlines() == [
        "0:00 The talk",
        "0:20 First of --> <all>",
        "1:02:03 Second; = a #2",
    ]


def test_a_cut_at_the_beginning_names_the_first_chapter():
    cuts = [NamedCut("Hello", ((400, 30_000),)), NamedCut("Then", ((30_000, 60_000),))]

    text = write_youtube_chapters(cuts, title="The talk", duration_ms=60_000)

    assert text.splitlines() == ["0:00 Hello", "0:30 Then"]


def test_webvtt_chapters_are_read_back():
    text = write_webvtt_chapters(CUTS)

    cues = read_captions(text.encode(), filename="chapters.vtt", language="en").cues
    assert [(cue.start_ms, cue.text) for cue in cues][:2] == [
        (20_000, "First of --> <all>"),
        (25_000, "Too near"),
    ]


def test_ffmetadata_escapes_what_ffmpeg_reads_as_its_own():
    text = write_ffmetadata(CUTS[:1], title="A=B")

    assert text.splitlines() == [
        ";FFMETADATA1",
        "title=A\\=B",
        "[CHAPTER]",
        "TIMEBASE=1/1000",
        "START=3723000",
        "END=3753500",
        "title=Second\\; \\= a \\#2",
    ]


def test_markers_stand_at_the_source_s_time_code():
    source = cut_source(KINDS["no sound, embedded time code"], "a.mov")  # 25 frames a second

    rows = list(csv.DictReader(io.StringIO(write_markers_csv(source, CUTS[:2]))))

    assert [row["Marker Name"] for row in rows] == ["First of --> <all>", "Second; = a #2"]
    assert rows[1]["In"] == "02:04:06:04"
    assert rows[1]["Out"] == "02:04:36:17"
    assert rows[1]["Duration"] == "00:00:30:13"
    assert rows[1]["Description"] == "Why this"


def test_a_title_ends_no_line_and_no_element():
    cuts = [NamedCut("One\r\n* LOC: x\x00\x1b</project>", ((0, 1_000),))]
    source = source_of("25")

    lines = write_edl(source, cuts, title="a\nb").splitlines()
    text = write_fcpxml(source, cuts, title="\ud800")

    assert [line for line in lines if line.startswith("* LOC")] == []
    assert "TITLE: a b" in lines
    assert "One * LOC: x &lt;/project&gt;" in text
    text.encode("utf-8")
