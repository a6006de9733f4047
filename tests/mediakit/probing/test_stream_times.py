"""Times read from the bytes of streams: those that ffprobe finds, from any byte on."""

import subprocess
from itertools import pairwise

import pytest

from mediakit.probing.stream_times import stream_times
from tests.mediakit.conftest import ffmpeg

CONTAINERS = {
    ".ts": ("-c:v", "libx264", "-c:a", "aac"),
    ".m2ts": ("-c:v", "libx264", "-c:a", "ac3"),
    ".mpg": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    ".vob": ("-c:v", "mpeg2video", "-c:a", "ac3"),
}


@pytest.fixture(scope="module", params=CONTAINERS)
def stream(request, tmp_path_factory):
    """Eight seconds with a keyframe each second, and a clock that is past 33 bits soon after their beginning."""
    path = tmp_path_factory.mktemp("stream") / f"stream{request.param}"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", "-f", "lavfi", "-i", "sine=r=48000"),
        *("-t", 8, "-g", 25, "-bf", 0, "-pix_fmt", "yuv420p", "-output_ts_offset", 95_440),
        *CONTAINERS[request.param],
        path,
    )
    return path


def test_the_times_are_those_of_the_packets(stream):
    found = {time.time_ms for time in stream_times(stream.read_bytes())}

    argv = [
        "ffprobe",
        "-v",
        "error",
        "-correct_ts_overflow",
        "0",
        "-show_entries",
        "packet=pts_time",
    ]
    shown = subprocess.run([*argv, "-of", "csv=p=0", stream], capture_output=True, check=True)
    words = shown.stdout.decode().replace(",", " ").split()
    packets = {round(float(word) * 1000) for word in words if word != "N/A"}
    assert len(found) > 20
    assert min(found) < 10_000 < max(found)  # the clock wrapped
    # ffprobe counts on from one time to the next where a unit of a programme stream has none of its own.
    shared = [time_ms for time_ms in found if packets & {time_ms - 1, time_ms, time_ms + 1}]
    assert len(shared) >= 0.9 * len(found)
    assert len(shared) == len(found) or stream.suffix in {".mpg", ".vob"}


def test_times_are_found_from_any_byte(stream):
    data = stream.read_bytes()
    whole = list(stream_times(data))
    for start in (1, 777, 50_001):
        part = [(start + time.position, time.time_ms) for time in stream_times(data[start:])]
        expected = [(time.position, time.time_ms) for time in whole if time.position >= start]
        assert part[-10:] == expected[-10:]
        assert len(expected) - len(part) in {0, 1}


def test_keyframes_are_those_that_the_stream_marks(stream):
    keyframes = [time.time_ms for time in stream_times(stream.read_bytes()) if time.is_keyframe]

    steps = [later - sooner for sooner, later in pairwise(keyframes)]
    if stream.suffix in {".ts", ".m2ts"}:
        assert len(keyframes) == 8
        assert set(steps) - {1_000} <= {1_000 - round((1 << 33) / 90)}
    else:
        assert keyframes == []


@pytest.mark.parametrize(
    "data", [b"", b"\x47" * 1000, b"\x00\x00\x01\xe0", b"\x00\x00\x01\xe0" + b"\xff" * 80]
)
def test_other_bytes_hold_no_times(data):
    assert list(stream_times(data)) == []
