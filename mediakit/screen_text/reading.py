"""What is written on screen in a video: rows of lines that appear together, with their time."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediakit.framing.analysis.finders.text_finder import make_text_finder
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox.source_file import is_remote
from mediakit.scenes.first_pass_args import SHORT_CLIP_MS, Mode, Pass
from mediakit.screen_text.hangul import with_hangul
from mediakit.screen_text.line_reader import make_line_reader
from mediakit.screen_text.looks import Pixels, take_looks
from mediakit.screen_text.steady_text import StandingLine, SteadyText, in_reading_order

MAX_ROWS, MAX_CHARS = 3_000, 2_000
# The long side at which looks are searched, and at which it is seen whether they have text at all.
SEARCHED_PX, GLANCE_PX = 960, 640


@dataclass(frozen=True, slots=True)
class Models:
    """Verified model files: the finder of lines, and the recogniser."""

    finder: Path
    reader: Path


@dataclass(frozen=True, slots=True)
class TextOnScreen:
    """Lines of text, divided by line breaks, that appear at `start_ms` and stand until `end_ms`.

    `confidence` is the mean of the lines', from 0 to 1.
    """

    start_ms: int
    end_ms: int
    text: str
    confidence: float


def read_screen_text(
    source: Source,
    info: MediaInfo,
    models: Models,
    work_dir: Path,
    *,
    shots_ms: Sequence[int] = (),
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 3 * 3600,
) -> tuple[TextOnScreen, ...]:
    """Read the text that stands still for some seconds, in the order in which it appears; at most MAX_ROWS.

    Looks are some seconds apart; a shot that begins in between (`shots_ms`) says when text came or went. `on_progress`
    gets a share from 0 to 1. Raises `ToolError` when nothing could be decoded, and `StoppedError`.
    """
    glance = make_text_finder(models.finder, GLANCE_PX)
    find = make_text_finder(models.finder, SEARCHED_PX)
    if glance is None or find is None:
        return ()
    read = with_hangul(make_line_reader(models.reader), work_dir, should_stop=should_stop)
    steady: list[SteadyText] = []

    def make_taker() -> Callable[[Pixels], None]:
        steady[:] = [SteadyText(glance, find, read)]
        return steady[0].take

    run = Pass(
        source=source if is_remote(source) else str(Path(source).absolute()),
        info=info,
        work_dir=work_dir,
        mode=Mode.WHOLE if info.duration_ms <= SHORT_CLIP_MS else Mode.KEYS,
        audio=None,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    times = take_looks(run, make_taker)
    return tuple(rows_of(steady[0].lines, times, sorted(shots_ms), info.duration_ms))[:MAX_ROWS]


def rows_of(
    lines: Sequence[StandingLine], times_ms: Sequence[int], shots_ms: Sequence[int], end_ms: int
) -> Iterator[TextOnScreen]:
    """Yield the lines that appear together as one row. It stands until the last of them goes."""
    by_look: dict[int, list[StandingLine]] = defaultdict(list)
    for line in lines:
        if line.first < len(times_ms):
            by_look[line.first].append(line)
    for first, some in sorted(by_look.items()):
        last = min(max(line.last for line in some), len(times_ms) - 1)
        start = _begin(first, times_ms, shots_ms)
        stop = min(end_ms, max(start + 1, _end(last, times_ms, shots_ms, end_ms)))
        text = "\n".join(line.text for line in in_reading_order(some))[:MAX_CHARS]
        confidence = sum(line.confidence for line in some) / len(some)
        if start < stop:
            yield TextOnScreen(start, stop, text, round(confidence, 3))


def _begin(first: int, times_ms: Sequence[int], shots_ms: Sequence[int]) -> int:
    """When text of a look appeared: at the last shot that begins after the look before, or with the look."""
    before = times_ms[first - 1] if first else -1
    at = bisect_right(shots_ms, times_ms[first]) - 1
    return shots_ms[at] if at >= 0 and shots_ms[at] > before else times_ms[first]


def _end(last: int, times_ms: Sequence[int], shots_ms: Sequence[int], end_ms: int) -> int:
    """When text of a look went: at the next shot, or at the next look."""
    after = times_ms[last + 1] if last + 1 < len(times_ms) else end_ms
    at = bisect_left(shots_ms, times_ms[last] + 1)
    return shots_ms[at] if at < len(shots_ms) and shots_ms[at] <= after else after
