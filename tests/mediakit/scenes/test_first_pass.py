"""The first pass over a video: shots, pictures, silences, loudness and speech audio, of real clips."""

import shutil
import threading
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mediakit.audio import level_meter
from mediakit.errors import StoppedError, ToolError, ToolMissingError, ToolTimeoutError
from mediakit.media_info import AudioTrack
from mediakit.sandbox import process
from mediakit.scenes import first_pass as module
from mediakit.scenes import first_pass_args
from mediakit.scenes.first_pass import FirstPass, run_first_pass
from mediakit.scenes.frame_metadata import read_metadata
from mediakit.scenes.thumbnail_candidates import FrameStat, best_frame
from tests.clips import info_of, make_clip


def first_pass(clip, work_dir, **options) -> FirstPass:
    work_dir.mkdir(exist_ok=True)
    return run_first_pass(str(clip), info_of(clip), work_dir, timeout_s=60, **options)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Six seconds with cuts at 2 and 4 s, and no sound from 3 to 4 s."""
    path = tmp_path_factory.mktemp("clip") / "it's a clip: 1.mp4"
    return make_clip(path, seconds=6, cuts=(2, 4), quiet=[(3, 4)])


def test_a_short_clip_is_decoded_completely(clip, tmp_path):
    progress: list[float] = []
    found = first_pass(clip, tmp_path / "work", on_progress=progress.append)
    assert found.shots_ms == (2000, 4000)
    assert [pytest.approx(edge, abs=100) for edge in found.silences_ms[0]] == [3000, 4000]
    assert len(found.silences_ms) == 1
    assert found.loudness_lufs is not None
    assert -30 < found.loudness_lufs < -10
    with wave.open(str(found.speech_wav)) as speech:
        assert (speech.getframerate(), speech.getnchannels(), speech.getsampwidth()) == (
            16000,
            1,
            2,
        )
        assert speech.getnframes() == pytest.approx(6 * 16000, abs=800)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_thumbnail_candidates_are_small_and_measured(clip, tmp_path):
    found = first_pass(clip, tmp_path / "work")
    assert 8 <= len(found.frames) <= 20
    assert [frame.time_ms for frame in found.frames] == sorted(f.time_ms for f in found.frames)
    picture = probe_picture(found.frames[0].path)
    assert picture == (320, 180)
    patterned = [f for f in found.frames if f.time_ms < 2000]
    plain = [f for f in found.frames if 2000 <= f.time_ms < 4000]
    assert min(f.sharpness for f in patterned) > max(f.sharpness for f in plain)
    assert all(0 <= f.luma <= 1 for f in found.frames)


def probe_picture(path) -> tuple[int, int]:
    """Width and height in a JPEG's frame header."""
    data = path.read_bytes()
    at = data.index(b"\xff\xc0")
    return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(
        data[at + 5 : at + 7], "big"
    )


@pytest.fixture
def long_ago(monkeypatch):
    """Clips count as long from one second on, so that keyframes are what is decoded."""
    monkeypatch.setattr(first_pass_args, "SHORT_CLIP_MS", 1_000)
    monkeypatch.setattr(first_pass_args, "MIN_FRAME_STEP_MS", 400)


@pytest.mark.usefixtures("long_ago")
def test_only_keyframes_of_a_long_video_are_decoded(tmp_path):
    clip = make_clip(tmp_path / "a.mp4", seconds=6, cuts=(3,), gop_s=1)
    found = first_pass(clip, tmp_path / "work")
    assert found.shots_ms == (3000,)
    assert [frame.time_ms for frame in found.frames] == [0, 1000, 2000, 3000, 4000, 5000]


@pytest.mark.usefixtures("long_ago")
def test_sparse_keyframes_are_replaced_by_samples(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_GAP_MS", 3_000)
    monkeypatch.setattr(first_pass_args, "SAMPLE_STEP_MS", 500)
    clip = make_clip(tmp_path / "a.mp4", seconds=6, gop_s=60, extra=["-sc_threshold", "0"])
    found = first_pass(clip, tmp_path / "work")
    assert 10 <= len(found.frames) <= 13
    assert found.speech_wav is not None


@pytest.mark.usefixtures("long_ago")
def test_the_number_of_pictures_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(first_pass_args, "MAX_FRAMES", 3)
    clip = make_clip(tmp_path / "a.mp4", seconds=4, gop_s=0.2)
    assert len(first_pass(clip, tmp_path / "work").frames) <= 3


def test_keyframes_are_too_sparse_on_average_or_once():
    assert module._are_too_sparse([0, 5_000], 60_000)
    assert module._are_too_sparse([*range(0, 60_000, 1_000), 100_000], 101_000)
    assert not module._are_too_sparse(range(0, 60_000, 5_000), 60_000)
    assert module._are_too_sparse([], 60_000)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"rotation": 90}, (180, 320)),
        ({"sar": Fraction(4, 3)}, (426, 180)),
        ({"pix_fmt": "yuv420p10le", "transfer": "pq"}, (320, 180)),
        ({"size": (1366, 768), "pix_fmt": "yuv444p"}, (640, 360)),
        ({"size": (180, 640)}, (180, 640)),
        ({"vfr": True, "channels": 6}, (320, 180)),
    ],
)
def test_pictures_are_upright_and_of_the_right_shape(tmp_path, options, size):
    clip = make_clip(tmp_path / "a.mp4", seconds=1, **options)
    frame = first_pass(clip, tmp_path / "work").frames[0]
    assert probe_picture(frame.path) == size
    assert frame.luma > 0.1


def test_a_video_without_audio_has_no_levels(tmp_path):
    found = first_pass(make_clip(tmp_path / "a.mp4", seconds=1, channels=0), tmp_path / "work")
    assert (found.silences_ms, found.loudness_lufs, found.speech_wav) == ((), None, None)
    assert found.frames


def test_digital_silence_is_one_silence_without_loudness(tmp_path):
    found = first_pass(make_clip(tmp_path / "a.mp4", seconds=2, silence=True), tmp_path / "work")
    ((start, end),) = found.silences_ms
    assert (start, found.loudness_lufs) == (0, None)
    assert end == pytest.approx(2000, abs=100)


def test_progress_goes_on_with_the_sound_where_the_pictures_are_done_first(
    clip, tmp_path, monkeypatch
):
    """Keyframes of hours are there in seconds; the sound takes minutes."""
    shares: list[float] = []
    run = process.run
    pictures_done = threading.Event()

    def paced(argv, **options):
        if "image2" in argv:
            result = run(argv, **options)
            pictures_done.set()
            return result
        assert pictures_done.wait(30)
        for second in range(1, 6):
            options["on_line"](f"out_time_us={second}000000")
            assert shares[-1] == pytest.approx(0.9 * second / 6)
        return run(argv, **options)

    monkeypatch.setattr("mediakit.sandbox.process.run", paced)
    first_pass(clip, tmp_path / "work", on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.usefixtures("long_ago")
def test_progress_goes_on_while_sparse_keyframes_are_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_GAP_MS", 3_000)
    # Without sound: a share is that of the slower of both, and so short a sound may end in one step.
    clip = make_clip(
        tmp_path / "a.mp4", seconds=6, gop_s=60, channels=0, extra=["-sc_threshold", "0"]
    )
    shares: list[float] = []
    first_pass(clip, tmp_path / "work", on_progress=shares.append)
    assert [share for share in shares if module.KEYS_SHARE < share < 1]


def test_a_damaged_audio_track_is_ignored(clip, tmp_path):
    info = info_of(clip)
    broken = replace(info, audio=(AudioTrack(index=9, codec="aac", channels=2, sample_rate=48000),))
    (tmp_path / "work").mkdir()
    found = run_first_pass(str(clip), broken, tmp_path / "work")
    assert found.shots_ms == (2000, 4000)
    assert (found.loudness_lufs, found.speech_wav) == (None, None)


def test_audio_decoding_stops_when_video_decoding_fails(clip, tmp_path, monkeypatch):
    run, listening = process.run, []
    endless = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]

    def failing(argv, **options):
        if "image2" in argv:
            raise ToolTimeoutError("no", tool="ffmpeg")
        with pytest.raises(StoppedError) as stopped:
            run(endless, timeout_s=60, should_stop=options["should_stop"])
        listening.append(stopped.type)

    monkeypatch.setattr("mediakit.sandbox.process.run", failing)
    with pytest.raises(ToolTimeoutError):
        run_first_pass(str(clip), info_of(clip), tmp_path)
    assert listening == [StoppedError]


def test_a_remote_source_is_read_once(clip, tmp_path, monkeypatch):
    """Both runs of a local file would fetch a remote one twice."""
    runs = []
    monkeypatch.setattr("mediakit.sandbox.process.run", lambda argv, **_: runs.append(argv))
    monkeypatch.setattr("mediakit.scenes.first_pass.is_remote", lambda _source: True)
    run_first_pass(str(clip), info_of(clip), tmp_path)
    (argv,) = runs
    assert {"image2", "-af"} <= set(argv)


def test_a_damaged_file_gives_what_can_be_decoded(clip, tmp_path):
    damaged = shutil.copy(clip, tmp_path / "damaged.mp4")
    data = bytearray(damaged.read_bytes())
    middle = len(data) // 3
    data[middle : middle + 4000] = bytes(4000)
    info = info_of(clip)
    damaged.write_bytes(data)
    (tmp_path / "work").mkdir()
    found = run_first_pass(str(damaged), info, tmp_path / "work")
    assert found.frames


def test_a_file_without_video_is_an_error(clip, tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(ToolError):
        run_first_pass(str(tmp_path / "a.mp4"), info_of(clip), tmp_path)


def test_a_relative_path_is_resolved(clip, tmp_path, monkeypatch):
    monkeypatch.chdir(clip.parent)
    (tmp_path / "work").mkdir()
    assert run_first_pass(clip.name, info_of(clip), tmp_path / "work").frames


def test_it_stops_when_should_stop_says_so(clip, tmp_path):
    with pytest.raises(StoppedError):
        first_pass(clip, tmp_path / "work", should_stop=lambda: True)


@pytest.mark.parametrize("error", [ToolTimeoutError, ToolMissingError])
@pytest.mark.parametrize("channels", [0, 2])
def test_a_missing_tool_or_too_little_time_is_not_tried_again(
    tmp_path, monkeypatch, error, channels
):
    clip = make_clip(tmp_path / "a.mp4", seconds=1, channels=channels)
    info = info_of(clip)
    calls = []

    def failing(argv, **_options):
        calls.append(tuple(argv))
        raise error("no", tool="ffmpeg")

    monkeypatch.setattr("mediakit.sandbox.process.run", failing)
    with pytest.raises(error):
        run_first_pass(str(clip), info, tmp_path)
    assert calls
    assert len(set(calls)) == len(calls)


def frame(time_ms: int, *, sharpness: float = 0.1, luma: float = 0.5) -> FrameStat:
    return FrameStat(time_ms, Path(f"{time_ms}.jpg"), sharpness, luma)


def test_the_best_picture_is_sharp_well_lit_and_away_from_the_cuts():
    frames = [
        frame(0, sharpness=0.9),
        frame(2000, sharpness=0.2),
        frame(4000, sharpness=0.8, luma=0.07),
        frame(5000, sharpness=0.3),
        frame(6000, sharpness=0.5, luma=0.92),
        frame(9800, sharpness=0.9),
        frame(20_000, sharpness=1.0),
    ]
    assert best_frame(frames, 0, 10_000) == frames[3]


def test_a_picture_at_a_cut_or_a_dark_one_is_better_than_none():
    assert best_frame([frame(0)], 0, 5000) == frame(0)
    dark = [frame(1000, luma=0.0), frame(2000, luma=0.05), frame(3000, luma=1.0)]
    assert best_frame(dark, 0, 5000) == dark[1]
    assert best_frame([frame(0), frame(6000)], 1000, 5000) is None
    assert best_frame([], 0, 5000) is None


def test_the_first_of_equal_pictures_is_chosen():
    frames = [frame(1000), frame(2000)]
    assert best_frame(frames, 0, 5000) == frames[0]


def test_silences_are_relative_to_how_loud_the_rest_is():
    whisper = [-50.0] * 40 + [-75.0] * 10 + [-50.0] * 40
    assert list(level_meter.find_silences(whisper)) == [(2000, 2500)]
    loud_with_hiss = [-10.0] * 40 + [-30.0] * 10 + [-45.0] * 10 + [-12.0] * 40
    assert list(level_meter.find_silences(loud_with_hiss)) == [(2500, 3000)]
    assert list(level_meter.find_silences([-10.0] * 40 + [-80.0] * 4)) == []
    assert list(level_meter.find_silences([float("-inf")] * 20)) == [(0, 1000)]
    assert list(level_meter.find_silences([])) == []


def test_unexpected_ffmpeg_output_is_skipped(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        "lavfi.stray=1\nframe:0    pts:0       pts_time:0\nlavfi.scene_score=0.5\nlavfi.blur=nan\n"
        "frame:1    pts:NOPTS   pts_time:NOPTS\nlavfi.scene_score=0.9\n"
        "frame:2    pts:500     pts_time:0.5\nlavfi.scene_score=-nonsense\n"
    )
    found = list(read_metadata(path))
    assert [time_ms for time_ms, _ in found] == [0, 500]
    assert found[0][1]["scene_score"] == 0.5
    assert list(read_metadata(tmp_path / "none.txt")) == []
    (tmp_path / "levels.txt").write_text(
        "frame:0\nlavfi.x=-12.5\nlavfi.x=nan\nlavfi.x=-inf\nlavfi.x=?\n"
    )
    assert list(level_meter._values(tmp_path / "levels.txt")) == [-12.5, *[float("-inf")] * 3]
    assert list(level_meter._values(tmp_path / "none.txt")) == []


def test_many_channels_are_reduced_before_they_are_measured():
    assert "pan=stereo" in level_meter.meter_filters(AudioTrack(1, "pcm_s16le", 16, 48000))
    assert "pan=" not in level_meter.meter_filters(AudioTrack(1, "aac", 6, 48000))
