"""A shot of people who are apart: one shot of the plan for each turn to speak, or all of them at once."""

from collections.abc import Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import Layout, PairLayout, Shot
from mediakit.framing.crop_window import CropWindow
from mediakit.framing.people.face_tracks import Track
from mediakit.framing.people.finding import are_apart, find_people, part_boxes, targets_of
from mediakit.framing.people.speaker_turns import Turn, find_turns
from mediakit.framing.people.speech import Speech
from mediakit.framing.people.tracking import neighbours_of
from mediakit.framing.planning.people.absences import Draft
from mediakit.framing.planning.shot_runs import MIN_EDGE_RUN_MS
from mediakit.framing.planning.shot_samples import whole_shot_samples
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect


def turn_drafts(
    whole: Draft,
    analysis: RangeAnalysis,
    window: CropWindow,
    speech: Speech,
    *,
    pair_layout: PairLayout,
) -> list[Draft]:
    """A draft for each turn in a shot of people who are apart; none for a shot that stays as it is.

    With "crop" unclear turns are followed as well; otherwise people of any size share the picture then, as they do with
    "stack" and "fit" in any case.
    """
    low, high = whole.shot.start_ms, whole.shot.end_ms
    samples = whole_shot_samples(analysis, (low, high))
    people = find_people(samples)
    if len(people) < 2 or not are_apart(people, window.width):
        return []
    boxes = part_boxes(people, len(samples))
    if pair_layout in {"stack", "fit"}:
        layout: Layout = "stack" if pair_layout == "stack" else "fit"
        return _shared_draft(whole, boxes, layout)
    found = find_turns(people, samples, speech)
    if found.turns and pair_layout != "crop" and not found.are_clear:
        return _shared_draft(whole, boxes)
    return _followed(whole, found.turns, people, samples, window) if found.turns else []


def _followed(
    whole: Draft,
    found: Sequence[Turn],
    people: Sequence[Track],
    samples: Sequence[FaceSample],
    window: CropWindow,
) -> list[Draft]:
    """A draft for each turn; none where one person is shown all the time, or a face does not fit the window."""
    low, high = whole.shot.start_ms, whole.shot.end_ms
    turns = _clipped_turns(found, low, high)
    if len(turns) == 1 and turns[0].person == 0 and whole.shot.reason == "person":
        return []
    speakers = {turn.person for turn in turns}
    if any(people[person].median_box.width > window.width for person in speakers):
        return []  # a face that does not fit the window would lose cheeks and chin
    drafts = []
    for turn in turns:
        targets = targets_of(people[turn.person], samples)
        neighbours = neighbours_of([people[turn.person]], people, samples)
        shot = Shot(
            turn.start_ms,
            turn.end_ms,
            "crop",
            people=len(people),
            reason="speaker",
            speaker=turn.name,
        )
        tracking = replace(whole.tracking, targets=targets, secondary=(), neighbours=neighbours)
        drafts.append(Draft(shot, tracking))
    return drafts


def _shared_draft(whole: Draft, boxes: tuple[Rect, ...], layout: Layout = "stack") -> list[Draft]:
    """The shot with a part for each of the boxes, or whole, if it would show one person only."""
    if whole.shot.reason != "person" or not boxes:
        return []
    shot = replace(whole.shot, layout=layout, reason="apart", people=len(boxes))
    return [Draft(shot, replace(whole.tracking, apart=boxes))]


def _clipped_turns(turns: Sequence[Turn], low: int, high: int) -> list[Turn]:
    """The turns within a span, to its edges; what is left of a turn at an edge joins its neighbour if it is brief."""
    inside = [
        replace(turn, start_ms=max(low, turn.start_ms), end_ms=min(high, turn.end_ms))
        for turn in turns
        if turn.end_ms > low and turn.start_ms < high
    ] or [replace(turns[0] if turns[0].start_ms >= high else turns[-1])]
    while len(inside) > 1 and inside[0].end_ms - low < MIN_EDGE_RUN_MS:
        inside = inside[1:]
    while len(inside) > 1 and high - inside[-1].start_ms < MIN_EDGE_RUN_MS:
        inside = inside[:-1]
    inside[0] = replace(inside[0], start_ms=low)
    inside[-1] = replace(inside[-1], end_ms=high)
    return inside
