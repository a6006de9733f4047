"""Decode a finished file once: count its frames and samples, find black, frozen, silent and clipped spans.

Frames are counted at full size. Black and frozen spans are detected in SAMPLES_PER_S small pictures a
second, which costs a few percent of the decode.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mediakit.audio.loudness import Loudness
from mediakit.conformance.decode_extracts import Extracts
from mediakit.cutting.cut_time import Span
from mediakit.ffmpeg.source_args import input_args, thread_args
from mediakit.media_info import Source
from mediakit.render.cover import candidates_graph
from mediakit.sandbox.process import run

# "[h264 @ 0x55ff32] [error] text": the component and its message; the address differs in each run.
_ERROR_LINE = re.compile(r"(?:\[(?:NULL|([\w,]+)) @ \w+\] )?\[(?:error|fatal|panic)\] (.*)")

# The deblocking filter reads nothing of the file that could be damaged, and costs a sixth of the decode. Without it
# pictures differ by less than what counts as frozen or black.
_WITHOUT_DEBLOCKING = ("-skip_loop_filter", "all")
SAMPLES_PER_S = 5
MIN_BLACK_MS, MIN_FROZEN_MS, MIN_SILENT_MS = 500, 2_000, 2_000
# Black: 98 % of the pixels are at most a tenth of white. Frozen: the mean difference from the picture it
# froze on is at most a thousandth of the range.
BLACK_FILTER = f"blackdetect=d={MIN_BLACK_MS / 1000:g}:pic_th=0.98:pix_th=0.1"
FREEZE_FILTER = f"freezedetect=n=-60dB:d={MIN_FROZEN_MS / 1000:g}"
MAX_SILENCE_DB = -50.0
MIN_CLIPPED_DB = -0.01  # full scale, except for rounding
_MIN_LUFS = -70.0  # what the meter reports for silence


@dataclass(frozen=True, slots=True)
class DecodeScan:
    """The result of one decode. Spans are ms from the file's start, in order.

    `samples` is the number per channel. `errors` are the decoders' messages. A black span is not
    reported as frozen too.
    """

    frames: int
    samples: int
    errors: tuple[str, ...]
    loudness: Loudness
    black_ms: tuple[Span, ...] = ()
    frozen_ms: tuple[Span, ...] = ()
    silent_ms: tuple[Span, ...] = ()
    clipped_ms: tuple[Span, ...] = ()

    def within(self, start_ms: int, end_ms: int) -> "DecodeScan":
        """The scan with what is black, frozen or silent between two times; what then is too short is left out."""

        def inside(spans: tuple[Span, ...], shortest_ms: int) -> tuple[Span, ...]:
            cut = ((max(start_ms, start), min(end_ms, end)) for start, end in spans)
            return tuple((start, end) for start, end in cut if end - start >= shortest_ms)

        return replace(
            self,
            black_ms=inside(self.black_ms, MIN_BLACK_MS),
            frozen_ms=inside(self.frozen_ms, MIN_FROZEN_MS),
            silent_ms=inside(self.silent_ms, MIN_SILENT_MS),
        )


def scan_decode(
    source: Source,
    *,
    has_video: bool,
    has_audio: bool,
    timeout_s: float,
    extracts: Extracts | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> DecodeScan:
    """Decode all video and audio once. `has_video` and `has_audio` say which tracks exist.

    The same decode writes the `extracts`.

    `on_progress` gets the number of frames so far. Raises `ToolError` when ffmpeg fails.
    """
    argv = [
        *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+error", "-y"),
        *("-progress", "pipe:1", *thread_args(), *_WITHOUT_DEBLOCKING, *input_args(source)),
        *_outputs(has_video, has_audio, extracts),
    ]
    parser = _OutputParser(on_progress)
    completed = run(
        argv,
        timeout_s=timeout_s,
        reads=[source],
        cwd=extracts.folder if extracts else None,
        on_line=parser.read,
        should_stop=should_stop,
    )
    # The null muxer reports timestamps that no player minds.
    lines = [line for line in completed.tail.splitlines() if not line.startswith("[null @")]
    errors = (_ERROR_LINE.search(line) for line in lines)
    return parser.result(f"{error[1] or 'ffmpeg'}: {error[2]}" for error in errors if error)


def _outputs(has_video: bool, has_audio: bool, extracts: Extracts | None) -> list[str]:  # noqa: FBT001 -- one flag a track
    """One filter graph for both tracks, so that the lines printed for a frame stay together.

    The first output is every frame unchanged, because the progress counts its frames.
    """
    print_metadata = "metadata=print:file=-:direct=1"
    graph, outputs = [], []
    cover_ms = extracts.cover_ms if extracts else None
    if has_video:
        small = f"fps={SAMPLES_PER_S},scale=72:128:flags=area"
        split = "split=3[all][some][few]" if cover_ms else "split[all][some]"
        graph.append(
            f"[0:v:0]{split};[some]{small},{BLACK_FILTER},{FREEZE_FILTER},{print_metadata}[video]"
        )
        if cover_ms:
            graph.append(candidates_graph("few", cover_ms))
        outputs += ["-map", "[all]"]
    if has_audio:
        # In blocks of 100 ms. A mono track is played by both speakers (`dualmono`).
        meter = "ebur128=peak=true:dualmono=true:metadata=1:framelog=verbose"
        level = "measure_perchannel=none:measure_overall=Peak_level+Number_of_samples"
        graph.append(f"[0:a:0]{meter},astats=metadata=1:reset=1:{level},a{print_metadata}[audio]")
        outputs += ["-map", "[audio]"]
    if has_video:
        outputs += ["-map", "[video]"]
    if not graph:
        return _NO_TRACKS_OUTPUT
    files = extracts.outputs(has_video=has_video, has_audio=has_audio) if extracts else []
    return ["-filter_complex", ";".join(graph), *outputs, *_NULL_OUTPUT, *files]


_NULL_OUTPUT = ["-fps_mode", "passthrough", "-f", "null", "-"]
_NO_TRACKS_OUTPUT = ["-map", "0", "-c", "copy", "-f", "null", "-"]


@dataclass(slots=True)
class _SpanMerger:
    """Merges adjacent blocks into spans."""

    spans: list[Span] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        if self.spans and start - self.spans[-1][1] <= 1:
            self.spans[-1] = (self.spans[-1][0], end)
        else:
            self.spans.append((start, end))

    def at_least(self, min_ms: int) -> tuple[Span, ...]:
        return tuple(span for span in self.spans if span[1] - span[0] >= min_ms)


class _OutputParser:
    """Parses ffmpeg's output: its progress, and the values the filters print for each frame."""

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
            "lavfi.astats.Overall.Number_of_samples": self._end_block,
        }

    def read(self, line: str) -> None:
        """Parse one line of output; unknown lines are skipped."""
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

    def result(self, errors: Iterable[str]) -> DecodeScan:
        """The scan, after the last line."""
        black, frozen = (
            self._detected_spans("black", MIN_BLACK_MS),
            self._detected_spans("freeze", MIN_FROZEN_MS),
        )
        peak = 20 * math.log10(self._peak) if self._peak > 0 else None
        return DecodeScan(
            frames=self._frames,
            samples=self._samples,
            errors=tuple(errors),
            loudness=Loudness(self._lufs, peak),
            black_ms=black,
            frozen_ms=tuple(s for s in frozen if not any(_inside(s, other) for other in black)),
            silent_ms=self._silent.at_least(MIN_SILENT_MS),
            clipped_ms=self._clipped.at_least(0),
        )

    def _detected_spans(self, kind: str, min_ms: int) -> tuple[Span, ...]:
        """The detected spans; the filters do not report the end of a span that lasts to the file's end."""
        starts, ends = self._starts[kind], self._ends[kind]
        ends = [*ends, *[self._last_ms] * (len(starts) - len(ends))]
        spans = zip(starts, ends, strict=False)
        return tuple((start, end) for start, end in spans if end - start >= min_ms)

    def _loudness(self, value: float) -> None:
        self._lufs = value if value > _MIN_LUFS else None

    def _true_peak(self, value: float) -> None:
        self._peak = value if math.isfinite(value) else self._peak

    def _level(self, value: float) -> None:
        self._level_db = value

    def _end_block(self, samples: float) -> None:
        """Classify a complete audio block of 100 ms."""
        self._samples += int(samples)
        start, end = self._time_ms, self._time_ms + 100
        if not self._level_db >= MAX_SILENCE_DB:
            self._silent.add(start, end)
        elif self._level_db >= MIN_CLIPPED_DB:
            self._clipped.add(start, end)


def _inside(span: Span, other: Span) -> bool:
    """Return whether one span lies inside the other, with a tolerance of one sample interval."""
    return other[0] - 250 <= span[0] and span[1] <= other[1] + 250


def _ms(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
