"""Loudness: the gain that is chosen, and what really comes out after AAC."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from mediakit.audio import loudness
from mediakit.audio.kept_sound import KeptSound
from mediakit.audio.loudness import (
    Loudness,
    LoudnessPlan,
    best_plan,
    corrected_plan,
    gain_filters,
    initial_plan,
    loudness_meter_filters,
    parse_loudness,
    plan_loudness,
)
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.errors import InputError, StoppedError
from mediakit.media_info import AudioTrack
from mediakit.render.short import ShortSpec, build_args
from mediakit.sandbox.process import run
from mediakit.scenes.first_pass import run_first_pass
from tests.clips import info_of
from tests.mediakit.conftest import ffmpeg

TRACK = AudioTrack(index=1, codec="aac", channels=2, sample_rate=48000)
SUMMARY = """
  Integrated loudness:
    I:         -23.4 LUFS
    Threshold: -33.5 LUFS

  True peak:
    Peak:       -3.2 dBFS
"""


def plan_of(
    path: Path,
    *,
    start_ms: int = 0,
    duration_ms: int = 1500,
    index: int | None = None,
    work_dir: Path | None = None,
) -> LoudnessPlan:
    info = info_of(path)
    with tempfile.TemporaryDirectory() as folder:
        return plan_loudness(
            str(path),
            info,
            info.audio_track(index),
            KeptSound.of_range(start_ms, duration_ms),
            work_dir=work_dir or Path(folder).resolve(),
            timeout_s=60,
        )


def test_the_loudness_meters_summary_is_parsed():
    assert parse_loudness(SUMMARY) == Loudness(-23.4, -3.2)
    assert parse_loudness("I: -70.0 LUFS\n Peak: -inf dBFS") == Loudness(None, None)
    assert parse_loudness("I: nan LUFS\n Peak: x dBFS") == Loudness(None, None)
    assert parse_loudness("") == Loudness(None, None)


def test_quiet_audio_with_headroom_only_gets_gain():
    plan = initial_plan(LoudnessPlan(TRACK), Loudness(-20.0, -9.0))

    assert (plan.gain_db, plan.limit) == (6.0, False)
    assert gain_filters(plan) == "volume=6.00dB:precision=float"


def test_loud_sound_is_lowered():
    assert initial_plan(LoudnessPlan(TRACK), Loudness(-8.0, 0.5)).gain_db == -6.0


def test_peaks_above_the_ceiling_are_limited_at_four_times_the_rate():
    plan = initial_plan(LoudnessPlan(TRACK), Loudness(-20.0, -3.0))

    assert plan.limit
    assert "aresample=192000,alimiter=limit=0.79433" in gain_filters(plan)
    assert "level=disabled" in gain_filters(
        plan
    )  # the limiter's own make-up gain would undo all this


@pytest.mark.parametrize(
    "before", [Loudness(None, None), Loudness(-55.0, -40.0), Loudness(-30.0, None)]
)
def test_silence_is_left_alone(before):
    plan = initial_plan(LoudnessPlan(TRACK), before)

    assert (plan.gain_db, plan.limit, gain_filters(plan)) == (0.0, False, "anull")


def test_makeup_gain_compensates_the_limiter_up_to_a_maximum():
    plan = initial_plan(LoudnessPlan(TRACK), Loudness(-20.0, -3.0))

    assert corrected_plan(plan, Loudness(-15.0, -2.0)).gain_db == pytest.approx(7.0)
    assert corrected_plan(plan, Loudness(-14.2, -2.0)) == plan
    assert corrected_plan(plan, Loudness(None, None)) == plan
    assert corrected_plan(plan, Loudness(-60.0, -2.0)).gain_db == 18.0


def test_peaks_added_by_the_encoder_lower_the_ceiling():
    plan = initial_plan(LoudnessPlan(TRACK), Loudness(-20.0, -9.0))

    corrected = corrected_plan(plan, Loudness(-14.0, 0.4))

    assert corrected.limit
    assert corrected.ceiling_db == pytest.approx(-3.7)
    assert "limit=0.65313" in gain_filters(corrected)


def test_the_best_trial_is_chosen():
    quiet, loud, over = (LoudnessPlan(track=TRACK, gain_db=gain) for gain in (3.0, 5.0, 9.0))
    trials = [
        (over, Loudness(-14.0, 0.5)),
        (quiet, Loudness(-18.0, -1.5)),
        (loud, Loudness(-16.0, -1.2)),
    ]

    assert best_plan(trials) == loud
    assert best_plan(trials[:2]) == quiet
    assert best_plan([]) is None
    lowered = best_plan(trials[:1])
    assert lowered is not None
    assert lowered.ceiling_db < -3.5


def test_very_short_audio_is_looped_for_measuring():
    assert loudness_meter_filters(3000) == "ebur128=peak=true:framelog=verbose"
    assert loudness_meter_filters(200).startswith("aloop=loop=5:size=9600,")


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_any_layout_reaches_the_target(clips, layout):
    sound = (
        "-f",
        "lavfi",
        "-i",
        f"anoisesrc=r=48000:a=0.05:c=pink,aformat=channel_layouts={layout}",
    )
    plan = plan_of(clips.plain(f"{layout}.mp4", seconds=2, sound=sound))

    assert plan.source.lufs is not None
    assert plan.gain_db == pytest.approx(-14 - plan.source.lufs, abs=4)


def test_short_sound_is_measured_too(clips):
    path = clips.plain("plain.mp4", seconds=2)

    long, blink = plan_of(path), plan_of(path, start_ms=500, duration_ms=200)

    assert blink.gain_db == pytest.approx(long.gain_db, abs=0.7)


def test_the_sound_of_a_trial_is_that_of_the_short(clips, tmp_path):
    """It is copied, and each packet is as if it had been encoded with the pictures."""
    knocks = "aevalsrc='sin(2700*t)*if(lt(mod(t,0.5),0.02),0.9,0.02)':s=48000"
    path = clips.plain("knocks.mp4", seconds=2, sound=("-f", "lavfi", "-i", knocks))
    plan = plan_of(path, start_ms=320, duration_ms=1520, work_dir=tmp_path)

    def packets(plan: LoudnessPlan, name: str) -> bytes:
        argv = build_args(str(path), info_of(path), ShortSpec(320, 1840), plan, Path(name))
        run(argv, timeout_s=120, reads=[str(path), str(plan.encoded or path)], cwd=tmp_path)
        return ffmpeg("-i", tmp_path / name, "-map", "0:a", "-c", "copy", "-f", "framecrc", "-")

    assert plan.encoded
    assert packets(plan, "copied.mp4") == packets(replace(plan, encoded=None), "encoded.mp4")


def test_digital_silence(clips):
    path = clips.plain("hush.mp4", sound=("-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono"))

    assert plan_of(path, duration_ms=900).source == Loudness(None, None)


def test_no_audio_is_not_measured(clips):
    assert plan_of(clips.plain("mute.mp4", sound=())) == LoudnessPlan()


def test_a_track_that_cannot_be_decoded_never_becomes_silence(clips, tmp_path):
    path = clips.plain("plain.mkv", options=("-c:a", "aac"))
    info = info_of(path)
    gone = AudioTrack(index=9, codec="aac", channels=2, sample_rate=48000)

    with pytest.raises(InputError) as caught:
        plan_loudness(
            *(str(path), info, gone, KeptSound.of_range(0, 900)), work_dir=tmp_path, timeout_s=60
        )

    assert (caught.value.code, caught.value.params) == ("SOUND_UNREADABLE", {"audio_index": 9})


def test_being_stopped_is_not_a_broken_track(clips):
    path = clips.plain("plain.mp4", seconds=2)
    info = info_of(path)

    with pytest.raises(StoppedError):
        plan_loudness(
            str(path),
            info,
            info.audio_track(),
            KeptSound.of_range(0, 900),
            work_dir=path.parent,
            timeout_s=60,
            should_stop=lambda: True,
        )


def test_the_loudness_index_agrees_with_a_measurement(spoken, tmp_path):
    info = info_of(spoken)
    index = run_first_pass(str(spoken), info, tmp_path).loudness_index

    for start_ms, duration_ms in ((0, 6_000), (1_300, 3_500)):
        measured = plan_of(spoken, start_ms=start_ms, duration_ms=duration_ms).source
        lufs, peak = index.range_loudness((start_ms, duration_ms))
        assert lufs == pytest.approx(measured.lufs, abs=0.3)
        assert peak == pytest.approx(measured.peak_db, abs=0.5)
    assert index.integrated_lufs() == pytest.approx(measured.lufs, abs=1.5)
    assert index.covers(0, 6_000, track=1)
    assert not index.covers(0, 6_000, track=2)
    assert not index.covers(0, 2_000, track=1)
    assert not index.covers(4_000, 4_000, track=1)
    assert not LoudnessIndex.from_levels([-20.0] * 80, [9.0, *[-6.0] * 79], track=1).covers(
        0, 6_000, track=1
    )


def test_an_indexed_range_with_headroom_is_not_measured_again(spoken, monkeypatch):
    quiet = LoudnessIndex.from_levels([-24.0] * 60, [-18.0] * 60, track=1)
    monkeypatch.setattr(loudness, "run", None)
    info = info_of(spoken)

    plan = plan_loudness(
        *(str(spoken), info, info.audio_track(), KeptSound.of_range(500, 4_000)),
        work_dir=spoken.parent,
        timeout_s=60,
        loudness_index=quiet,
    )

    assert (plan.gain_db, plan.limit) == (pytest.approx(10.0, abs=0.2), False)
    assert LoudnessIndex.from_levels([-120.0] * 50, [float("-inf")] * 50, track=1).range_loudness(
        (0, 5_000)
    ) == (
        None,
        None,
    )
