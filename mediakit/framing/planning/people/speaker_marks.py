"""Which part of a stack shows who speaks, and when."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from mediakit.framing.crop_plan import Shot
from mediakit.framing.people.finding import find_people
from mediakit.framing.people.speaker_turns import find_turns
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_samples import whole_shot_samples
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.speaking_span import SpeakingSpan, spans_within


def with_speaking(shot: Shot, analysis: RangeAnalysis, speech: Speech, *, start_ms: int) -> Shot:
    """A stack with the spans in which each part shows who speaks; none where mouths do not tell clearly.

    Turns are found in the whole shot of the video. The plan begins at `start_ms`. Other layouts stay as they are.
    """
    if shot.layout != "stack" or not shot.parts:
        return shot
    samples = whole_shot_samples(analysis, (start_ms + shot.start_ms, start_ms + shot.end_ms))
    people = find_people(samples)
    found = find_turns(people, samples, speech)
    turns = found.turns if found.are_clear else ()
    parts = [_part_of(people[turn.person].median_box, shot.parts) for turn in turns]
    # Turns are known from the first sample to the last; the shot begins before the one and ends after the other.
    edges = [shot.start_ms, *(turn.start_ms - start_ms for turn in turns[1:]), shot.end_ms]
    spans = [
        SpeakingSpan(low, high, part)
        for (low, high), part in zip(pairwise(edges), parts, strict=False)
        if part is not None
    ]
    return replace(shot, speaking=spans_within(spans, shot.start_ms, shot.end_ms))


def _part_of(face: Rect, parts: Sequence[Rect]) -> int | None:
    """The part that holds the middle of a face, the nearest to its own middle of several."""
    x, y = face.centre
    holding = [
        (abs(part.centre[0] - x), number)
        for number, part in enumerate(parts)
        if part.left <= x <= part.right and part.top <= y <= part.bottom
    ]
    return min(holding)[1] if holding else None
