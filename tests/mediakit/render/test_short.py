"""The Short: the command line that is built, and how a render goes or fails."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mediakit.audio.loudness import LoudnessPlan
from mediakit.errors import InputError, StoppedError, ToolError
from mediakit.media_info import AudioTrack, MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.encoders import QUALITY
from mediakit.render.kept_frames import decode_start_ms
from mediakit.render.short import (
    ShortSpec,
    build_args,
    check_spec,
    estimate_size_bytes,
    render_short,
)
from tests.clips import info_of
from tests.mediakit.conftest import RGB
from tests.mediakit.framing.test_geometry import PLAIN

RED, GREEN, BLUE, WHITE = (192, 32, 32), (32, 192, 32), (32, 32, 192), (224, 224, 224)
BLACK: RGB = (0, 0, 0)
INFO = MediaInfo(
    container="mov,mp4", duration_ms=60_000, size_bytes=1, video=replace(PLAIN, end_ms=60_000)
)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "short.mp4"


def option(args: list[str], name: str) -> str:
    return args[args.index(name) + 1]


def test_one_command_cuts_frames_and_encodes():
    args = build_args("/v.mp4", INFO, ShortSpec(10_000, 40_000), LoudnessPlan(), Path("/out.mp4"))

    assert args[0] == "ffmpeg"
    assert args.index("-ss") < args.index("-i")
    assert option(args, "-ss") == "10.000"
    assert option(args, "-i") == "file:/v.mp4"
    assert "trim=end_frame=750" in option(args, "-filter_complex")
    assert (option(args, "-g"), option(args, "-keyint_min")) == ("12", "12")
    assert (option(args, "-crf"), option(args, "-maxrate")) == ("17", "12000000")
    assert option(args, "-movflags") == "+faststart+negative_cts_offsets"
    assert option(args, "-map_metadata") == "-1"
    assert args[-1] == "file:/out.mp4"


@pytest.mark.parametrize(
    ("quality", "rate", "ceiling"),
    [("high", 30, 12), ("high", 60, 18), ("medium", 25, 6), ("medium", 50, 9)],
)
def test_the_ceiling_follows_quality_and_rate(quality, rate, ceiling):
    assert QUALITY[quality].max_rate(Fraction(rate)) == ceiling * 1_000_000


def test_a_range_after_the_last_picture_reads_pictures_and_sound_from_two_places():
    info = replace(INFO, video=replace(INFO.video, end_ms=5_000))
    sound = LoudnessPlan(track=AudioTrack(1, "aac", 2, 48_000))

    args = build_args("/v.mp4", info, ShortSpec(20_000, 22_000), sound, Path("/o.mp4"))

    assert decode_start_ms(info, 20_000) == 4_960
    assert args.count("-ss") == 2
    assert any("[1:1]" in argument for argument in args)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (ShortSpec(5000, 5000), "SPAN_INVALID"),
        (ShortSpec(5000, 4000), "SPAN_INVALID"),
        (ShortSpec(-1, 4000), "SPAN_INVALID"),
        (ShortSpec(0, 180_001), "SPAN_TOO_LONG"),
        (ShortSpec(59_000, 60_001), "SPAN_OUTSIDE_VIDEO"),
        (ShortSpec(0, 5_000, ranges=((0, 2_000), (4_000, 3_000))), "RANGES_INVALID"),
        (ShortSpec(0, 5_000, ranges=((0, 2_000), (1_999, 5_000))), "RANGES_INVALID"),
        (ShortSpec(0, 5_000, ranges=((0, 2_000), (3_000, 4_000))), "RANGES_INVALID"),
        (
            ShortSpec(0, 5_000, ranges=((0, 2_000), (2_000, 2_000), (2_000, 5_000))),
            "RANGES_INVALID",
        ),
        (ShortSpec(0, 1000, strategy="stretch"), "UNKNOWN_STRATEGY"),
        (ShortSpec(0, 1000, quality="ultra"), "UNKNOWN_QUALITY"),
        (ShortSpec(0, 1000, audio_index=3), "NO_SUCH_TRACK"),
    ],
)
def test_what_cannot_be_made_is_refused(spec, code):
    with pytest.raises(InputError) as caught:
        check_spec(INFO, spec)

    assert caught.value.code == code


def test_the_longest_short_is_exactly_three_minutes():
    check_spec(replace(INFO, duration_ms=200_000), ShortSpec(1000, 181_000))


def test_the_limits_hold_for_what_is_kept():
    long = replace(INFO, duration_ms=7_200_000)

    check_spec(long, ShortSpec(0, 200_000, ranges=((0, 90_000), (110_000, 200_000))))
    with pytest.raises(InputError, match="180 seconds"):
        check_spec(long, ShortSpec(0, 200_000, ranges=((0, 90_000), (109_999, 200_000))))
    # 200 places an hour apart in all are too many inputs, and what lies between them too much to decode.
    scattered = tuple((at * 30_000, at * 30_000 + 500) for at in range(200))
    with pytest.raises(InputError) as caught:
        check_spec(long, ShortSpec(0, scattered[-1][1], ranges=scattered))
    assert caught.value.code == "RANGES_SCATTERED"


def test_a_spec_is_kept_as_json():
    spec = ShortSpec(1, 2, "blur", "medium", 3)

    assert ShortSpec(**spec.to_json()) == spec


def test_the_estimate_grows_with_what_is_asked_for():
    def estimate(rate: int = 2_000_000, **spec: Any) -> int:
        info = replace(INFO, size_bytes=INFO.duration_ms * rate // 8000)
        return estimate_size_bytes(ShortSpec(**{"start_ms": 0, "end_ms": 30_000, **spec}), info)

    assert estimate(end_ms=60_000) == pytest.approx(2 * estimate(), rel=0.01)
    assert estimate(quality="medium") < estimate()
    assert estimate(strategy="letterbox") < estimate()
    assert 5_000_000 < estimate() < 46_000_000
    assert estimate(rate=100_000) < estimate() < estimate(rate=10**9) == estimate(rate=10**10)


def test_progress_grows_to_the_end_of_each_stage(clips, out):
    path, progress = clips.plain("plain.mp4", seconds=2), []
    info = info_of(path)

    render_short(
        str(path),
        info,
        ShortSpec(0, 1000),
        out,
        on_progress=lambda stage, share: progress.append((stage, share)),
        timeout_s=60,
    )

    assert [stage for stage, _ in progress] == sorted((s for s, _ in progress), reverse=True)
    for stage in ("sound", "encode"):
        shares = [share for name, share in progress if name == stage]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_stopping_leaves_nothing_behind(clips, out):
    path, stages = clips.plain("plain.mp4", seconds=2), []

    with pytest.raises(StoppedError):
        render_short(
            str(path),
            info_of(path),
            ShortSpec(0, 1000),
            out,
            on_progress=lambda stage, _: stages.append(stage),
            should_stop=lambda: "encode" in stages or stages.count("sound") > 1,
            timeout_s=60,
        )

    assert list(out.parent.iterdir()) == []


def test_a_failed_encode_keeps_the_tools_words_and_no_file(clips, tmp_path):
    info = probe(str(clips.plain("plain.mp4", seconds=2)))
    changed = tmp_path / "since.mp4"
    changed.write_text("not what was probed")
    out = tmp_path / "out" / "x.mp4"
    out.parent.mkdir()

    with pytest.raises(ToolError) as caught:
        render_short(str(changed), replace(info, audio=()), ShortSpec(0, 1000), out, timeout_s=60)

    assert "Invalid data" in caught.value.tail
    assert str(tmp_path) not in caught.value.tail
    assert list(out.parent.iterdir()) == []


def test_a_machine_with_many_processors_takes_no_more_memory():
    """With a thread for each of 32 processors, a 4K source would not fit into what a child may have."""
    args = build_args("/v.mp4", INFO, ShortSpec(0, 1_000), LoudnessPlan(), Path("/out.mp4"))
    counts = [int(args[at + 1]) for at, word in enumerate(args) if "threads" in word]

    assert len(counts) == 4  # decoder, encoder, filters of either kind
    assert max(counts) <= 8
