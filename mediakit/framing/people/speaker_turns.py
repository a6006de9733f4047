"""Who speaks when in one shot: the motion of each person's mouth while a voice is heard.

No model is needed. Everybody's mouth has its own usual motion when it speaks and when it listens. Both are unknown, and
so is who speaks: first the mouth that moves most is taken to speak, then the two usual motions of each person follow
from who speaks and who speaks from them, a few times in turn. The best sequence of speakers is found over the whole
shot, so neither a nod nor an interjection changes it. Names in the transcript count as evidence too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from mediakit.framing.people.face_tracks import Track
from mediakit.framing.people.speech import Span, Speech
from mediakit.framing.range_analysis import FaceSample

# Motion is compared by its logarithm. Below FLOOR (grey levels of 255) it is noise of the picture.
GREY_LEVELS, FLOOR = 255.0, 0.4
HEAD_SHARE = 0.25  # how much of the head's motion is discounted
# Before anything is known: how much of a person's median is discounted, and the most against a person in one sample.
FIRST_OWN_SHARE, FIRST_LIMIT, FIRST_SWITCH_COST = 0.5, 1.0, 1.2
# Listening is taken to be at a person's 20th percentile and speaking GAP above it, as surely as PRIOR_SAMPLES say.
LISTENING_PERCENTILE, GAP, MIN_GAP, PRIOR_SAMPLES = 20, 1.1, 0.3, 15.0
SPREAD = 0.5  # of the motion of one person who speaks, or who listens
# Consecutive samples are not independent, so each counts half.
SAMPLE_SHARE, EVIDENCE_LIMIT = 0.5, 4.0
ROUNDS = 3
# A face that is lost for so many samples has only turned away; at the ends of a track it may have left.
MAX_LOST, MAX_LOST_AT_END = 30, 10
ABSENT_EVIDENCE = -8.0  # of a person who is not in the picture
SILENT_WEIGHT = 0.05  # of a sample in which no voice is heard
NAME_EVIDENCE = 1.0  # for the person to whom the name on the transcript's line belongs
MIN_NAME_MARGIN = 3.0  # the evidence by which a person must lead to get a name
SWITCH_COST = 2.0
# A shorter turn is an interjection: the camera stays.
MIN_TURN_MS = 800
# A turn begins where the voice does, if that is so near.
SNAP_MS = 260
# It is clear who speaks where the speaker's mouth moves so much more than the next one's, on average while a voice is
# heard, and everybody's so much more in their own turns than in those of others.
MIN_LEAD, MIN_CONTRAST, MIN_CONTRAST_SAMPLES = 0.25, 0.2, 6
MIN_VOICE_MS = 600

Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
States = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True, slots=True)
class Turn:
    """The time in which one of the people speaks. `name` is from the transcript, "" when it has none."""

    person: int
    start_ms: int
    end_ms: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpeakerTurns:
    """The turns of a shot without gaps, and whether mouths tell clearly who speaks."""

    turns: tuple[Turn, ...] = ()
    are_clear: bool = False


def find_turns(
    people: Sequence[Track], samples: Sequence[FaceSample], speech: Speech
) -> SpeakerTurns:
    """The turns of the people in one shot; none without at least MIN_VOICE_MS of voice, or without two people."""
    if len(people) < 2 or len(samples) < 2:
        return SpeakerTurns()
    times = [sample.time_ms for sample in samples]
    voiced = _covered_shares(times, speech.voice_ms)
    steps = np.diff([2 * times[0] - times[1], *times])
    if float(voiced @ steps) < MIN_VOICE_MS:
        return SpeakerTurns()
    motion, present = _motion(people, len(samples))
    heard = _Heard(times, voiced, speech)
    states, names = _speakers(motion, present, heard)
    contrasts = _contrasts(motion, present, states, voiced)
    while (
        len(present) - _silent_count(present) > 2
        and min(contrasts.values(), default=1.0) < MIN_CONTRAST
    ):
        present[min(contrasts, key=lambda person: contrasts[person])] = False
        states, names = _speakers(motion, present, heard)
        contrasts = _contrasts(motion, present, states, voiced)
    lead = _lead(motion, present, states, voiced)
    turns = tuple(
        Turn(turn.person, turn.start_ms, turn.end_ms, names.get(turn.person, ""))
        for turn in _joined_turns(states, times, speech.voice_ms)
    )
    clear = lead >= MIN_LEAD and min(contrasts.values(), default=1.0) >= MIN_CONTRAST
    return SpeakerTurns(turns, clear)


@dataclass(frozen=True, slots=True)
class _Heard:
    """The sound beside the samples: their times, and the share of the time before each in which a voice is heard."""

    times: Sequence[int]
    voiced: Floats
    speech: Speech


def _speakers(motion: Floats, present: Bools, heard: _Heard) -> tuple[States, dict[int, str]]:
    """Who speaks in each sample, and the names that the transcript gives to people."""
    weight = np.maximum(SILENT_WEIGHT, heard.voiced)
    named_ms, names = heard.speech.named_ms, {}
    states = _cheapest_states(_first_evidence(motion, present) * weight, FIRST_SWITCH_COST)
    for _ in range(ROUNDS):
        evidence = _evidence(motion, present, states, heard.voiced) * weight
        names = _names(evidence, heard.times, named_ms)
        for person, name in names.items():
            spans = [(start, end) for start, end, said in named_ms if said == name]
            evidence[person] += NAME_EVIDENCE * _covered_shares(heard.times, spans)
        states = _cheapest_states(evidence, SWITCH_COST)
    return states, names


def _silent_count(present: Bools) -> int:
    """How many people are out of the question."""
    return int((~present.any(axis=1)).sum())


def _covered_shares(times: Sequence[int], spans: Sequence[Span]) -> Floats:
    """The share of the time since the previous sample that the spans cover, for each sample."""
    before = [2 * times[0] - times[1], *times[:-1]]
    shares = np.zeros(len(times))
    first = 0
    for i, (low, high) in enumerate(zip(before, times, strict=True)):
        while first < len(spans) and spans[first][1] <= low:
            first += 1
        covered, at = 0, first
        while at < len(spans) and spans[at][0] < high:
            covered += max(0, min(high, spans[at][1]) - max(low, spans[at][0]))
            at += 1
        shares[i] = min(1.0, covered / max(1, high - low))
    return shares


def _motion(people: Sequence[Track], count: int) -> tuple[Floats, Bools]:
    """The logarithm of each mouth's motion and whether the person is there, both of shape (people, samples).

    Where a face is lost for a while its motion is taken to be half way between listening and speaking, so it is the
    others' mouths that decide.
    """
    rows, present = [], []
    for person in people:
        motion = np.full(count, np.nan)
        for i, face in person.faces.items():
            mouth, head = face.motion * GREY_LEVELS, face.head_motion * GREY_LEVELS
            motion[i] = np.log(FLOOR + mouth) - HEAD_SHARE * np.log(FLOOR + head)
        halfway = np.nanpercentile(motion, LISTENING_PERCENTILE) + GAP / 2
        rows.append(np.where(np.isnan(motion), halfway, motion))
        present.append(_is_there(person, count))
    return np.stack(rows), np.array(present)


def _is_there(person: Track, count: int) -> Bools:
    """Whether the person is in the picture: not lost for too many samples, by MAX_LOST and MAX_LOST_AT_END."""
    there = np.zeros(count, bool)
    found = sorted(person.faces)
    there[max(0, found[0] - MAX_LOST_AT_END) : found[0] + 1] = True
    for before, after in pairwise(found):
        there[before : after + 1] |= after - before <= MAX_LOST
    there[found[-1] : found[-1] + MAX_LOST_AT_END + 1] = True
    return there


def _first_evidence(motion: Floats, present: Bools) -> Floats:
    """The evidence for each person by how far their mouth is behind the one that moves most."""
    own = motion - FIRST_OWN_SHARE * np.median(motion, axis=1, keepdims=True)
    behind = own - np.max(np.where(present, own, -np.inf), axis=0)
    return np.where(present, np.maximum(behind, -FIRST_LIMIT), ABSENT_EVIDENCE)


def _evidence(motion: Floats, present: Bools, states: States, voiced: Floats) -> Floats:
    """The logarithm of how much likelier each person speaks than listens, by the two usual motions of each."""
    rows = []
    for person, row in enumerate(motion):
        speaks = voiced * (states == person) * present[person]
        listens = (1 - speaks) * present[person]
        low = _mean_with_prior(row, listens, float(np.percentile(row, LISTENING_PERCENTILE)))
        high = max(low + MIN_GAP, _mean_with_prior(row, speaks, low + GAP))
        likelier = (high - low) * (row - (low + high) / 2) / SPREAD**2
        rows.append(np.clip(likelier, -EVIDENCE_LIMIT, EVIDENCE_LIMIT) * SAMPLE_SHARE)
    return np.where(present, np.stack(rows), ABSENT_EVIDENCE)


def _mean_with_prior(row: Floats, weights: Floats, prior: float) -> float:
    return float((weights @ row + PRIOR_SAMPLES * prior) / (weights.sum() + PRIOR_SAMPLES))


def _names(
    evidence: Floats, times: Sequence[int], named_ms: Sequence[tuple[int, int, str]]
) -> dict[int, str]:
    """The name of each person, as far as the evidence during the lines of a name tells; each has one at most."""
    found: list[tuple[float, int, str]] = []
    for name in dict.fromkeys(name for _, _, name in named_ms):
        spans = [(start, end) for start, end, said in named_ms if said == name]
        sums = evidence @ _covered_shares(times, spans)
        best, second = np.sort(sums)[::-1][:2]
        if best - second >= MIN_NAME_MARGIN:
            found.append((float(best - second), int(sums.argmax()), name))
    names: dict[int, str] = {}
    for _, person, name in sorted(found, reverse=True):
        names.setdefault(person, name)
    return names


def _cheapest_states(evidence: Floats, switch_cost: float) -> States:
    """The person who speaks in each sample: the sequence with the most evidence, less the cost of each change."""
    count = evidence.shape[1]
    best = evidence[:, 0].copy()
    previous = np.zeros((count, len(best)), np.intp)
    people = np.arange(len(best))
    for i in range(1, count):
        switched = best.max() - switch_cost
        previous[i] = np.where(best >= switched, people, best.argmax())
        best = np.maximum(best, switched) + evidence[:, i]
    states = np.zeros(count, np.intp)
    states[-1] = best.argmax()
    for i in range(count - 1, 0, -1):
        states[i - 1] = previous[i, states[i]]
    return states


def _joined_turns(states: States, times: Sequence[int], voice_ms: Sequence[Span]) -> list[Turn]:
    """The turns from the samples' states: interjections joined to the turn before, edges moved to the voice's."""
    # The motion of a sample is that since the one before.
    starts = [0, *(i for i in range(1, len(states)) if states[i] != states[i - 1])]
    edges = [times[0], *(_snapped(times[i - 1], voice_ms) for i in starts[1:]), times[-1]]
    turns: list[Turn] = []
    for number, start in enumerate(starts):
        turn = Turn(int(states[start]), edges[number], edges[number + 1])
        brief = turn.end_ms - turn.start_ms < MIN_TURN_MS
        if turns and (brief or turns[-1].person == turn.person):
            turns[-1] = Turn(turns[-1].person, turns[-1].start_ms, turn.end_ms)
        else:
            turns.append(turn)
    if len(turns) > 1 and turns[0].end_ms - turns[0].start_ms < MIN_TURN_MS:
        turns[:2] = [Turn(turns[1].person, turns[0].start_ms, turns[1].end_ms)]
    return turns


def _snapped(time_ms: int, voice_ms: Sequence[Span]) -> int:
    """The beginning of a span of voice near a time, else the time."""
    near = [start for start, _ in voice_ms if abs(start - time_ms) <= SNAP_MS]
    return min(near, key=lambda start: abs(start - time_ms), default=time_ms)


def _lead(motion: Floats, present: Bools, states: States, voiced: Floats) -> float:
    """How far the speaker's mouth is before the next person's, on average while a voice is heard."""
    columns = np.arange(len(states))
    own = motion - FIRST_OWN_SHARE * np.median(motion, axis=1, keepdims=True)
    others = np.where(present, own, -np.inf)
    others[states, columns] = -np.inf
    leads = own[states, columns] - np.maximum(others.max(axis=0), own.min())
    return float(leads @ voiced / max(1e-9, voiced.sum()))


def _contrasts(motion: Floats, present: Bools, states: States, voiced: Floats) -> dict[int, float]:
    """How much more each mouth moves in its own turns than in those of others, for people who have both."""
    found = {}
    for person, row in enumerate(motion):
        speaks = voiced * (states == person)
        listens = voiced * (states != person) * present[person]
        if min(speaks.sum(), listens.sum()) >= MIN_CONTRAST_SAMPLES:
            found[person] = float(speaks @ row / speaks.sum() - listens @ row / listens.sum())
    return found
