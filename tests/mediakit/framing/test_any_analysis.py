"""Whatever is seen in a range, there is a plan: its shots follow on one another and show what is in the picture."""

from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mediakit.framing.crop_plan import CropPlan, Override
from mediakit.framing.crop_window import crop_window
from mediakit.framing.output_format import output_format
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.framing.range_analysis import (
    Body,
    Face,
    FaceSample,
    RangeAnalysis,
    ShotContent,
    ShownThing,
    TextChange,
)
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.media_info import MediaInfo
from tests.mediakit.face_fixtures import make_info

NEAR = 1e-6
SIZES = [(1920, 1080), (1080, 1920), (640, 480), (720, 720), (2560, 1080)]


def chance(random: Random, share: float) -> bool:
    return random.random() < share


def box(random: Random, least: float = 0.01, most: float = 1.0) -> Rect:
    width, height = random.uniform(least, most), random.uniform(least, most)
    return Rect(random.uniform(0, 1 - width), random.uniform(0, 1 - height), width, height)


def person(random: Random, width: float, x: float) -> Face:
    """A face near a place, which is wrongly large now and then."""
    width = min(0.9, width * random.choice([1, 1, 1, 1, random.uniform(0.5, 3)]))
    left = min(max(0, x + random.gauss(0, 0.02) - width / 2), 1 - width)
    height = min(0.9, width * 16 / 9)
    top = min(random.uniform(0.1, 0.4), 1 - height)
    motion, look = random.random() * 0.06, random.uniform(-1, 1)
    score = random.uniform(0.6, 1)
    return Face(Rect(left, top, width, height), score, motion, motion / 2, look)


def bodies(random: Random, faces: tuple[Face, ...]) -> tuple[Body, ...]:
    found = [Body(box(random)) for _ in range(random.randrange(3))]
    for face in faces:
        if chance(random, 0.7):
            at = face.box
            reach = random.uniform(0, at.width)
            left, right = max(0, at.left - reach), min(1, at.right + reach)
            head = Rect(left, max(0, at.top - 0.05), right - left, at.height)
            found.append(Body(Rect(left, head.top, right - left, 1 - head.top), head))
    return tuple(found)


def samples(random: Random, start_ms: int, end_ms: int) -> list[FaceSample]:
    """Those of one shot: people who come and go, or a subject without a face."""
    people = [
        (random.uniform(0.02, 0.5) ** random.choice([1, 2]), random.random(), random.random())
        for _ in range(random.choice([0, 0, 1, 1, 2, 3, 4, 9]))
    ]
    draws, moves, is_known = random.random(), random.random(), random.random()
    at = box(random)
    found = []
    for time_ms in range(start_ms, end_ms, 200):
        faces = tuple(
            person(random, width, x) for width, x, there in people if chance(random, there)
        )
        region = random.choice([at, box(random)]) if not faces and chance(random, draws) else None
        found.append(
            FaceSample(
                time_ms,
                faces,
                region,
                box(random) if faces and chance(random, moves) else None,
                lost=not faces and chance(random, 0.3),
                is_empty=not faces and region is None and chance(random, 0.5),
                beside=box(random) if faces and chance(random, moves) else None,
                bodies=bodies(random, faces) if chance(random, is_known) else None,
            )
        )
    return found


def content(random: Random, start_ms: int, end_ms: int) -> ShotContent:
    texts = tuple(box(random, 0.02, 0.3) for _ in range(random.choice([0, 0, 1, 20])))
    times = sorted(random.randint(start_ms, end_ms) for _ in range(random.choice([0, 0, 3])))
    low, high = sorted(random.randint(start_ms, end_ms) for _ in range(2))
    return ShotContent(
        start_ms,
        end_ms,
        inset=box(random, 0.1, 0.3) if chance(random, 0.2) else None,
        texts=texts,
        filled=box(random, 0.2) if chance(random, 0.3) else None,
        changes=tuple(TextChange(at, random.choice([None, box(random)])) for at in times),
        area=Rect(0.1, 0, 0.8, 1) if chance(random, 0.2) else None,
        text_ms=tuple((start_ms, end_ms) for _ in texts) if chance(random, 0.5) else (),
        shown=(ShownThing(low, high, box(random)),) if chance(random, 0.3) else (),
        detail=detail(random) if chance(random, 0.5) else (),
        tiles=tuple(box(random, 0.1, 0.5) for _ in range(random.choice([0, 0, 2, 4, 9]))),
    )


def detail(random: Random) -> tuple[float, ...]:
    """Shares of 48 columns, of which some have nearly all, or one has all."""
    low, high = sorted(random.randrange(48) for _ in range(2))
    found = [random.random() if low <= i <= high else 0.01 for i in range(48)]
    found = [float(i == low) for i in range(48)] if chance(random, 0.1) else found
    return tuple(each / sum(found) for each in found)


def anything(random: Random) -> RangeAnalysis:
    """An analysis of up to 12 s."""
    length_ms = random.randrange(600, 12_000)
    cuts = sorted(random.sample(range(200, length_ms), random.choice([0, 0, 1, 2, 12])))
    edges = [0, *cuts, length_ms]
    shots = list(pairwise(edges))
    return RangeAnalysis(
        0,
        length_ms,
        "yunet",
        random.choice([WHOLE_PICTURE, WHOLE_PICTURE, Rect(0, 0.12, 1, 0.76), Rect(0.2, 0, 0.6, 1)]),
        tuple(cut * 1000 for cut in cuts),
        tuple(each for low, high in shots for each in samples(random, low, high)),
        tuple(content(random, low, high) for low, high in shots if chance(random, 0.7)),
    )


def check(plan: CropPlan, info: MediaInfo, shape: str) -> None:
    window = crop_window(info.video, plan.area, output_format(shape, None).size)
    assert plan.shots[0].start_ms == 0
    for shot, after in pairwise(plan.shots):
        assert shot.start_ms < shot.end_ms == after.start_ms
    for shot in plan.shots:
        for part in shot.parts:
            assert part.width > 0
            assert part.height > 0
            assert min(part.left, part.top) >= -NEAR
            assert max(part.right, part.bottom) <= 1 + NEAR
        times = [point.time_ms for point in shot.path]
        assert times == sorted(times)
        if shot.layout == "crop":
            width, height = window.width / shot.zoom, window.height / shot.zoom
            for point in shot.path:
                assert width / 2 - NEAR <= point.x <= 1 - width / 2 + NEAR
                assert height / 2 - NEAR <= point.y <= 1 - height / 2 + NEAR


@given(
    st.integers(0, 2**32), st.sampled_from(SIZES), st.sampled_from(["9:16", "4:5", "1:1", "16:9"])
)
@settings(max_examples=300, deadline=None)
def test_there_is_a_plan_for_anything_that_is_seen(seed, size, shape):
    random = Random(seed)
    analysis, info = anything(random), make_info(*size)
    start_ms = random.choice([0, analysis.end_ms // 3])
    end_ms = random.choice([analysis.end_ms, max(start_ms + 200, analysis.end_ms * 2 // 3)])
    speech = Speech(((0, analysis.end_ms // 2),))
    canvas = output_format(shape, None).size
    more: dict[str, Any] = {"start_ms": start_ms, "speech": speech, "canvas": canvas}
    overrides = [Override(start_ms, layout) for layout in ("crop", "fit", "stack", "inset")]
    override = random.choice([None, *overrides])
    plan = make_crop_plan(
        analysis,
        info,
        end_ms=end_ms,
        pair_layout=random.choice(["auto", "stack", "fit", "crop"]),
        empty_shot_layout=random.choice(["fit", "crop"]),
        overrides=[] if override is None else [override],
        **more,
    )
    check(plan, info, shape)
    for layout in ("crop", "fit", "stack"):
        check(with_layout(plan, layout, analysis, info, **more), info, shape)
