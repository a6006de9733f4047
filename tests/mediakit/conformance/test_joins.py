"""Joins: every kept range is proven, clicks are heard, and the receipt says what was removed."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.audio import kept_sound
from mediakit.conformance.joins import MAX_CLICK_DB, click_levels_db
from mediakit.conformance.moment_check import MomentMatch
from mediakit.conformance.rules import Claims
from mediakit.conformance.verification import verify_short
from mediakit.errors import VerificationError
from mediakit.render.short import ShortSpec, render_short
from tests.clips import info_of
from tests.mediakit.conformance.test_moment_check import recording

__all__ = ["recording"]

RATE = 48_000
RANGES = ((3_000, 4_520), (5_200, 5_800), (6_120, 6_600), (13_000, 15_000))
SPEC = ShortSpec(3_000, 15_000, "center_crop", "medium", ranges=RANGES)


@pytest.fixture(scope="module")
def joined(recording, tmp_path_factory):
    """A Short of RANGES of the recording."""
    source = recording("plain.mp4")
    out = tmp_path_factory.mktemp("joined") / "short.mp4"
    render_short(str(source), info_of(source), SPEC, out)
    return source, out


def verified(source, out, spec=SPEC, **more):
    return verify_short(str(out), info_of(source), spec, original=str(source), **more)


def rule_of(receipt, name):
    return next(rule for rule in receipt.rules if rule.name == name)


def test_the_receipt_lists_the_joins_and_proves_every_range(joined):
    receipt = verified(
        joined[0], joined[1], claims=Claims(removed_texts=("um", "well", "a detour"))
    )

    assert [(join.at_ms, join.removed_ms, join.removed_text) for join in receipt.joins] == [
        (1_520, (4_520, 5_200), "um"),
        (2_120, (5_800, 6_120), "well"),
        (2_600, (6_600, 13_000), "a detour"),
    ]
    assert all(join.click_db <= MAX_CLICK_DB for join in receipt.joins)
    assert rule_of(receipt, "no_clicks").ok
    assert rule_of(receipt, "right_moment").measured.endswith("4 of 4 ranges")
    assert rule_of(receipt, "duration").expected == "4.6 s"
    assert receipt.to_json()["joins"][0]["removed_ms"] == (4_520, 5_200)


@pytest.mark.parametrize("number", range(4))
def test_one_range_at_another_moment_breaks_a_hard_rule(joined, number):
    ranges = list(RANGES)
    ranges[number] = tuple(at + 400 for at in ranges[number])
    if number == 1:
        ranges[2:3] = [(6_240, 6_720)]  # still in order
    asked = replace(SPEC, start_ms=ranges[0][0], end_ms=ranges[-1][1], ranges=tuple(ranges))

    with pytest.raises(VerificationError) as caught:
        verified(joined[0], joined[1], spec=asked)

    assert caught.value.params["rule"] == "right_moment"


def test_a_join_without_fades_is_heard(clips, tmp_path, monkeypatch):
    steady = ("-f", "lavfi", "-i", "sine=f=217.25:r=48000,volume=10dB")
    source = clips.plain("steady.mp4", seconds=4, picture="color", sound=steady)
    ranges = ((1_400, 2_003), (2_987, 3_600))
    spec = ShortSpec(1_400, 3_600, "center_crop", "medium", ranges=ranges)
    out, info = tmp_path / "short.mp4", info_of(source)

    render_short(str(source), info, spec, out)
    assert rule_of(verified(source, out, spec), "no_clicks").ok

    monkeypatch.setattr(kept_sound, "_join_fades", lambda *_args, **_ends: "")
    render_short(str(source), info, spec, out)
    receipt = verified(source, out, spec)
    broken = rule_of(receipt, "no_clicks")
    assert (broken.ok, broken.hard) == (False, False)
    assert (receipt.joins[0].click_db or 0) > 10


def sound(seconds: float = 1.0) -> np.ndarray:
    return 0.2 * np.sin(2 * np.pi * 220 * np.arange(int(RATE * seconds)) / RATE)


def pcm(samples: np.ndarray) -> bytes:
    return (samples * 32_767).astype("<i2").tobytes()


def test_a_step_stands_out_of_a_voice_but_not_of_noise_nor_of_silence():
    step = np.where(np.arange(RATE) < RATE // 2, 0.0, 0.1)
    noise = 0.1 * np.random.default_rng(1).standard_normal(RATE)

    levels = [
        click_levels_db(pcm(samples), [RATE // 2])[0] or 0.0
        for samples in (sound() + step, sound(), noise, np.zeros(RATE), 0.001 * (step > 0))
    ]

    assert levels[0] > 20
    assert levels[1] < 0
    assert levels[2] <= MAX_CLICK_DB
    assert levels[3] == -60
    assert levels[4] < 0


def test_a_range_that_cannot_be_told_is_not_wrong():
    assert not MomentMatch(ranges=3, proven=2).is_wrong
    assert MomentMatch(ranges=3, proven=2, misplaced=1, right=2).is_wrong
    assert str(MomentMatch(2, 0, 10, 3, 2, 0)) == "2 of 2 frames, sound +0.01 s, 2 of 3 ranges"
    assert str(MomentMatch(sound_ms=-20)) == "sound -0.02 s"
