"""One decode of a finished file: how many pictures and samples it really holds, and what they show.

Pictures are counted at full size; looking for black and frozen stretches takes five small ones a
second, which costs a few percent of the decode.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mediakit.audio.loudness import Loudness
from mediakit.ffmpeg.source_args import input_args, thread_args
from mediakit.media_info import Source
from mediakit.sandbox.process import run

Span = tuple[int, int]

# "[h264 @ 0x55ff32] [error] text": who, and what; its address changes with each run.
_ERROR_LINE = re.compile(r"(?:\[(?:NULL|([\w,]+)) @ \w+\] )?\[(?:error|fatal|panic)\] (.*)")

SAMPLES_PER_S = 5
MIN_BLACK_MS, MIN_FROZEN_MS, MIN_SILENT_MS = 500, 2_000, 2_000
# Black: 98 of 100 points at most a tenth of white. Frozen: no more than a thousandth of the range
# away from the picture it froze on, on average over all points.
BLACK_FILTER = f"blackdetect=d={MIN_BLACK_MS / 1000:g}:pic_th=0.98:pix_th=0.1"
FREEZE_FILTER = f"freezedetect=n=-60dB:d={MIN_FROZEN_MS / 1000:g}"
MAX_SILENCE_DB = -50.0
MIN_CLIPPED_DB = -0.01  # at the end of the scale, but for rounding
_MIN_LUFS = -70.0  # what the meter says of nothing


@dataclass(frozen=True, slots=True)
class DecodeScan:
    """What came out of the decoders. Spans in ms from the file's beginning, in order.

    `samples` counts each channel's. `errors` are the decoders' own words. What is black is not
    called frozen as well.
    """

    frames: int
    samples: int
    errors: tuple[str, ...]
    loudness: Loudness
    black_ms: tuple[Span, ...] = ()
    frozen_ms: tuple[Span, ...] = ()
    silent_ms: tuple[Span, ...] = ()
    clipped_ms: tuple[Span, ...] = ()


def scan_decode(
    source: Source,
    *,
    picture: bool,
    sound: bool,
    timeout_s: float,
    on_progress: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> DecodeScan:
    """Decode every picture and sample once; count, look, listen, and keep what the decoders complain of.

    `picture` and `sound` say which tracks there are. `on_progress` gets the number of pictures so far.
    """
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+error"]
    argv += ["-progress", "pipe:1", *thread_args(), *input_args(source), *_outputs(picture, sound)]
    reader = _OutputParser(on_progress)
    answer = run(
        argv, timeout_s=timeout_s, reads=[source], on_line=reader.read, should_stop=should_stop
    )
    # The output that goes nowhere has its own complaints, about times that no player minds.
    lines = [line for line in answer.tail.splitlines() if not line.startswith("[null @")]
    faults = (_ERROR_LINE.search(line) for line in lines)
    return reader.found(f"{fault[1] or 'ffmpeg'}: {fault[2]}" for fault in faults if fault)


def _outputs(picture: bool, sound: bool) -> list[str]:  # noqa: FBT001 -- the two tracks there may be
    """One filter graph for both tracks, so that what it prints of a frame is never torn apart.

    The first output is every picture as it is: it is what the progress counts.
    """
    say = "metadata=print:file=-:direct=1"
    graph, outputs = [], []
    if picture:
        small = f"fps={SAMPLES_PER_S},scale=72:128:flags=area"
        graph.append(
            f"[0:v:0]split[all][some];[some]{small},{BLACK_FILTER},{FREEZE_FILTER},{say}[seen]"
        )
        outputs += ["-map", "[all]"]
    if sound:
        # In pieces of 100 ms. A single channel is played by both speakers.
        meter = "ebur128=peak=true:dualmono=true:metadata=1:framelog=verbose"
        level = "measure_perchannel=none:measure_overall=Peak_level+Number_of_samples"
        graph.append(f"[0:a:0]{meter},astats=metadata=1:reset=1:{level},a{say}[heard]")
        outputs += ["-map", "[heard]"]
    if picture:
        outputs += ["-map", "[seen]"]
    return (
        ["-filter_complex", ";".join(graph), *outputs, *_NULL_OUTPUT]
        if graph
        else _NO_TRACKS_OUTPUT
    )


_NULL_OUTPUT = ["-fps_mode", "passthrough", "-f", "null", "-"]
_NO_TRACKS_OUTPUT = ["-map", "0", "-c", "copy", "-f", "null", "-"]


@dataclass(slots=True)
class _SpanMerger:
    """Runs of time, put together from pieces that touch."""

    spans: list[Span] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        if self.spans and start - self.spans[-1][1] <= 1:
            self.spans[-1] = (self.spans[-1][0], end)
        else:
            self.spans.append((start, end))

    def longer(self, least_ms: int) -> tuple[Span, ...]:
        return tuple(span for span in self.spans if span[1] - span[0] >= least_ms)


class _OutputParser:
    """Takes in ffmpeg's lines: its progress, and what the filters say of single frames."""

    def __init__(self, on_progress: Callable[[int], None]) -> None:
        self._on_progress = on_progress
        self._frames = self._samples = 0
        self._lufs: float | None = None
        self._peak = 0.0
        self._time_ms = self._last_ms = 0
        self._level_db = -math.inf
        self._starts: dict[str, list[int]] = {"black": [], "freeze": []}
        self._ends: dict[str, list[int]] = {"black": [], "freeze": []}
        self._silent, self._clipped = _SpanMerger(), _SpanMerger()
        self._handlers: dict[str, Callable[[float], None]] = {
            "lavfi.black_start": lambda value: self._starts["black"].append(_ms(value)),
            "lavfi.black_end": lambda value: self._ends["black"].append(_ms(value)),
            "lavfi.freezedetect.freeze_start": lambda v: self._starts["freeze"].append(_ms(v)),
            "lavfi.freezedetect.freeze_end": lambda value: self._ends["freeze"].append(_ms(value)),
            "lavfi.r128.I": self._loudness,
            "lavfi.r128.true_peak": self._true_peak,
            "lavfi.astats.Overall.Peak_level": self._level,
            "lavfi.astats.Overall.Number_of_samples": self._piece,
        }

    def read(self, line: str) -> None:
        """One line of output; what it does not know is passed over."""
        key, _, text = line.partition("=")
        if key == "frame":
            self._frames = int(text)
            self._on_progress(self._frames)
        elif key in self._handlers:
            self._handlers[key](_number(text))
        elif line.startswith("frame:"):
            self._time_ms = _ms(_number(line.rpartition("pts_time:")[2]))
        elif key == "out_time_us":
            self._last_ms = max(self._last_ms, int(text) // 1000 if text.isdigit() else 0)

    def found(self, errors: Iterable[str]) -> DecodeScan:
        """Everything, once the last line is in."""
        black, frozen = (
            self._stretches("black", MIN_BLACK_MS),
            self._stretches("freeze", MIN_FROZEN_MS),
        )
        peak = 20 * math.log10(self._peak) if self._peak > 0 else None
        return DecodeScan(
            frames=self._frames,
            samples=self._samples,
            errors=tuple(errors),
            loudness=Loudness(self._lufs, peak),
            black_ms=black,
            frozen_ms=tuple(s for s in frozen if not any(_inside(s, other) for other in black)),
            silent_ms=self._silent.longer(MIN_SILENT_MS),
            clipped_ms=self._clipped.longer(0),
        )

    def _stretches(self, kind: str, least_ms: int) -> tuple[Span, ...]:
        """Begun and ended stretches; the filters do not say the end of one that lasts to the end."""
        starts, ends = self._starts[kind], self._ends[kind]
        ends = [*ends, *[self._last_ms] * (len(starts) - len(ends))]
        spans = zip(starts, ends, strict=False)
        return tuple((start, end) for start, end in spans if end - start >= least_ms)

    def _loudness(self, value: float) -> None:
        self._lufs = value if value > _MIN_LUFS else None

    def _true_peak(self, value: float) -> None:
        self._peak = value if math.isfinite(value) else self._peak

    def _level(self, value: float) -> None:
        self._level_db = value

    def _piece(self, samples: float) -> None:
        """A piece of sound of 100 ms is complete."""
        self._samples += int(samples)
        start, end = self._time_ms, self._time_ms + 100
        if not self._level_db >= MAX_SILENCE_DB:
            self._silent.add(start, end)
        elif self._level_db >= MIN_CLIPPED_DB:
            self._clipped.add(start, end)


def _inside(span: Span, other: Span) -> bool:
    """Whether it lies in the other one, but for the time between two looks."""
    return other[0] - 250 <= span[0] and span[1] <= other[1] + 250


def _ms(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
