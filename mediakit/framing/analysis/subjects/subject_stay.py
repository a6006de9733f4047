"""How long a subject stays in a shot in which it comes or leaves: from one empty ground to the next.

Looks are known by their numbers within the shot.
"""

from collections.abc import Callable, Sequence
from itertools import groupby

from mediakit.framing.analysis.finders.object_finder import Standout
from mediakit.framing.rect import Rect, union_of

# It stays for so long at least. Before it comes, and after it has left, so many looks in a row are empty.
MIN_STAY_MS = 1_500
MIN_EMPTY = 2
# What is in doubt in a look is the subject that is known from the look beside it where it is no wider than MAX_FAINT,
# and near: both together are wider by MAX_SHIFT at most.
MAX_FAINT, MAX_SHIFT = 0.25, 0.1

LookAt = Callable[[int], Standout]


def find_stay(times_ms: Sequence[int], numbers: Sequence[int], at: LookAt) -> dict[int, Standout]:
    """What stands out from the look in which a subject is there first to that in which it is last, by number.

    `numbers` are those of the looks that are searched first, from the first to the last of the shot; `at` searches a
    look. Of several stays the longest counts. Nothing where something else stands out right before, or after.
    """
    runs = [list(run) for is_clear, run in groupby(numbers, lambda n: _is_clear(at(n))) if is_clear]
    stays = []
    for run in runs:
        found = {number: at(number) for number in run}
        first = _reach(found, at, run[0], max((n for n in numbers if n < run[0]), default=-1))
        last = _reach(
            found, at, run[-1], min((n for n in numbers if n > run[-1]), default=len(times_ms))
        )
        is_alone = _is_empty(at, range(first - 1, first - 1 - MIN_EMPTY, -1), len(times_ms))
        is_alone = is_alone and _is_empty(at, range(last + 1, last + 1 + MIN_EMPTY), len(times_ms))
        if is_alone and times_ms[last] - times_ms[first] >= MIN_STAY_MS:
            stays.append((times_ms[last] - times_ms[first], found))
    return max(stays, key=lambda stay: stay[0], default=(0, {}))[1]


def _is_clear(look: Standout) -> bool:
    return look.box is not None


def _reach(found: dict[int, Standout], at: LookAt, inside: int, outside: int) -> int:
    """The number of the last look from `inside` on that shows the subject; those between are noted."""
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        shown = _same(at(middle), found[inside].box)
        if shown is None:
            outside = middle
        else:
            found[middle], inside = Standout(shown), middle
    return inside


def _same(look: Standout, known: Rect | None) -> Rect | None:
    """What stands out in a look; what is in doubt in it only where it lies at the place of what is known."""
    if look.box is not None or look.doubtful is None or known is None:
        return look.box
    both = union_of([look.doubtful, known])
    is_near = both.width <= max(look.doubtful.width, known.width) + MAX_SHIFT
    return look.doubtful if is_near and look.doubtful.width <= MAX_FAINT else None


def _is_empty(at: LookAt, numbers: Sequence[int], count: int) -> bool:
    return all(at(number).is_empty for number in numbers if 0 <= number < count)
