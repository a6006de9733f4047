"""Select this process's video encoder: a hardware encoder that passed its trial, otherwise x264.

A trial renders a real Short of moving test pictures, with an export's command line and confinement. The file must pass
the rules of every Short, and is compared with x264's result for the same pictures. Trials run once
a process, before its first Short, and only if there is a device.
"""

import contextlib
import logging
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypedDict

from mediakit.conformance.verification import verify_short
from mediakit.errors import MediaError, StoppedError, ToolError
from mediakit.ffmpeg.installation import listed_encoders
from mediakit.framing.geometry import CENTER_CROP
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.encoders import HARDWARE, X264, Encoder, bound_to_devices
from mediakit.render.short import ShortSpec, render_short
from mediakit.sandbox.process import run

logger = logging.getLogger(__name__)

AUTO = "auto"
TRIAL_MS = 2_000
# Moving patterns and numbers; x264 nearly reaches its maximum bit rate with them, and SSIM 0.998.
TEST_SOURCE = f"testsrc2=size=1080x1920:rate=30:duration={TRIAL_MS // 1000},format=yuv420p"
# SSIM may be this much below x264's; five more steps of its CRF cost as much. The file may be this many
# times as large: hardware needs more bits, and a Short has only a few megabytes.
MAX_SSIM_LOSS = 0.003
MAX_SIZE_RATIO = 2.0
# For all trials of a process; the shortest timeout of an export is 60 s.
BUDGET_S = 40.0
LOCK_POLL_S = 0.25

TempDirFactory = Callable[[], AbstractContextManager[Path]]
ShouldStop = Callable[[], bool] | None


@dataclass(frozen=True, slots=True)
class TrialShort:
    """A Short of the test pictures: its size, its SSIM to them (1 is identical), and the render time."""

    size_bytes: int
    ssim: float
    took_s: float


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The outcome for one encoder. `reason` says why it cannot be used, "" if it can.

    `was_tried` is false when no trial ran: there is no device, or this ffmpeg lacks the encoder.
    """

    encoder: Encoder
    reason: str = ""
    figures: str = ""
    was_tried: bool = True


class _RunLimits(TypedDict):
    timeout_s: float
    should_stop: ShouldStop


@contextlib.contextmanager
def temporary_directory() -> Iterator[Path]:
    """A folder in the system's temporary directory."""
    with tempfile.TemporaryDirectory(prefix="heimdex-trial-") as name:
        yield Path(name).resolve()


class _Trials:
    """The test pictures, and trial Shorts of them; each is made when it is first needed."""

    def __init__(self, folder: Path, should_stop: ShouldStop, deadline: float) -> None:
        self._folder = folder
        self._should_stop = should_stop
        self._deadline = deadline

    @cached_property
    def source(self) -> tuple[str, MediaInfo]:
        """A lossless file of the test pictures."""
        argv = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", TEST_SOURCE]
        argv += ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-color_range", "tv"]
        argv += ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
        run([*argv, "source.mp4"], cwd=self._folder, **self._bounds)
        source = str(self._folder / "source.mp4")
        return source, probe(source)

    @cached_property
    def x264_short(self) -> TrialShort:
        """x264's Short, with which each encoder is compared."""
        return self.render(X264)

    def render(self, encoder: Encoder) -> TrialShort:
        """Render and verify a Short of the test pictures. Raises the errors of `render_short` and `verify_short`."""
        source, info = self.source
        out, spec = self._folder / f"{encoder.name}.mp4", ShortSpec(0, TRIAL_MS, CENTER_CROP)
        began = time.monotonic()
        render_short(source, info, spec, out, encoder=encoder, **self._bounds)
        took_s = time.monotonic() - began
        verify_short(str(out), info, spec, **self._bounds)
        return TrialShort(out.stat().st_size, self._ssim(out, source), took_s)

    @property
    def left_s(self) -> float:
        """Seconds until the trials' time is up."""
        return self._deadline - time.monotonic()

    @property
    def _bounds(self) -> _RunLimits:
        return {"timeout_s": max(0.1, self.left_s), "should_stop": self._should_stop}

    def _ssim(self, out: Path, source: str) -> float:
        argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", str(out), "-i", source]
        aligned = "setpts=PTS-STARTPTS"
        graph = f"[0:v]{aligned}[a];[1:v]{aligned}[b];[a][b]ssim"
        argv += ["-lavfi", graph, "-f", "null", "-"]
        completed = run(argv, reads=[str(out), source], **self._bounds)
        found = re.findall(r"All:(\d\.\d+)", completed.tail)
        if not found:
            raise ToolError("ffmpeg did not compare.", tool="ffmpeg", tail=completed.tail)
        return float(found[-1])


class EncoderSelection:
    """The encoder of one process: selected at its first use, and rejected for good when it fails.

    `preference` is "auto", "x264", or the name of the only encoder of `table` to try. All trials
    together may take `budget_s` seconds.
    """

    def __init__(
        self,
        preference: str = AUTO,
        table: Sequence[Encoder] = HARDWARE,
        *,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._preference = preference
        self._budget_s = budget_s
        self._table = [one for one in table if preference in {AUTO, one.name}]
        self._lock = threading.Lock()
        self._rejected: dict[str, str] = {}
        self._selected: Encoder | None = None if self._table else X264

    def select(
        self, *, make_temp_dir: TempDirFactory = temporary_directory, should_stop: ShouldStop = None
    ) -> Encoder:
        """The encoder to use. The first call runs the trials and logs the result.

        `make_temp_dir` gives a folder for the files. Raises `StoppedError` when `should_stop` says so;
        results up to then are kept.
        """
        if self._selected is None:
            with self._locked(should_stop):
                if self._selected is None:
                    self._selected = self._find(make_temp_dir, should_stop)
                    self._log(self._selected)
        return self._selected

    def try_all(
        self, *, make_temp_dir: TempDirFactory = temporary_directory, should_stop: ShouldStop = None
    ) -> Iterator[TrialResult]:
        """Try every encoder again, regardless of earlier results. Returns one result for each device."""
        bound: list[Encoder] = []
        for encoder in self._table:
            found, reason = self._present(encoder)
            bound += found
            if not found:
                yield TrialResult(encoder, reason, was_tried=False)
        if bound:
            with make_temp_dir() as folder:
                trials = _Trials(
                    folder, should_stop, time.monotonic() + self._budget_s * len(bound)
                )
                yield from (_try_encoder(encoder, trials) for encoder in bound)

    def reject(self, encoder: Encoder, reason: str) -> None:
        """Use x264 for the rest of this process, and try no other encoder."""
        self._rejected[str(encoder)] = reason
        self._selected = X264
        logger.warning("%s is not used any more by this process: %s", encoder, reason)

    def absence_reason(self) -> str:
        """Why no preferred encoder can be present, found without a trial; "" if one may be."""
        reasons = {one.name: self._present(one) for one in self._table}
        if any(found for found, _ in reasons.values()):
            return ""
        return "; ".join(f"{name}: {reason}" for name, (_, reason) in reasons.items())

    def _find(self, make_temp_dir: TempDirFactory, should_stop: ShouldStop) -> Encoder:
        bound: list[Encoder] = []
        for encoder in self._table:
            found, reason = self._present(encoder)
            bound += [one for one in found if str(one) not in self._rejected]
            if reason:
                self._rejected[encoder.name] = reason
        if not bound:
            return X264
        with make_temp_dir() as folder:
            trials = _Trials(folder, should_stop, time.monotonic() + self._budget_s)
            for encoder in bound:
                result = _try_encoder(encoder, trials)
                if not result.reason:
                    return encoder
                self._rejected[str(encoder)] = result.reason
        return X264

    def _present(self, encoder: Encoder) -> tuple[list[Encoder], str]:
        """The encoder bound to its devices; ffmpeg runs only if there is a device."""
        found, reason = bound_to_devices(encoder)
        if found and encoder.codec not in listed_encoders():
            return [], f"this ffmpeg has no {encoder.codec}"
        return found, reason

    def _log(self, selected: Encoder) -> None:
        """Log the selection: x264 is a warning if there is a device or the operator chose an encoder."""
        why = "; ".join(f"{name}: {reason}" for name, reason in self._rejected.items())
        expected = self._preference != AUTO or any(bound_to_devices(one)[0] for one in self._table)
        level = logging.WARNING if selected is X264 and expected else logging.INFO
        logger.log(level, "Shorts are encoded by %s%s", selected, f" ({why})" if why else "")

    @contextlib.contextmanager
    def _locked(self, should_stop: ShouldStop) -> Iterator[None]:
        """Hold the lock; raises `StoppedError` when `should_stop` says so while waiting."""
        while not self._lock.acquire(timeout=LOCK_POLL_S):
            if should_stop is not None and should_stop():
                raise StoppedError("The trial of encoders was not waited for.")
        try:
            yield
        finally:
            self._lock.release()

    def renew_lock(self) -> None:
        """Replace the lock in a forked process, where its holder does not exist."""
        self._lock = threading.Lock()


def _try_encoder(encoder: Encoder, trials: _Trials) -> TrialResult:
    """Compare the encoder's Short with x264's. Raises only `StoppedError`."""
    if trials.left_s <= 0:
        return TrialResult(encoder, "no time was left to try it")
    try:
        short, reference = trials.render(encoder), trials.x264_short
    except StoppedError:
        raise
    except ToolError as error:
        return TrialResult(encoder, f"the trial failed: {error}{_stderr_tail(error)}")
    except MediaError as error:
        return TrialResult(encoder, f"the trial failed: {error}")
    figures = (
        f"SSIM {short.ssim:.4f} (x264 {reference.ssim:.4f}), {short.size_bytes / reference.size_bytes:.2f} times "
        f"x264's bytes, {short.took_s:.1f} s (x264 {reference.took_s:.1f} s)"
    )
    return TrialResult(encoder, _rejection_reason(short, reference), figures)


def _rejection_reason(short: TrialShort, reference: TrialShort) -> str:
    """Why the Short is not good enough; "" if it is."""
    if short.ssim < reference.ssim - MAX_SSIM_LOSS:
        return f"its pictures are less like the original than x264's by more than {MAX_SSIM_LOSS}"
    if short.size_bytes > MAX_SIZE_RATIO * reference.size_bytes:
        return f"its file is more than {MAX_SIZE_RATIO:g} times as large as x264's"
    return ""


def _stderr_tail(error: ToolError) -> str:
    """The last lines of the tool's output, in one line."""
    lines = error.tail.splitlines()[-3:]
    return f" ({' / '.join(line.strip() for line in lines)})" if lines else ""


_selection = EncoderSelection()


def current() -> EncoderSelection:
    """The selection of this process."""
    return _selection


def configure(selection: EncoderSelection) -> None:
    """Set the selection of this process, at its start."""
    global _selection  # noqa: PLW0603 -- one a process
    _selection = selection


os.register_at_fork(after_in_child=lambda: current().renew_lock())
