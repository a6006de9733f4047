"""`manage.py make_short`: the main job without a server, a database or a surprise."""

import json
from argparse import ArgumentTypeError
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from exports.rendering import attempt as attempts
from heimdex.standalone import short_framing
from heimdex.standalone.management.commands import make_short
from heimdex.standalone.management.commands.make_short import FAILED
from heimdex.standalone.times import REFUSED, ranges_ms, shift_ms, time_ms
from mediakit.asr.speech_index import VOICE_BIT, SpeechIndex
from mediakit.conformance.verification import Receipt
from mediakit.errors import ToolError
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.probing.probe import probe
from tests.mediakit.conftest import ffmpeg

SRT = """1
00:00:00,000 --> 00:00:01,000
Words before.

2
00:00:01,000 --> 00:00:02,000
These words are inside.

3
00:00:02,000 --> 00:00:04,000
some more and then the rest
"""


def run(video: Path, out: Path, *args: str, start: str = "0.5", end: str = "1.5") -> str:
    said = StringIO()
    call_command(
        *("make_short", str(video), "--start", start, "--end", end, "-o", str(out)),
        *("-v", "0", *args),
        stdout=said,
    )
    return said.getvalue()


def refusal(video: Path, out: Path, *args: str, **times: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(video, out, *args, **times)
    assert list(out.parent.glob(".short-*")) == []
    return caught.value


@pytest.fixture
def quick(monkeypatch) -> None:
    """No encode and no measuring."""

    def render(_source, _info, _spec, out: Path, **_options) -> None:
        out.write_bytes(b"a short")

    def verify(source, _info, spec, **_options) -> Receipt:
        size = Path(source).stat().st_size
        return Receipt(size, spec.duration_ms, 1080, 1920, Fraction(30000, 1001), 1, None, None, ())

    monkeypatch.setattr(attempts, "render_short", render)
    monkeypatch.setattr(attempts, "verify_short", verify)


def run_ranges(video: Path, out: Path, ranges: str, *args: str) -> str:
    said = StringIO()
    argv = ("make_short", str(video), "--ranges", ranges, "-o", str(out), "-v", "0")
    call_command(*argv, *args, stdout=said)
    return said.getvalue()


def test_several_ranges_are_kept(clip, tmp_path):
    out, captions = tmp_path / "out.mp4", tmp_path / "talk.srt"
    captions.write_text(SRT)

    said = run_ranges(clip, out, "0.2-1.08, 2-2.6", "--transcript", str(captions))

    assert "1.48 s" in said
    written = out.with_suffix(".srt").read_text()
    assert "before." in written
    assert "inside" not in written
    assert "some more" in written
    assert abs(probe(str(out)).duration_ms - 1_480) <= 40


@pytest.mark.parametrize(
    ("ranges", "args", "sentence"),
    [
        ("2-2.6,0.2-1", (), "end must be after the start"),
        ("0.2-1,0.9-2", (), "must follow one another"),
        ("0.2-1,2-9", (), "beyond the video's end"),
        ("0.2-1,2-2.6", ("--start", "1"), "Give --ranges, or --start and --end."),
    ],
)
def test_ranges_that_cannot_be_kept(clip, tmp_path, ranges, args, sentence):
    with pytest.raises(CommandError, match=sentence) as caught:
        run_ranges(clip, tmp_path / "out.mp4", ranges, *args)
    assert caught.value.returncode == REFUSED


@pytest.mark.parametrize("text", ["1-2-3", "4", "a-b", "1,2"])
def test_no_ranges(text):
    with pytest.raises(ArgumentTypeError):
        ranges_ms(text)


def test_a_short_needs_a_range(clip, tmp_path):
    with pytest.raises(CommandError, match="Give --start and --end, or --ranges"):
        call_command("make_short", str(clip), "-o", str(tmp_path / "out.mp4"))


def test_a_short_without_a_server(clip, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    out = tmp_path / "link" / "out.mp4"  # the check of a file follows no link
    captions = tmp_path / "talk.srt"
    captions.write_text(SRT)

    said = run(
        clip, out, "--strategy", "blur", "--quality", "medium", "--transcript", str(captions)
    )

    info = probe(str(out.resolve()))
    assert (info.video.width, info.video.height) == (1080, 1920)
    assert abs(info.duration_ms - 1_000) <= 100
    assert said.startswith(f"{out}: 1080x1920, 1 s, 25 fps, ")
    assert "LUFS" in said
    assert (tmp_path / "out.srt").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "out.mp4",
        "out.srt",
        "talk.srt",
    ]


@pytest.mark.usefixtures("quick")
def test_framing_is_chosen_as_in_the_api_and_knows_when_a_voice_is_heard(
    clip, tmp_path, monkeypatch
):
    specs, voices = [], []

    def render(_source, _info, spec, out: Path, **_options) -> None:
        specs.append(spec)
        out.write_bytes(b"a short")

    def planned(*args, speech, **options):
        voices.append(speech.voice_ms)
        return make_crop_plan(*args, speech=speech, **options)

    monkeypatch.setattr(attempts, "render_short", render)
    monkeypatch.setattr(short_framing, "make_crop_plan", planned)
    voice = SpeechIndex(bytes([VOICE_BIT + 80]) * 60 + bytes(40))
    monkeypatch.setattr(short_framing, "measure_speech", lambda _audio: voice)

    shots = {"shots": [{"at_s": 1, "layout": "crop", "focus": [0.1, 0.5]}]}
    run(clip, tmp_path / "out.mp4", "--framing", json.dumps(shots))

    (shot,) = specs[0].plan.shots
    assert (shot.layout, shot.chosen, shot.path[0].x < 0.4) == ("crop", True, True)
    assert voices == [((0, 600),)]  # of the range and of what is beside it
    error = refusal(clip, tmp_path / "no.mp4", "--framing", '{"two_people": "beside"}')
    assert "--framing: The framing's “layout” is not one that can be used." in str(error)


@pytest.mark.usefixtures("quick")
def test_captions_are_those_of_the_range_counted_from_its_start(clip, tmp_path):
    captions = tmp_path / "talk.srt"
    captions.write_text(SRT)

    said = run(clip, tmp_path / "out.mp4", "--transcript", str(captions), start="1", end="0:03")

    text = (tmp_path / "out.srt").read_text()
    assert "Words before" not in text
    assert "00:00:00,000 --> 00:00:01,000\nThese words are inside." in text
    assert "some more" in text
    assert "the rest" not in text
    assert "2 captions" in said
    assert "29.97 fps" in said


def test_captions_are_drawn_into_the_picture(clip, tmp_path):
    transcript = tmp_path / "talk.srt"
    transcript.write_text("1\n00:00:00,000 --> 00:00:03,000\nWWWWW WWWWW WWWWW\n")
    pictures = []
    for name, captions in (("plain", ()), ("drawn", ("--captions", "big"))):
        out = tmp_path / f"{name}.mp4"
        options = ("--strategy", "letterbox", "--quality", "medium", *captions)
        run(clip, out, "--transcript", str(transcript), *options)
        above_the_edge = "select=eq(n\\,12),crop=840:300:120:948,scale=84:30,format=gray"
        vf = ("-frames:v", 1, "-vf", above_the_edge, "-f", "rawvideo", "-")
        pictures.append(ffmpeg("-i", out, *vf))
    changed = [abs(one - other) > 60 for one, other in zip(*pictures, strict=True)]
    assert sum(changed) > 0.1 * len(changed)


@pytest.mark.usefixtures("quick")
def test_a_transcript_in_an_old_encoding_is_read_by_the_language_or_as_told(clip, tmp_path):
    transcript = tmp_path / "talk.srt"
    text = "1\n00:00:00,500 --> 00:00:01,500\nKraj je đak.\n"  # đ is ð and ğ in other encodings
    transcript.write_bytes(text.encode("cp1250"))
    out = tmp_path / "out.mp4"
    for options in (("--language", "hr"), ("--transcript-encoding", "cp1250")):
        run(clip, out, "--transcript", str(transcript), "--force", *options)
        assert "Kraj je đak." in (tmp_path / "out.srt").read_text()
    run(clip, out, "--transcript", str(transcript), "--force", "--transcript-encoding", "cp1254")
    assert "Kraj je ğak." in (tmp_path / "out.srt").read_text()


@pytest.mark.usefixtures("quick")
def test_a_transcript_is_moved_by_its_whole_hours_or_as_told(clip, tmp_path, capsys):
    transcript = tmp_path / "talk.srt"
    transcript.write_text("1\n01:00:01,000 --> 01:00:01,400\nHello.\n")
    out = tmp_path / "out.mp4"
    for options, start in (
        ((), "00:00:00,500"),
        (("--transcript-shift=-1:00:00.2",), "00:00:00,300"),
    ):
        run(clip, out, "--transcript", str(transcript), "--force", *options)
        assert f"{start} --> " in (tmp_path / "out.srt").read_text()
    assert "all captions moved by -3600 s" in capsys.readouterr().err
    run(clip, out, "--transcript", str(transcript), "--force", "--transcript-shift", "0")
    assert (tmp_path / "out.srt").read_text() == ""


@pytest.mark.usefixtures("quick")
def test_the_language_chooses_the_sound(tmp_path, monkeypatch):
    video = tmp_path / "two.mkv"
    sounds = ("-f", "lavfi", "-i", "sine=d=2", "-f", "lavfi", "-i", "sine=220:d=2")
    maps = (
        "-map",
        0,
        "-map",
        1,
        "-map",
        2,
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:1",
        "language=kor",
    )
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:d=2", *sounds, *maps, video)
    chosen = []

    def render(_source, info, _spec, out: Path, **_options) -> None:
        chosen.append(info.main_audio)
        out.touch()

    monkeypatch.setattr(attempts, "render_short", render)
    for language in ("", "ko"):
        run(video, tmp_path / "out.mp4", "--force", "--language", language)
    assert chosen == [1, 2]


@pytest.mark.usefixtures("quick")
def test_an_existing_file_is_only_overwritten_with_force(clip, tmp_path):
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")

    error = refusal(clip, out)

    assert "--force overwrites it" in str(error)
    assert error.returncode == REFUSED
    assert out.read_bytes() == b"mine"
    run(clip, out, "--force")
    assert out.read_bytes() == b"a short"


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"start": "2", "end": "1"}, "The end must be after the start."),
        ({"start": "30", "end": "40"}, "The start is beyond the video's end (0:03.000)."),
        ({"start": "1", "end": "3.1"}, "The end is beyond the video's end (0:03.000)."),
        ({"start": "1", "end": "1.2"}, "A Short is at least 0.5 seconds long."),
    ],
)
def test_ranges_that_make_no_short(clip, tmp_path, times, words):
    error = refusal(clip, tmp_path / "out.mp4", **times)

    assert (str(error), error.returncode) == (words, REFUSED)


@pytest.mark.usefixtures("quick")
def test_longer_than_180_seconds(clip, clip_info, tmp_path, monkeypatch):
    longer = replace(clip_info, duration_ms=400_000)
    monkeypatch.setattr(make_short, "probe", lambda _path, **_options: longer)

    error = refusal(clip, tmp_path / "out.mp4", start="0", end="180.001")

    assert str(error) == "A Short is at most 180 seconds long; this range is 180.001."
    run(clip, tmp_path / "out.mp4", start="1", end="3:01")

    card = tmp_path / "card.png"
    ffmpeg("-f", "lavfi", "-i", "color=s=64x36", "-frames:v", 1, card)
    error = refusal(
        *(clip, tmp_path / "b.mp4", "--outro", str(card), "--card-seconds", "4"),
        start="0",
        end="177",
    )
    assert str(error) == ("A Short is at most 180 seconds long; this range is 177 and its cards 4.")


def test_files_that_cannot_be_used(clip, tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("not a video at all\n" * 50)
    bad = tmp_path / "bad.srt"
    bad.write_text("no captions here")
    out = tmp_path / "out.mp4"

    missing = refusal(tmp_path / "none.mp4", out)
    assert (str(missing), missing.returncode) == (f"There is no file {tmp_path}/none.mp4.", REFUSED)
    assert refusal(text, out).returncode == REFUSED
    assert refusal(clip, out, "--transcript", str(bad)).returncode == REFUSED
    assert "There is no file" in str(refusal(clip, out, "--transcript", str(tmp_path / "none.srt")))
    assert "--transcript" in str(refusal(clip, out, "--captions", "pop"))
    assert "must end in .mp4" in str(refusal(clip, tmp_path / "out.mov"))
    assert "There is no folder" in str(refusal(clip, tmp_path / "none" / "out.mp4"))
    assert "own source" in str(refusal(clip, clip, "--force"))
    assert not out.exists()


def test_a_tool_that_fails_shows_its_words(clip, tmp_path, monkeypatch):
    def fail(*_args, **_options):
        raise ToolError("ffmpeg failed.", tool="ffmpeg", tail="the last words")

    monkeypatch.setattr(attempts, "render_short", fail)

    error = refusal(clip, tmp_path / "out.mp4")

    assert (str(error), error.returncode) == ("ffmpeg failed.\nthe last words", FAILED)


def test_a_disk_that_refuses_is_said_in_one_line(clip, tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError(28, "No space left on device", "out.mp4")

    monkeypatch.setattr(attempts, "render_short", refuse)

    error = refusal(clip, tmp_path / "out.mp4")

    assert (str(error), error.returncode) == ("No space left on device: out.mp4", FAILED)


@pytest.mark.parametrize(
    ("text", "ms"),
    [("42", 42_000), ("12.3456", 12_346), ("1:02.5", 62_500), ("1:00:02", 3_602_000)],
)
def test_times_as_people_write_them(text, ms):
    assert time_ms(text) == ms


@pytest.mark.parametrize(
    ("text", "ms"), [("-1:00:00", -3_600_000), ("-2.5", -2_500), ("+1", 1_000), ("0", 0)]
)
def test_times_with_a_sign(text, ms):
    assert shift_ms(text) == ms


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "soon", "nan"])
def test_what_is_no_time(text):
    with pytest.raises(ArgumentTypeError):
        time_ms(text)


def test_a_file_of_which_only_the_start_decodes_gives_a_short_of_its_start(tmp_path):
    """Only what the Short needs is decoded; where that fails, the file is looked at as a whole for the reason."""
    path = tmp_path / "start.mp4"
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=160x90:d=20", "-f", "lavfi", "-i", "sine=d=20")
    ffmpeg(*inputs, "-g", "25", "-movflags", "+faststart", path)
    data = path.read_bytes()
    at = len(data) // 5
    path.write_bytes(data[:at] + bytes(len(data) - at))

    run(path, tmp_path / "start-short.mp4", "--strategy", "center_crop")
    error = refusal(
        path, tmp_path / "late.mp4", "--strategy", "center_crop", start="15", end="15.6"
    )

    assert probe(str(tmp_path / "start-short.mp4")).duration_ms == 1_000
    assert (error.returncode, str(error)) == (REFUSED, "Most of the file cannot be decoded.")
