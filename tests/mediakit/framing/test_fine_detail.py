"""A shot without a subject is shown larger where its fine detail lies in a part of the picture."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.subjects.fine_detail import find_detail
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from tests.mediakit.face_fixtures import make_info

SECONDS = 6
WIDE, HIGH = 960, 540


def look(*textured: tuple[float, float], seed: int = 1, sky: int = 120):
    """A grey picture with fine detail between shares of its width, and calm sky elsewhere."""
    picture = np.full((HIGH, WIDE), sky, np.uint8)
    picture += np.linspace(0, 40, HIGH).astype(np.uint8)[:, None]  # a sky is no plain ground
    for left, right in textured:
        low, high = round(left * WIDE), round(right * WIDE)
        shape = (HIGH // 2, high - low)
        picture[HIGH // 2 :, low:high] = np.random.default_rng(seed).integers(0, 255, shape)
    return picture


@pytest.mark.parametrize(("left", "right"), [(0.0, 0.5), (0.4, 0.9), (0.1, 1.0)])
def test_detail_is_found_where_the_picture_is_not_calm(left, right):
    found = find_detail([look((left, right)), look((left, right), seed=2)])
    low, high = round(left * len(found)), round(right * len(found))
    assert sum(found) == pytest.approx(1, abs=0.01)
    assert sum(found[low:high]) >= 0.97
    assert min(found[low + 1 : high - 1]) >= 0.8 * max(found)


def test_there_is_none_in_a_plain_picture_and_where_it_goes_elsewhere():
    plain = look()
    assert find_detail([plain]) == find_detail([]) == ()
    assert find_detail([look((0, 0.4))] * 7 + [look((0.6, 1))]) == ()


def test_the_edges_of_black_bars_are_no_detail():
    picture = look((0.2, 0.5))
    picture[: HIGH // 8] = picture[-HIGH // 8 :] = 0
    picture[:, : WIDE // 8] = picture[:, -WIDE // 8 :] = 0
    beside = [round(each * 48) - 1 for each in (1 / 8, 0.6, 7 / 8)]
    seen = find_detail([picture])
    assert all(seen[column] > 0 for column in beside)
    found = find_detail([picture], Rect(1 / 8, 1 / 8, 3 / 4, 3 / 4))
    assert all(found[column] == 0 for column in beside)
    assert sum(found[9:25]) == pytest.approx(1, abs=0.01)


def even(left: float, right: float, count: int = 50) -> tuple[float, ...]:
    """Detail that is even between two places, and nowhere else."""
    inside = [left <= (i + 0.5) / count < right for i in range(count)]
    return tuple(each / sum(inside) for each in inside)


def shot(
    detail: tuple[float, ...], texts: tuple[Rect, ...] = (), region: Rect | None = None
) -> RangeAnalysis:
    """A shot without a face or a subject, in which a region draws the eye in one sample of five."""
    samples = tuple(
        FaceSample(ms, region=region if ms % 1_000 == 0 else None)
        for ms in range(0, SECONDS * 1000, 200)
    )
    content = ShotContent(0, SECONDS * 1000, texts=texts, detail=detail, filled=WHOLE_PICTURE)
    return RangeAnalysis(0, SECONDS * 1000, "yunet", WHOLE_PICTURE, (), samples, (content,))


def part_of(analysis: RangeAnalysis, width: int = 1280, height: int = 720):
    plan = make_crop_plan(analysis, make_info(width, height), start_ms=0, end_ms=SECONDS * 1000)
    (only,) = plan.shots
    assert only.layout == "fit"
    return only.parts[0] if only.parts else None


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        (even(0.5, 0.9), (0.25, 0.75)),
        (even(0.25, 0.95), (0.225, 0.75)),
        (even(0, 0.8), (0.025, 0.75)),  # in the middle of it, as little of it is lost
    ],
    ids=["narrower", "as wide", "little wider"],
)
def test_the_part_that_holds_the_detail_is_shown(detail, shown):
    part = part_of(shot(detail))
    assert (part.left, part.width) == pytest.approx(shown, abs=0.02)


def test_what_was_seen_now_and_then_is_held_too():
    part = part_of(shot(even(0.4, 0.9), region=Rect(0.2, 0.3, 0.05, 0.3)))
    assert part.width == pytest.approx(0.75)
    assert part.left <= 0.2


@pytest.mark.parametrize(
    "analysis",
    [
        shot(()),
        shot(even(0, 1)),
        shot(even(0.4, 0.9), texts=(Rect(0.02, 0.9, 0.1, 0.05),)),
        shot(even(0.4, 0.9), region=Rect(0.02, 0.3, 0.05, 0.3)),
    ],
    ids=["unknown", "everywhere", "text beside it", "something else beside it"],
)
def test_other_pictures_stay_whole(analysis):
    assert part_of(analysis) is None


def test_a_film_for_the_cinema_is_no_thin_band():
    part = part_of(shot(even(0.2, 1)), 1720, 720)
    assert part.width == pytest.approx(16 / 9 / (1720 / 720), abs=0.01)
    assert part.left + part.width / 2 == pytest.approx(0.6, abs=0.01)
    line = Rect(0.1, 0.9, 0.1, 0.05)
    assert part_of(shot(even(0.2, 1), texts=(line,)), 1720, 720).left <= line.left
    both = (line, Rect(0.9, 0.9, 0.08, 0.05))
    assert part_of(shot(even(0.2, 1), texts=both), 1720, 720) is None


def test_it_is_kept_with_the_analysis():
    known = shot(even(0.2, 0.7, count=10))
    assert RangeAnalysis.from_json(known.to_json()) == known
    older = known.to_json()
    older["contents"][0].pop()
    (content,) = RangeAnalysis.from_json(older).contents
    assert content == replace(known.contents[0], detail=())
