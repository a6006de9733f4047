"""Formats of players and tables, timecodes of NTSC video, and timings as people and programs write them."""

import pytest

from mediakit.errors import InputError
from mediakit.subtitles.cues.clock_offset import clock_offset_ms
from mediakit.subtitles.formats import CaptionsReading, read_captions

NTSC, FILM = 30_000 / 1001, 24_000 / 1001


def read(text: str, name: str = "a.srt", *, frame_rate: float = 0.0) -> CaptionsReading:
    return read_captions(text.encode(), filename=name, frame_rate=frame_rate)


def cues(reading: CaptionsReading) -> list[tuple[int, int, str]]:
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in reading.cues]


TWO = [(1000, 2000, "One\nrow"), (3000, 4000, "Two")]


@pytest.mark.parametrize(
    ("name", "text", "frame_rate"),
    [
        ("a.sub", "{25}{50}One|row\n{75}{100}{y:i}Two\n", 0.0),
        ("a.txt", "{50}{100}{C:$0000FF}One|row\n{150}{200}Two\n", 50.0),
        ("a.sub", "{1}{1}20\n{20}{40}One|row\n{60}{80}Two\n", 25.0),
        ("a.txt", "[10][20]/One|/row\n[30][40]Two\n", 0.0),
        ("a.txt", "00:00:01:One|row\n00:00:02:\n00:00:03:Two\n00:00:04:\n", 0.0),
        (
            "a.sub",
            (
                "[INFORMATION]\n[TITLE]x\n[END INFORMATION]\n[SUBTITLE]\n[COLF]&HFFFFFF,[SIZE]18\n"
                "00:00:01.00,00:00:02.00\nOne[br]row\n\n00:00:03.00,00:00:04.00\nTwo\n"
            ),
            0.0,
        ),
        (
            "a.sub",
            (
                "[TITLE]\nx\n[AUTHOR]\n[DELAY]\n1\n[CD TRACK]\n0\n[BEGIN]\n******** START SCRIPT ********\n"
                "[00:00:00]\nOne|row\n[00:00:01]\n\n[00:00:02]\nTwo\n[00:00:03]\n\n[END]\n******** END\n"
            ),
            0.0,
        ),
        ("a.tsv", "start\tend\ttext\n1000\t2000\tOne<br>row\n3000\t4000\tTwo\n", 0.0),
        ("a.csv", 'Start,End,Text\n1.0,2,"One\nrow"\n0:03,00:00:04.000,Two\n', 0.0),
        (
            "a.csv",
            'Start Time;End Time;Text\n00:00:01:00;00:00:02:00;"One\nrow"\n00:00:03:00;00:00:04:00;Two',
            25.0,
        ),
        (
            "a.smi",
            (
                "<SAMI><BODY>\n<SYNC Start=1000><P Class=KRCC>One<br>row\n<SYNC Start=2000><P Class=KRCC>&nbsp;\n"
                '<sync start="3000"><p class=KRCC><font color=red>Two</font>\n<SYNC Start=4000><P>&nbsp;</BODY></SAMI>'
            ),
            0.0,
        ),
    ],
)
def test_formats_of_players_and_tables(name, text, frame_rate):
    reading = read(text, name, frame_rate=frame_rate)
    found = cues(reading)
    # The end of SAMI's last text is of another class here, so it lasts as long as it takes to say.
    assert (found[0], found[1][0], found[1][2]) == (TWO[0], 3000, "Two")
    assert found[1][1] == 4000 or name == "a.smi"
    assert reading.dropped == 0


def test_a_table_names_speakers_and_drops_rows_without_a_time():
    reading = read("Speaker Name,Start Time,Text\nAnn,1,Hi\nBob,soon,x\n,3,Ho\n", "a.csv")
    assert [(cue.start_ms, cue.speaker, cue.text) for cue in reading.cues] == [
        (1000, "Ann", "Hi"),
        (3000, "", "Ho"),
    ]
    assert [(fault.line, fault.reason) for fault in reading.faults] == [(3, "bad_timing")]


def test_of_several_languages_in_sami_the_one_with_most_texts_is_read():
    head = "<SAMI><HEAD><STYLE><!-- .ENCC {Name:E; lang:en-US;} .KRCC {Name:K; lang: ko-KR;} --></STYLE></HEAD><BODY>"
    body = (
        "<SYNC Start=1000><P Class=ENCC>Hi<P Class=KRCC>안녕\n<SYNC Start=2000><P Class=KRCC>둘 &amp; 셋\n"
        "<SYNC Start=3000><P Class=KRCC>&nbsp;"
    )
    reading = read(head + body, "a.smi")
    assert (cues(reading), reading.language) == (
        [(1000, 2000, "안녕"), (2000, 3000, "둘 & 셋")],
        "ko-kr",
    )


def test_karaoke_files_time_their_words_and_name_their_song():
    reading = read("[ti:Song]\n[00:01.00]<00:01.00>One <00:01.50>two\n[00:03.00]End\n", "a.lrc")
    assert [cue.text for cue in reading.cues] == ["One two", "End"]
    assert [(word.text, word.start_ms) for word in reading.cues[0].words] == [
        ("One", 1000),
        ("two", 1500),
    ]
    assert reading.dropped == 0


@pytest.mark.parametrize(
    ("stamp", "frame_rate", "start_ms"),
    [
        ("01:00:00:00", NTSC, 3_603_600),  # 108,000 frames, non-drop
        ("01:00:00;00", NTSC, 3_600_000),  # 107,892 frames, drop-frame: 3.6 ms short of the hour
        ("00:01:00;02", NTSC, 60_060),  # the first number after the minute: frame 1,800
        ("00:00:59;29", NTSC, 60_027),
        ("00:10:00;00", 0.0, 599_999),
        ("01:00:00:00", FILM, 3_603_600),
        ("01:00:00:00", 25.0, 3_600_000),
        ("01:00:00:00", 0.0, 3_600_000),
        ("01:00:00:12", 24.0, 3_600_500),
        ("01:00:00,000", NTSC, 3_600_000),
    ],
)
def test_timecodes_of_ntsc_video_count_its_frames(stamp, frame_rate, start_ms):
    end = stamp[:1] + "2" + stamp[2:]
    (cue,) = read(f"1\n{stamp} --> {end}\nHi\n", frame_rate=frame_rate).cues
    assert cue.start_ms == pytest.approx(start_ms, abs=4)


def test_an_hour_of_a_slow_clock_is_taken_off_whole():
    reading = read("1\n01:00:01:00 --> 01:00:02:00\nHi\n", frame_rate=NTSC)
    assert clock_offset_ms(reading.cues, 10_000, hour_ms=reading.hour_ms) == 3_603_600


@pytest.mark.parametrize(
    "timing",
    [
        "0:01.5 --> 0:03",
        "00:00:01,500 → 00:00:03,000",
        "00:00:01,500 –> 00:00:03,000",
        "00:00:01,500 ==> 00:00:03,000",
        "00:00:01,500 --&gt; 00:00:03,000",
        "00：00：01，500 --＞ 00：00：03，000",
        "00.00.01,500 --> 00.00.03,000",
        "00:00:01'500 --> 00:00:03'000",
        "1.5 --> 3",
        "1) 00:00:01,500 --> 00:00:03,000",
        "00:00:01.500-->00:00:03.000 X1:40 X2:600 Y1:20 Y2:50",
        "00:00:01.500 --> 00:00:03.000 align:start position:0%",
    ],
)
def test_timings_are_read_as_people_and_programs_write_them(timing):
    reading = read(f"1\n{timing}\nHi\n\n2\n00:00:04,000 --> 00:00:05,000\nYou\n")
    assert cues(reading) == [(1500, 3000, "Hi"), (4000, 5000, "You")]
    assert reading.dropped == 0


def test_text_on_the_line_of_its_timing_is_text():
    text = "1\n00:00:01,000 --> 00:00:02,000 Anna: One，two\nrow\n\n2\n00:00:03,000 --> 00:00:04,000 &gt; Two\n"
    assert [cue.text for cue in read(text).cues] == ["Anna: One，two\nrow", "> Two"]


@pytest.mark.parametrize(
    "line", ["1 > 2 and 3", "from 1 --> 2", "a → b", "0:01 is earlier than 0:03 -> good"]
)
def test_text_with_arrows_and_numbers_is_no_timing(line):
    text = f"1\n00:00:01,000 --> 00:00:02,000\n{line}\n"
    try:
        assert [cue.text for cue in read(text).cues] == [line]
    except InputError as error:
        pytest.fail(str(error))
