"""Who speaks when, and the camera that follows."""

import pytest

from mediakit.framing.crop_plan import CropPlan, Override
from mediakit.framing.people.speaker_turns import MIN_TURN_MS
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.framing.range_analysis import Face
from tests.mediakit.face_fixtures import make_analysis, make_face, make_info, plan_of, window_centre

LEFT, RIGHT, MIDDLE = 0.2, 0.8, 0.5
STILL, TALK = 0.006, 0.03
THROUGHOUT = Speech(((0, 60_000),))


def mouth(x: float, *spoken_s: tuple[float, float], size: float = 0.12):
    """A person at `x` whose mouth moves in the spans, and a little otherwise."""

    def face(t: float) -> Face:
        # The motion of a sample is that since the one before.
        moves = any(start < t <= end for start, end in spoken_s)
        return make_face(
            x, size=size, motion=TALK if moves else STILL * (1 + 0.3 * (int(t * 5) % 3))
        )

    return face


def speakers(plan: CropPlan) -> list[tuple[int, int, float]]:
    return [
        (shot.start_ms, shot.end_ms, round(window_centre(plan, shot.start_ms / 1000 + 0.1), 1))
        for shot in plan.shots
    ]


@pytest.mark.parametrize(("far", "near"), [(0.05, 0.16), (0.03, 0.22)])
def test_the_camera_cuts_to_who_speaks_however_small(far, near):
    two = make_analysis(mouth(LEFT, (0, 4), size=far), mouth(RIGHT, (4, 9), size=near), seconds=9)
    plan = plan_of(two, speech=THROUGHOUT)
    assert speakers(plan) == [(0, 3_980, LEFT), (3_980, 9_000, RIGHT)]
    assert {(shot.layout, shot.reason, shot.people) for shot in plan.shots} == {
        ("crop", "speaker", 2)
    }


def test_three_people_each_get_their_turn():
    three = make_analysis(
        mouth(LEFT, (0, 3)), mouth(MIDDLE, (3, 6)), mouth(RIGHT, (6, 9)), seconds=9
    )
    assert [x for _, _, x in speakers(plan_of(three, speech=THROUGHOUT))] == [LEFT, MIDDLE, RIGHT]


def test_a_word_in_between_does_not_move_the_camera():
    said = (4, 4 + MIN_TURN_MS / 1000 - 0.2)
    two = make_analysis(mouth(LEFT, (0, 4), (said[1], 9)), mouth(RIGHT, said), seconds=9)
    assert [x for _, _, x in speakers(plan_of(two, speech=THROUGHOUT))] == [LEFT]


def test_a_turn_begins_with_the_voice():
    two = make_analysis(mouth(LEFT, (0, 4)), mouth(RIGHT, (4, 9)), seconds=9)
    plan = plan_of(two, speech=Speech(((0, 3_700), (4_140, 9_000))))
    assert plan.shots[1].start_ms == pytest.approx(4_140, abs=40)


def test_mouths_that_move_while_no_voice_is_heard_decide_nothing():
    two = make_analysis(mouth(LEFT, (0, 4)), mouth(RIGHT, (4, 9)), seconds=9)
    for silent in (Speech(), Speech(((2_000, 2_300),))):
        (shot,) = plan_of(two, speech=silent).shots
        assert (shot.layout, shot.reason) == ("stack", "apart")


def test_where_all_mouths_move_alike_both_are_shown():
    both = make_analysis(mouth(LEFT, (0, 9)), mouth(RIGHT, (0, 9)), seconds=9)
    (shot,) = plan_of(both, speech=THROUGHOUT).shots
    assert (shot.layout, shot.reason) == ("stack", "apart")
    small = make_analysis(
        mouth(LEFT, (0, 9), size=0.05), mouth(RIGHT, (0, 9), size=0.05), seconds=9
    )
    assert plan_of(small, speech=THROUGHOUT).shots[0].layout == "fit"


def test_names_in_the_transcript_tell_people_apart_and_are_kept():
    def often(x: float, *spoken_s: tuple[float, float]):
        return lambda t: mouth(x, *spoken_s)(t) if int(t * 5) % 3 else mouth(x, (0, 99))(t)

    two = make_analysis(often(LEFT, (0, 4), (7, 9)), often(RIGHT, (4, 7)), seconds=9)
    lines = ((0, 4_000, "Anna"), (4_000, 7_000, "Ben"), (7_000, 9_000, "Anna"))
    plan = plan_of(two, speech=Speech(((0, 9_000),), lines))
    assert [x for _, _, x in speakers(plan)] == [LEFT, RIGHT, LEFT]
    assert [shot.speaker for shot in plan.shots] == ["Anna", "Ben", "Anna"]


def test_an_empty_chair_is_never_shown():
    def leaves(t: float) -> Face | None:
        return mouth(RIGHT, (3, 5))(t) if t < 5 else None

    two = make_analysis(mouth(LEFT, (0, 3)), leaves, seconds=11)
    plan = plan_of(two, speech=THROUGHOUT)
    assert window_centre(plan, 4) == pytest.approx(RIGHT, abs=0.05)
    assert window_centre(plan, 8) == pytest.approx(LEFT, abs=0.05)


def test_turns_are_the_same_in_every_range_of_a_shot():
    two = make_analysis(mouth(LEFT, (0, 4)), mouth(RIGHT, (4, 12)), seconds=12)
    whole = plan_of(two, speech=THROUGHOUT)
    part = make_crop_plan(two, make_info(), start_ms=3_000, end_ms=10_000, speech=THROUGHOUT)
    assert [shot.start_ms for shot in part.shots] == [0, whole.shots[1].start_ms - 3_000]


def test_a_turn_can_be_overridden_and_all_turns_be_stacked_alike():
    two = make_analysis(mouth(LEFT, (0, 4)), mouth(RIGHT, (4, 9)), seconds=9)
    chosen = plan_of(two, speech=THROUGHOUT, overrides=[Override(5_000, "fit")])
    assert [(shot.layout, shot.chosen) for shot in chosen.shots] == [("crop", False), ("fit", True)]
    plan = plan_of(two, speech=THROUGHOUT)
    stacked = with_layout(plan, "stack", two, make_info(), start_ms=0, speech=THROUGHOUT)
    assert {shot.layout for shot in stacked.shots} == {"stack"}
    assert len({shot.parts for shot in stacked.shots}) == 1
    overridden = plan_of(two, speech=THROUGHOUT, overrides=[Override(1_000, "stack")])
    assert overridden.shots[0].parts == stacked.shots[0].parts


def test_a_restless_listener_is_left_out_of_account():
    def restless(t: float) -> Face:
        return make_face(MIDDLE, motion=0.02 * (1 + 0.5 * (int(t * 5) % 2)))

    three = make_analysis(mouth(LEFT, (0, 5)), restless, mouth(RIGHT, (5, 10)), seconds=10)
    plan = plan_of(three, speech=THROUGHOUT)
    assert [x for _, _, x in speakers(plan)] == [LEFT, RIGHT]
    assert {shot.reason for shot in plan.shots} == {"speaker"}


def test_people_of_unlike_size_share_the_picture_where_it_is_unclear_who_speaks():
    both = make_analysis(mouth(LEFT, (0, 9), size=0.07), mouth(RIGHT, (0, 9), size=0.2), seconds=9)
    (shot,) = plan_of(both, speech=THROUGHOUT).shots
    assert (shot.layout, shot.reason, shot.people) == ("stack", "apart", 2)
    assert shot.parts[0].left < LEFT < shot.parts[0].right
    assert plan_of(both).shots[0].layout == "crop"  # nothing is heard


def test_a_face_that_is_lost_for_a_while_can_go_on_speaking():
    def turns_away(t: float) -> Face | None:
        return None if 5 < t < 8 else mouth(RIGHT, (4, 9))(t)

    two = make_analysis(mouth(LEFT, (0, 4)), turns_away, seconds=9)
    assert [x for _, _, x in speakers(plan_of(two, speech=THROUGHOUT))] == [LEFT, RIGHT]
