"""A sample of a sound track: the asked track, at the asked place, in a form that browsers play."""

from pathlib import Path

import numpy as np
import pytest

from mediakit.audio.sound_sample import SAMPLE_MS, write_sound_sample
from mediakit.errors import ToolError
from mediakit.media_info import MediaInfo
from tests.clips import info_of
from tests.mediakit.conftest import ffmpeg

RATE = 8_000


@pytest.fixture(scope="module")
def two_tones(tmp_path_factory) -> Path:
    """Twelve seconds with two tracks: 400 Hz, from 6 s on 800 Hz; and 1,600 Hz in six channels."""
    out: Path = tmp_path_factory.mktemp("tones") / "two_tones.ts"
    tone = "aevalsrc=sin(2*PI*t*if(lt(t\\,6)\\,400\\,800)):d=12"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=12", "-f", "lavfi", "-i", tone),
        *("-f", "lavfi", "-i", "sine=1600:d=12", "-map", 0, "-map", 1, "-map", 2),
        *("-c:v", "mpeg2video", "-c:a", "aac", "-ac:a:1", 6, out),
    )
    return out


def loudest_hz(sample: Path, from_s: float, to_s: float) -> float:
    """The loudest frequency between two times of a sample."""
    raw = ffmpeg("-i", sample, "-ac", 1, "-ar", RATE, "-f", "s16le", "-")
    part = np.frombuffer(raw, np.int16)[int(from_s * RATE) : int(to_s * RATE)]
    spectrum = np.abs(np.fft.rfft(part))
    return float(np.argmax(spectrum) * RATE / len(part))


@pytest.mark.parametrize(
    ("track", "time_ms", "early", "late"),
    [(0, 3_000, 400, 800), (0, 6_500, 800, 800), (1, 0, 1_600, 1_600)],
)
def test_a_sample_is_of_the_track_at_the_time(*, tmp_path, two_tones, track, time_ms, early, late):
    info = info_of(two_tones)
    out = tmp_path / "sample.m4a"
    write_sound_sample(str(two_tones), info, info.audio[track], time_ms=time_ms, out=out)
    assert loudest_hz(out, 1, 2.5) == pytest.approx(early, abs=5)
    assert loudest_hz(out, 3.5, 5) == pytest.approx(late, abs=5)
    made = ffmpeg("-i", out, "-f", "s16le", "-ac", 1, "-ar", RATE, "-")
    length_ms = len(made) / 2 / RATE * 1000
    assert length_ms == pytest.approx(min(SAMPLE_MS, info.duration_ms - time_ms), abs=150)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sample.m4a"]


def test_a_track_that_cannot_be_read_leaves_no_file(tmp_path, two_tones):
    info = info_of(two_tones)
    no_sound = MediaInfo.from_json(info.to_json()).audio[0]
    broken = tmp_path / "broken.ts"
    broken.write_bytes(b"\0" * 10_000)
    with pytest.raises(ToolError):
        write_sound_sample(str(broken), info, no_sound, time_ms=0, out=tmp_path / "sample.m4a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.ts"]
