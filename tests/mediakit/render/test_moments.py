"""Which moment a Short shows, in picture and sound, for every container and every kind of clock.

The source tells the time itself: a bright line sinks through the picture once in 4.5 s, and the tone rises by 100 Hz a
second. Both are measured in the finished Short by means that are not ours.
"""

import functools
import statistics
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from mediakit.conformance.verification import verify_short
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.probing.timeline import with_timeline
from mediakit.render.short import ShortSpec, render_short
from mediakit.scenes.first_pass import run_first_pass
from tests.mediakit.conftest import ffmpeg

SECONDS = 23
ROWS, PERIOD_S = 360, 4.5
LOWEST_HZ, HZ_PER_S = 300, 100
SHORT_MS = 500
RATE = 48_000

CONTAINERS = {
    "ts": ("-c:v", "libx264", "-c:a", "aac"),
    "m2ts": ("-c:v", "libx264", "-c:a", "ac3"),
    "mpg": ("-c:v", "mpeg2video", "-b:v", "2M", "-c:a", "mp2"),
    "vob": ("-c:v", "mpeg2video", "-b:v", "2M", "-c:a", "ac3"),
    "mkv": ("-c:v", "libx264", "-c:a", "aac"),
    "webm": (
        *("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "16", "-b:v", "1M"),
        *("-static-thresh", "1000", "-c:a", "libopus"),
    ),
    "mp4": ("-c:v", "libx264", "-c:a", "aac"),
    "mov": ("-c:v", "libx264", "-c:a", "aac"),
    "avi": ("-c:v", "libx264", "-bf", "0", "-c:a", "libmp3lame"),
    "flv": ("-c:v", "libx264", "-c:a", "aac"),
}


@pytest.fixture(scope="session")
def clock(tmp_path_factory):
    """A maker of sources that tell the time: `clock(name, seconds, *options)`. Line and tone are computed once."""
    folder = tmp_path_factory.mktemp("clock")
    line = f"lt(abs(Y-mod(T*{ROWS}/{PERIOD_S},{ROWS})),6)"
    picture = f"color=s=204x{ROWS}:r=25,format=yuv420p,geq=lum='if({line},220,30)':cb=128:cr=128"
    sound = f"aevalsrc='0.5*sin(2*PI*({LOWEST_HZ}*t+{HZ_PER_S / 2}*t*t))':s={RATE}"
    exact = folder / "exact.nut"
    inputs = ("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", SECONDS)
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-qp", 0, "-c:a", "pcm_f64le", exact)

    def make(name: str, *options: object, seconds: float = SECONDS) -> Path:
        path = folder / name
        if not path.exists():
            coding = ("-g", 50, "-preset", "ultrafast", "-crf", 10)
            ffmpeg("-i", exact, "-t", seconds, *coding, *options, path)
        return path

    return make


@pytest.fixture(scope="session")
def joined(clock, tmp_path_factory):
    """A maker of transport streams that are joined of several, each with a clock that starts at the given time."""
    folder = tmp_path_factory.mktemp("joined")

    def make(*starts_s: float, seconds: float = 13) -> Path:
        path = folder / f"{'-'.join(map(str, starts_s))}.ts"
        pieces = (
            clock(f"at-{start}.ts", *CONTAINERS["ts"], "-output_ts_offset", start, seconds=seconds)
            for start in starts_s
        )
        path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
        return path

    return make


@functools.cache
def info_of(path: Path) -> MediaInfo:
    return with_timeline(str(path), probe(str(path)))


def made(path: Path, out: Path, start_s: float) -> Path:
    """A Short from that second on, with everything a Short must be."""
    info = info_of(path)
    start_ms = round(start_s * 1000)
    spec = ShortSpec(start_ms=start_ms, end_ms=start_ms + SHORT_MS, quality="medium")
    render_short(str(path), info, spec, out, timeout_s=120)
    verify_short(str(out), info, spec, original=str(path))
    return out


def decoded(short: Path) -> tuple[bytes, bytes]:
    """The rows of the pictures, and the samples of the sound."""
    rows, samples = short.with_suffix(".rows"), short.with_suffix(".samples")
    ffmpeg(
        *("-i", short, "-vf", f"extractplanes=y,scale=1:{ROWS}:flags=area", "-f", "rawvideo", rows),
        *("-ac", 1, "-ar", RATE, "-f", "s16le", samples),
    )
    return rows.read_bytes(), samples.read_bytes()


def pictures_s(raw: bytes) -> Sequence[float]:
    """The second of the period that each picture shows."""
    pictures = [raw[at : at + ROWS] for at in range(0, len(raw), ROWS)]
    return [_middle(picture) / ROWS * PERIOD_S for picture in pictures]


def _middle(picture: bytes) -> float:
    """The middle of the bright line, in rows from the top."""
    bright = [row for row, level in enumerate(picture) if level > 120]
    return sum(bright) / len(bright)


def sound_s(raw: bytes) -> float:
    """The second of the source that is heard in the middle of the Short, by its rising zero crossings."""
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    first, last = RATE // 10, len(samples) - RATE // 10
    rising = [at for at in range(first, last) if samples[at - 1] < 0 <= samples[at]]
    hz = (len(rising) - 1) * RATE / (rising[-1] - rising[0])
    middle_s = (rising[0] + rising[-1]) / 2 / RATE
    return (hz - LOWEST_HZ) / HZ_PER_S - middle_s


def check(short: Path, start_s: float) -> None:
    """The Short begins at that second of its source, to 60 ms, in picture and sound."""
    pictures, sound = decoded(short)
    late_s = [
        (second - start_s - number / 25 + PERIOD_S / 2) % PERIOD_S - PERIOD_S / 2
        for number, second in enumerate(pictures_s(pictures))
    ]
    assert abs(statistics.median(late_s)) <= 0.06, late_s
    assert abs(sound_s(sound) - start_s) <= 0.06


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_moment_in_every_container(clock, tmp_path, container):
    source = clock(f"clock.{container}", *CONTAINERS[container])

    for start_s in (5.2, 21.3):
        check(made(source, tmp_path / f"{start_s}.mp4", start_s), start_s)


@pytest.mark.parametrize("start_s", [3.0, 20.0])
def test_a_clock_that_wraps_is_one_timeline(clock, tmp_path, start_s):
    """The 33 bits of a transport stream's clock are full after 95,443.7 s."""
    source = clock("wrap.ts", *CONTAINERS["ts"], "-output_ts_offset", 95_430)

    assert info_of(source).duration_ms == pytest.approx(SECONDS * 1000, abs=100)
    check(made(source, tmp_path / "short.mp4", start_s), start_s)


@pytest.mark.parametrize("starts_s", [(0, 0), (0, 60), (60, 0, 95_430, 60)], ids=str)
def test_a_clock_that_jumps_is_one_timeline(joined, tmp_path, starts_s):
    source = joined(*starts_s)

    assert info_of(source).duration_ms == pytest.approx(13_000 * len(starts_s), abs=150)
    for start_s in (11.0, *(13 * number + 11.0 for number in range(1, len(starts_s)))):
        check(made(source, tmp_path / f"{start_s}.mp4", start_s), start_s % 13)


@pytest.mark.parametrize("track", ["a", "v"])
def test_a_track_that_pauses_goes_on_at_its_time(clock, tmp_path, track):
    """A silent microphone, or a camera that was off: longer than what is a jump of the clock elsewhere."""
    whole = clock("clock.ts", *CONTAINERS["ts"])
    source = tmp_path / "pause.ts"
    drop = r"noise=drop=between(pts*tb\,9.1\,20)"  # the file's clock begins at 1.4 s
    ffmpeg("-i", whole, "-c", "copy", "-map", 0, "-copyts", f"-bsf:{track}", drop, source)

    assert info_of(source).duration_ms == pytest.approx(SECONDS * 1000, abs=100)
    check(made(source, tmp_path / "a.mp4", 20.2), 20.2)


def test_sound_that_pauses_in_a_joined_recording_goes_on_at_its_time(clock, joined, tmp_path):
    """ffmpeg would take the pause for a jump of the clock, and the sound after it for what comes at once."""
    silent = clock("silent.ts", "-c:v", "libx264", "-an", seconds=13).read_bytes()
    spoken = joined(0).read_bytes()
    source = tmp_path / "pause.ts"
    source.write_bytes(spoken + silent + spoken)

    info = info_of(source)
    assert info.duration_ms == pytest.approx(39_000, abs=150)
    check(made(source, tmp_path / "a.mp4", 37.0), 37.0 - 26)
    heard = run_first_pass(str(source), info, tmp_path, timeout_s=120)
    assert heard.silences_ms == ((pytest.approx(13_000, abs=200), pytest.approx(26_000, abs=200)),)


@pytest.mark.parametrize("container", ["mkv", "mp4"])
def test_a_clock_that_starts_late_counts_from_its_start(clock, tmp_path, container):
    source = clock(f"late.{container}", *CONTAINERS[container], "-output_ts_offset", 13_426)

    assert info_of(source).duration_ms == pytest.approx(SECONDS * 1000, abs=100)
    for start_s in (0.4, 14.0):
        check(made(source, tmp_path / f"{start_s}.mp4", start_s), start_s)


def test_avi_with_reordered_pictures_is_taken(clock, tmp_path):
    """Its packets have decoding times only, so its pictures are late by what the encoder reordered: two here."""
    source = clock(
        "reordered.avi",
        "-c:v",
        "libx264",
        "-bf",
        2,
        "-x264-params",
        "b-pyramid=0",
        "-c:a",
        "libmp3lame",
    )

    short = made(source, tmp_path / "short.mp4", 12.0)

    assert abs(sound_s(decoded(short)[1]) - 12.0) <= 0.12


@pytest.mark.parametrize("start_s", [5.2, 13.4])
def test_few_frames_a_second_move_no_start(clock, tmp_path, start_s):
    """At 1 fps the nearest frame of the source is up to half a second away; the sound begins where it was asked."""
    source = clock("slow.mp4", *CONTAINERS["mp4"], "-r", 1)

    short = made(source, tmp_path / "short.mp4", start_s)

    pictures, sound = decoded(short)
    assert abs(sound_s(sound) - start_s) <= 0.06
    shown_s, period_s = pictures_s(decoded(source)[0]), PERIOD_S
    expected = shown_s[int(start_s)]
    found = pictures_s(pictures)[0]
    assert abs((found - expected + period_s / 2) % period_s - period_s / 2) <= 0.06


def test_a_transport_stream_with_one_keyframe_is_taken(clock, tmp_path):
    source = clock("one-keyframe.ts", *CONTAINERS["ts"], "-g", 9999)

    check(made(source, tmp_path / "a.mp4", 17.0), 17.0)


def test_joined_programme_streams_are_read_from_inside_a_sound_frame(clock, tmp_path):
    """What is decoded of the first frame there has other properties than the sound."""
    piece = clock("piece.mpg", *CONTAINERS["mpg"], seconds=13).read_bytes()
    source = tmp_path / "joined.mpg"
    source.write_bytes(piece * 2)

    check(made(source, tmp_path / "a.mp4", 21.0), 21.0 - 13)
