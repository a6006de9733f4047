"""The frame around the part of a stack that shows who speaks."""

from fractions import Fraction

import pytest

from mediakit.captions.face_regions import shift_plan
from mediakit.cutting.cut_time import cut_time
from mediakit.framing.crop_filters import crop_plan_graph, still_plan
from mediakit.framing.crop_plan import CropPlan, Override
from mediakit.framing.cut_plan import crop_plan_in_cut
from mediakit.framing.output_format import SHORT
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.framing.rect import Rect
from tests.mediakit.conftest import ffmpeg
from tests.mediakit.face_fixtures import make_analysis, make_info, plan_of
from tests.mediakit.framing.test_speaker_turns import LEFT, RIGHT, THROUGHOUT, mouth

FRAME_MS = 40
TURNS = [(0, 4_000, 0), (4_000, 9_000, 1)]


@pytest.fixture
def two():
    """The left one speaks for 4 s, then the right one for 5 s."""
    return make_analysis(mouth(LEFT, (0, 4)), mouth(RIGHT, (4, 9)), seconds=9)


def marks(plan: CropPlan) -> list[tuple[int, int, int]]:
    """All marks of at least a frame, with times to a tenth of a second."""
    spans = [span for shot in plan.shots for span in shot.speaking]
    spans = [span for span in spans if span.end_ms - span.start_ms >= FRAME_MS]
    return [(round(low, -2), round(high, -2), part) for low, high, part in spans]


def test_each_part_is_marked_while_who_it_shows_speaks(two):
    plan = plan_of(two, speech=THROUGHOUT, pair_layout="stack")

    assert marks(plan) == TURNS
    assert marks(CropPlan.from_json(plan.to_json())) == TURNS
    assert marks(plan.without_marks()) == []
    part = make_crop_plan(
        two, make_info(), start_ms=3_000, end_ms=8_000, speech=THROUGHOUT, pair_layout="stack"
    )
    assert marks(part) == [(0, 1_000, 0), (1_000, 5_000, 1)]


def test_who_wants_parts_gets_them_also_of_people_of_different_size():
    small = make_analysis(mouth(LEFT, (0, 4), size=0.07), mouth(RIGHT, (4, 9), size=0.2), seconds=9)

    (stack,) = plan_of(small, speech=THROUGHOUT, pair_layout="stack").shots
    assert (stack.layout, stack.people, marks(CropPlan(stack.parts[0], (stack,)))) == (
        "stack",
        2,
        TURNS,
    )
    (whole,) = plan_of(small, speech=THROUGHOUT, pair_layout="fit").shots
    assert (whole.layout, whole.reason) == ("fit", "apart")


def test_turns_that_are_stacked_afterwards_are_marked_alike(two):
    turns = plan_of(two, speech=THROUGHOUT)
    stacked = with_layout(turns, "stack", two, make_info(), start_ms=0, speech=THROUGHOUT)

    assert marks(stacked) == TURNS


def test_parts_that_are_drawn_by_hand_are_marked_by_who_is_in_them(two):
    right_first = (Rect(0.7, 0.1, 0.2, 0.6), Rect(0.1, 0.1, 0.2, 0.6))
    drawn = plan_of(two, speech=THROUGHOUT, overrides=[Override(1_000, "stack", tiles=right_first)])

    first = drawn.shots[0]
    assert [(span.part, span.start_ms) for span in first.speaking] == [(1, 0)]


def test_nothing_is_marked_where_it_is_not_clear_who_speaks():
    both = make_analysis(mouth(LEFT, (0, 9)), mouth(RIGHT, (0, 9)), seconds=9)

    for speech in (THROUGHOUT, Speech()):
        assert marks(plan_of(both, speech=speech, pair_layout="stack")) == []


def test_marks_move_with_what_is_left_out(two):
    plan = plan_of(two, speech=THROUGHOUT, pair_layout="stack")
    cut = cut_time(make_info(), [(1_000, 3_000), (5_000, 6_000)])
    group = plan if cut.groups[0][0].base_ms == 0 else shift_plan(plan, -cut.groups[0][0].base_ms)

    assert marks(crop_plan_in_cut([group], cut)) == [(0, 2_000, 0), (2_000, 3_000, 1)]
    assert marks(shift_plan(plan, 500)) == [(500, 4_500, 0), (4_500, 9_500, 1)]
    assert marks(still_plan(plan, 6_000)) == [(0, 1_000, 1)]


def test_the_frame_is_drawn_in_its_time_and_nowhere_else(two):
    info = make_info(width=640, height=360)
    plan = plan_of(two, info, speech=THROUGHOUT, pair_layout="stack")
    graph = crop_plan_graph(info.video, plan, SHORT.size, rate=Fraction(1))

    def luma(plan_graph: str, top: int) -> list[int]:
        """The brightness near the left edge at a height, in the middle of each second."""
        source = "color=c=0x404040:s=640x360:r=1:d=9"
        corner = f"{source}[source];[source]null[in];{plan_graph};[out]crop=4:4:2:{top}[corner]"
        shown = ffmpeg("-filter_complex", corner, "-map", "[corner]", "-f", "rawvideo", "-")
        return [shown[at] for at in range(0, len(shown), 24)]

    upper, lower = luma(graph, 400), luma(graph, 1_400)
    assert [value > 150 for value in upper] == [True] * 4 + [False] * 5
    assert [value > 150 for value in lower] == [False] * 4 + [True] * 5
    bare = crop_plan_graph(info.video, plan.without_marks(), SHORT.size, rate=Fraction(1))
    assert max(luma(bare, 400)) < 150
