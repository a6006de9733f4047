"""Keyframes that the demuxer picks: the same pictures at the same times as those that the decoder picks."""

import shutil
import subprocess
from pathlib import Path

import pytest

from mediakit.probing.keyframe_times import KeyframeTable, mp4_keyframes
from mediakit.sandbox import process
from mediakit.scenes import first_pass, first_pass_args
from mediakit.scenes.first_pass import run_first_pass
from tests.clips import info_of, make_clip

B_FRAMES = ["-bf", "3", "-b_strategy", "0", "-sc_threshold", "0"]
OPEN_GROUPS = ["-x265-params", "log-level=error:keyint=25:min-keyint=25:open-gop=1:bframes=4"]


def remux(source: Path, target: Path, *options: str, before: tuple[str, ...] = ()) -> Path:
    argv = [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        *before,
        "-i",
        str(source),
        "-map",
        "0",
        "-c",
        "copy",
    ]
    subprocess.run([*argv, *options, str(target)], check=True, timeout=60)
    return target


@pytest.fixture(scope="module")
def clips(tmp_path_factory) -> dict[str, Path]:
    """Clips of 8 s; the time between decoding and showing a picture differs from picture to picture."""
    folder: Path = tmp_path_factory.mktemp("clips")
    made = {
        "b-frames": make_clip(folder / "b.mp4", seconds=8, cuts=(3, 5), extra=B_FRAMES),
        "none": make_clip(folder / "none.mp4", seconds=8, cuts=(3, 5)),
        "uneven": make_clip(folder / "vfr.mov", seconds=8, cuts=(3,), vfr=True, extra=B_FRAMES),
        "open groups": make_clip(
            folder / "open.mp4", seconds=8, cuts=(3, 5), codec="libx265", extra=OPEN_GROUPS
        ),
        "turned": make_clip(folder / "t.mp4", seconds=8, cuts=(3, 5), rotation=90, extra=B_FRAMES),
        "vp9": make_clip(folder / "vp9.mp4", seconds=8, cuts=(3, 5), codec="libvpx-vp9"),
    }
    plain = made["b-frames"]
    made["cut with an edit list"] = remux(plain, folder / "cut.mp4", before=("-ss", "2.4"))
    made["late"] = remux(plain, folder / "late.mp4", "-output_ts_offset", "0.7")
    made["fragmented"] = remux(
        plain, folder / "f.mp4", "-movflags", "+frag_keyframe+empty_moov+default_base_moof"
    )
    made["matroska"] = remux(plain, folder / "b.mkv")
    made["vp9 in webm"] = remux(made["vp9"], folder / "vp9.webm", "-an")
    made["vp9 in late matroska"] = remux(
        made["vp9"], folder / "late.mkv", "-an", "-output_ts_offset", "3600.04"
    )
    return made


@pytest.fixture
def long_ago(monkeypatch):
    monkeypatch.setattr(first_pass_args, "SHORT_CLIP_MS", 1_000)
    monkeypatch.setattr(first_pass_args, "MIN_FRAME_STEP_MS", 400)


def frames_and_cuts(path: Path, folder: Path) -> tuple[list[tuple[int, bytes]], tuple[int, ...]]:
    folder.mkdir()
    found = run_first_pass(str(path), info_of(path), folder, timeout_s=60)
    return [(frame.time_ms, frame.path.read_bytes()) for frame in found.frames], found.shots_ms


@pytest.fixture
def video_runs(monkeypatch) -> list[bool]:
    """Whether each run over the pictures let the demuxer drop packets."""
    runs: list[bool] = []
    run = process.run

    def noted(argv, **options):
        if "image2" in argv:
            runs.append("-discard:v" in argv)
        return run(argv, **options)

    monkeypatch.setattr(process, "run", noted)
    return runs


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize(
    ("name", "expected_runs"),
    [
        *((name, [True]) for name in ("b-frames", "none", "uneven", "open groups", "turned")),
        *((name, [True]) for name in ("cut with an edit list", "late")),
        *((name, [False]) for name in ("fragmented", "matroska")),
    ],
)
def test_the_same_pictures_and_shots_at_the_same_times(
    *, clips, name, expected_runs, tmp_path, video_runs, monkeypatch
):
    found = frames_and_cuts(clips[name], tmp_path / "demuxer")
    assert video_runs == expected_runs
    monkeypatch.setattr(first_pass, "mp4_keyframes", lambda *_: None)
    assert frames_and_cuts(clips[name], tmp_path / "decoder") == found
    assert len(found[0]) >= 4


@pytest.mark.usefixtures("long_ago")
def test_vp9_keyframes_alone_are_decoded_where_the_demuxer_picks_them(clips, tmp_path, video_runs):
    frames, shots_ms = frames_and_cuts(clips["vp9"], tmp_path / "look")
    assert video_runs == [True]
    assert [time_ms for time_ms, _ in frames][:3] == [0, 1000, 2000]
    assert shots_ms == (3000, 5000)


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize("name", ["vp9 in webm", "vp9 in late matroska"])
def test_vp9_keyframes_are_copied_where_no_demuxer_picks_them(
    *, clips, name, tmp_path, monkeypatch
):
    """The same pictures at the same times as decoding everything gives, from a copy that holds nothing else."""
    monkeypatch.setattr(first_pass_args, "MIN_FRAME_STEP_MS", 1)
    found = frames_and_cuts(clips[name], tmp_path / "copy")
    argv = ["ffprobe", "-v", "error", "-show_entries", "packet=flags", "-of", "csv=p=0"]
    copied = subprocess.run(
        [*argv, tmp_path / "copy" / first_pass_args.KEYS_FILE], capture_output=True, check=True
    )
    assert copied.stdout.decode().split() == ["K_"] * 8

    monkeypatch.setattr(first_pass_args, "UNSKIPPABLE_CODECS", ())
    everything, cuts = frames_and_cuts(clips[name], tmp_path / "decoder")
    keys = [time_ms for time_ms, _ in found[0]]
    assert keys == [1000 * number for number in range(8)]
    pictures = dict(everything)
    assert all(pictures[time_ms] == data for time_ms, data in found[0])
    assert found[1] == cuts == (3000, 5000)


@pytest.mark.usefixtures("long_ago")
def test_times_that_the_tables_do_not_explain_are_not_used(
    clips, tmp_path, video_runs, monkeypatch
):
    expected = frames_and_cuts(clips["b-frames"], tmp_path / "first")
    monkeypatch.setattr(KeyframeTable, "_ms", lambda _self, number, _entry: number * 700)
    assert frames_and_cuts(clips["b-frames"], tmp_path / "again") == expected
    assert video_runs == [True, True, False]


@pytest.mark.parametrize("read_to_detect", [0, 1, 2, 30])
def test_times_are_right_however_much_was_read_to_detect_the_tracks(clips, read_to_detect):
    table = mp4_keyframes(str(clips["b-frames"]), info_of(clips["b-frames"]))
    assert table is not None
    count = len(table.samples)
    right = [table._ms(number, table.samples[number]) for number in range(count)]
    wrong = [table._ms(n, table._offset_entry(n, read_to_detect)) for n in range(count)]
    assert right == [1000 * number for number in range(8)]
    assert wrong != right
    assert table.corrected_times(wrong) == dict(zip(wrong, right, strict=True))
    assert table.corrected_times(wrong[2:5]) == dict(zip(wrong[2:5], right[2:5], strict=True))
    assert table.corrected_times(right) == dict(zip(right, right, strict=True))
    assert table.corrected_times([*wrong, 7500]) is None
    assert table.corrected_times([1500]) is None


@pytest.mark.parametrize("cut_at", range(40, 2000, 67))
def test_damaged_tables_give_no_keyframes_or_some_and_never_an_error(clips, tmp_path, cut_at):
    info = info_of(clips["b-frames"])
    data = bytearray(clips["b-frames"].read_bytes())
    moov = data.rindex(b"moov")
    data[moov + cut_at : moov + cut_at + 24] = b"\xff\x00\x7f" * 8
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    table = mp4_keyframes(str(damaged), info)
    if table is not None:
        table.corrected_times([0, 1000])


def test_a_file_without_tables_has_no_keyframes(clips, tmp_path):
    info = info_of(clips["b-frames"])
    other = Path(shutil.copy(clips["matroska"], tmp_path / "a.mp4"))
    assert mp4_keyframes(str(other), info) is None
    assert mp4_keyframes(str(clips["matroska"]), info_of(clips["matroska"])) is None
