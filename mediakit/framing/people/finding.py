"""The people in one shot who may speak, of any size, and where they are."""

from collections.abc import Sequence

from mediakit.framing.people.face_tracks import (
    MAX_GROWTH,
    Track,
    boxes_are_apart,
    find_tracks,
    is_distinct,
)
from mediakit.framing.people.tracking import (
    GROUP_FILL,
    MAX_PARTS,
    MIN_STACK_FACE,
    SECONDARY_PRESENCE,
    Target,
)
from mediakit.framing.range_analysis import FaceSample
from mediakit.framing.rect import Rect, union_of

# The smallest height relative to the tallest face, and the smallest share of samples.
MIN_SIZE, MIN_PRESENCE = 0.1, 0.3
MAX_PEOPLE = 6


def find_people(samples: Sequence[FaceSample]) -> list[Track]:
    """The people of any size in one shot, the most visible first: at most MAX_PEOPLE.

    Tracks of one person, between which the face was lost, are joined.
    """
    people: list[list[Track]] = []
    for track in sorted(find_tracks(samples), key=lambda track: -track.visibility):
        known = next((person for person in people if _continues(track, person)), None)
        if known is None:
            people.append([track])
        else:
            known.append(track)
    joined = [Track({i: f for track in p for i, f in track.faces.items()}) for p in people]
    tallest = max((person.size for person in joined), default=0.0)
    found = [
        person
        for person in joined
        if person.size >= MIN_SIZE * tallest and len(person.faces) >= MIN_PRESENCE * len(samples)
    ]
    return found[:MAX_PEOPLE]


def _continues(track: Track, person: Sequence[Track]) -> bool:
    """Whether the track is a person's later or earlier one: at another time, near and of like size."""
    first = person[0]
    growth = max(track.size, first.size) / max(1e-6, min(track.size, first.size))
    overlaps = any(is_distinct(track, known) for known in person)
    apart = boxes_are_apart(first.median_box, track.median_box)
    return growth <= MAX_GROWTH and not overlaps and not apart


def targets_of(person: Track, samples: Sequence[FaceSample]) -> tuple[Target, ...]:
    """The boxes of one person as a window's targets."""
    return tuple(
        Target(sample.time_ms, box, person.faces[i].look if i in person.faces else 0.0)
        for i, sample in enumerate(samples)
        if (box := person.at(i)) is not None
    )


def are_apart(people: Sequence[Track], window_width: float) -> bool:
    """Whether the people do not fit one window together, by their median boxes."""
    return union_of([person.median_box for person in people]).width > GROUP_FILL * window_width


def part_boxes(people: Sequence[Track], count: int) -> tuple[Rect, ...]:
    """The boxes of those who are large and present enough for a part each, from left to right; () for less than two.

    `count` is the number of the shot's samples.
    """
    boxes = [
        person.median_box
        for person in people[:MAX_PARTS]
        if person.size >= MIN_STACK_FACE and len(person.faces) >= SECONDARY_PRESENCE * count
    ]
    return tuple(sorted(boxes, key=lambda box: box.left)) if len(boxes) > 1 else ()
