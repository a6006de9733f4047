"""A Short of several kept ranges: every picture and every word of them, at the right time, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from mediakit.cutting.cues import cues_in_cut
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.framing.rect import WHOLE_PICTURE
from mediakit.render.short import ShortSpec, render_short, spec_cut_time
from tests.clips import info_of
from tests.mediakit.made_talk import (
    SAMPLE_RATE,
    WORD_MS,
    Talk,
    likeness,
    make_talk,
    numbers_shown,
    sound_of,
    word_offset_ms,
)


def check_pictures(talk: Talk, spec: ShortSpec, out: Path) -> None:
    """Every picture of the Short is the one that was on screen then, to half a frame of the source's own times."""
    cut = spec_cut_time(info_of(talk.path), spec)
    shown = numbers_shown(out, letterbox=spec.strategy == "letterbox")
    half_s = float(1 / cut.rate / 2) + 0.001
    times_s = [
        float(Fraction(piece.base_ms, 1000) + (piece.first + at) / cut.rate)
        for piece in cut.pieces
        for at in range(piece.frames)
    ]
    assert len(shown) == len(times_s) == cut.frames
    following = {**dict(pairwise(sorted(talk.frames_s))), max(talk.frames_s): None}
    for number, at_s in zip(shown, times_s, strict=True):
        later = following[number]
        assert talk.frames_s[number] - half_s <= at_s
        assert later is None or at_s < talk.frames_s[later] + half_s


def check_sound(talk: Talk, spec: ShortSpec, out: Path) -> None:
    """Every word is heard whole, where its caption is."""
    info = info_of(talk.path)
    cut, heard = spec_cut_time(info, spec), sound_of(out)
    words = [word for cue in cues_in_cut(talk.cues, cut) for word in cue.words]
    assert len(words) == len(talk.words_ms)
    for word, (start_ms, end_ms) in zip(words, talk.words_ms, strict=True):
        spoken = talk.sound[start_ms * SAMPLE_RATE // 1000 : end_ms * SAMPLE_RATE // 1000]
        assert word.end_ms - word.start_ms == pytest.approx(WORD_MS, abs=1)
        assert abs(word_offset_ms(heard, spoken, word.start_ms)) <= 2
        # Every millisecond of it is there, the first and the last ones too.
        edge = 15 * SAMPLE_RATE // 1000
        for part, at_ms in ((spoken, 0), (spoken[:edge], 0), (spoken[-edge:], WORD_MS - 15)):
            drift = word_offset_ms(heard, spoken, word.start_ms)
            assert likeness(heard, part, word.start_ms + at_ms + drift) > 0.9


def cut_short(
    talk: Talk, folder: Path, strategy: str = "center_crop", *, keep: Sequence[int] = ()
) -> tuple[ShortSpec, Path]:
    """The spec and the Short of the talk's words, or of some of them."""
    ranges = [talk.ranges_ms[at] for at in keep] if keep else talk.ranges_ms
    spec = ShortSpec(ranges[0][0], ranges[-1][1], strategy, "medium", ranges=tuple(ranges))
    if strategy == "smart_crop":
        path = (PathPoint(0, 0.3, 0.5), PathPoint(1_000, 0.7, 0.5))
        plan = CropPlan(WHOLE_PICTURE, (Shot(0, spec.duration_ms, "crop", path=path),))
        spec = replace(spec, plan=plan)
    out = folder / "short.mp4"
    render_short(str(talk.path), info_of(talk.path), spec, out)
    return spec, out


@pytest.mark.parametrize(
    ("rate", "strategy"),
    [
        (Fraction(24000, 1001), "center_crop"),
        (Fraction(25), "letterbox"),
        (Fraction(30000, 1001), "smart_crop"),
        (Fraction(50), "center_crop"),
        (Fraction(60), "letterbox"),
    ],
)
def test_every_picture_and_word_of_the_kept_ranges(tmp_path, rate, strategy):
    talk = make_talk(tmp_path / "talk.mp4", words=9, rate=rate)

    spec, out = cut_short(talk, tmp_path, strategy)

    check_pictures(talk, spec, out)
    check_sound(talk, spec, out)


def test_a_source_with_uneven_pictures(tmp_path):
    talk = make_talk(tmp_path / "talk.mp4", words=9, rate=Fraction(30), is_vfr=True)
    assert info_of(talk.path).video.is_vfr

    spec, out = cut_short(talk, tmp_path)

    check_pictures(talk, spec, out)
    check_sound(talk, spec, out)


def test_a_source_without_sound_is_cut_to_the_same_pictures(tmp_path):
    talk = make_talk(tmp_path / "talk.mp4", words=6, sound=False)

    spec, out = cut_short(talk, tmp_path)

    check_pictures(talk, spec, out)
    assert not sound_of(out).any()


def test_ranges_far_apart_are_read_by_inputs_of_their_own(tmp_path):
    talk = make_talk(tmp_path / "talk.mp4", words=44)
    kept = (0, 1, 20, 21, 42, 43)

    spec, out = cut_short(talk, tmp_path, keep=kept)

    cut = spec_cut_time(info_of(talk.path), spec)
    assert [len(group) for group in cut.groups] == [2, 2, 2]
    check_pictures(talk, spec, out)
    check_sound(replace(talk, words_ms=tuple(talk.words_ms[at] for at in kept)), spec, out)


def test_fifty_joins_end_without_drift(tmp_path):
    talk = make_talk(tmp_path / "talk.mp4", words=51, rate=Fraction(24000, 1001))

    spec, out = cut_short(talk, tmp_path, "letterbox")

    assert len(spec_cut_time(info_of(talk.path), spec).joins) == 50
    check_pictures(talk, spec, out)
    check_sound(talk, spec, out)
