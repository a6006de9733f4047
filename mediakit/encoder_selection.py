"""Which encoder makes the Shorts of this process: one in hardware that has proven itself, otherwise x264.

Proving is making a real Short of moving test pictures, by the command line and inside the fence of an export. The file
is held to the rules of any Short, and compared with x264's of the same pictures. It happens when a Short is first to
be made, once a process, and not at all where no device is.
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
from mediakit.render.encoders import HARDWARE, X264, Encoder, places
from mediakit.render.short import ShortSpec, render_short
from mediakit.sandbox.process import run

logger = logging.getLogger(__name__)

AUTO = "auto"
LENGTH_MS = 2_000
# Patterns and numbers that move; x264 comes near the ceiling with them, and reaches SSIM 0.998.
PICTURES = f"testsrc2=size=1080x1920:rate=30:duration={LENGTH_MS // 1000},format=yuv420p"
# SSIM to the test pictures may be this much below x264's, which is what five more steps of its CRF
# cost there. Bytes may be this many times as many: hardware spends more, on a few megabytes.
LIKENESS_MARGIN = 0.003
MOST_BYTES = 2.0
# All trials of a process together; the shortest time that an export may be given is 60 s.
BUDGET_S = 40.0
LOOK_EVERY_S = 0.25

Scratch = Callable[[], AbstractContextManager[Path]]
Stop = Callable[[], bool] | None


@dataclass(frozen=True, slots=True)
class Made:
    """A Short of the test pictures: bytes, likeness to them (SSIM, 1 is the same), seconds it took."""

    size: int
    likeness: float
    took_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at an encoder. `reason` says why it is not used, and is empty where it may be.

    `was_tried` is false where nothing was run: there is no device, or ffmpeg has not got it.
    """

    encoder: Encoder
    reason: str = ""
    figures: str = ""
    was_tried: bool = True


class _Bounds(TypedDict):
    timeout_s: float
    should_stop: Stop


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of the system's."""
    with tempfile.TemporaryDirectory(prefix="heimdex-trial-") as name:
        yield Path(name).resolve()


class _Bench:
    """The test pictures and what x264 makes of them; each is made when it is first needed."""

    def __init__(self, folder: Path, should_stop: Stop, until: float) -> None:
        self._folder = folder
        self._should_stop = should_stop
        self._until = until

    @cached_property
    def film(self) -> tuple[str, MediaInfo]:
        """The pictures as they are, in a file without loss."""
        argv = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", PICTURES]
        argv += ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-color_range", "tv"]
        argv += ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
        run([*argv, "film.mp4"], cwd=self._folder, **self._bounds)
        film = str(self._folder / "film.mp4")
        return film, probe(film)

    @cached_property
    def by_x264(self) -> Made:
        """What an encoder is compared with."""
        return self.make(X264)

    def make(self, encoder: Encoder) -> Made:
        """A Short of the test pictures; raises as an export and its check do."""
        film, info = self.film
        out, spec = self._folder / f"{encoder.name}.mp4", ShortSpec(0, LENGTH_MS, CENTER_CROP)
        began = time.monotonic()
        render_short(film, info, spec, out, encoder=encoder, **self._bounds)
        took_s = time.monotonic() - began
        verify_short(str(out), info, spec, **self._bounds)
        return Made(out.stat().st_size, self._likeness(out, film), took_s)

    @property
    def left_s(self) -> float:
        """Seconds until the time for trials is up."""
        return self._until - time.monotonic()

    @property
    def _bounds(self) -> _Bounds:
        return {"timeout_s": max(0.1, self.left_s), "should_stop": self._should_stop}

    def _likeness(self, out: Path, film: str) -> float:
        argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-i", str(out), "-i", film]
        same = "setpts=PTS-STARTPTS"
        graph = f"[0:v]{same}[a];[1:v]{same}[b];[a][b]ssim"
        argv += ["-lavfi", graph, "-f", "null", "-"]
        done = run(argv, reads=[str(out), film], **self._bounds)
        found = re.findall(r"All:(\d\.\d+)", done.tail)
        if not found:
            raise ToolError("ffmpeg did not compare.", tool="ffmpeg", tail=done.tail)
        return float(found[-1])


class Choice:
    """The encoder of one process: found out when it is first wanted, and given up for good when it fails.

    `wanted` is "auto", "x264", or the name of the one encoder of `table` that is tried. All trials
    together may take `budget_s` seconds.
    """

    def __init__(
        self,
        wanted: str = AUTO,
        table: Sequence[Encoder] = HARDWARE,
        *,
        budget_s: float = BUDGET_S,
    ) -> None:
        self._wanted = wanted
        self._budget_s = budget_s
        self._table = [one for one in table if wanted in {AUTO, one.name}]
        self._lock = threading.Lock()
        self._refused: dict[str, str] = {}
        self._best: Encoder | None = None if self._table else X264

    def best(self, *, scratch: Scratch = temporary_folder, should_stop: Stop = None) -> Encoder:
        """The encoder to use. The first call tries them, and says in the log what it found.

        `scratch` gives a folder for its files. Raises `StoppedError` when it is told to stop; what it
        has found out by then it keeps.
        """
        if self._best is None:
            with self._alone(should_stop):
                if self._best is None:
                    self._best = self._find(scratch, should_stop)
                    self._tell(self._best)
        return self._best

    def verdicts(
        self, *, scratch: Scratch = temporary_folder, should_stop: Stop = None
    ) -> Iterator[Verdict]:
        """Try every encoder of the table, whatever was found before; a verdict for each device there is."""
        placed: list[Encoder] = []
        for encoder in self._table:
            found, reason = self._present(encoder)
            placed += found
            if not found:
                yield Verdict(encoder, reason, was_tried=False)
        if placed:
            with scratch() as folder:
                bench = _Bench(folder, should_stop, time.monotonic() + self._budget_s * len(placed))
                yield from (_try(encoder, bench) for encoder in placed)

    def give_up(self, encoder: Encoder, reason: str) -> None:
        """Never use that encoder again in this process, nor try another."""
        self._refused[str(encoder)] = reason
        self._best = X264
        logger.warning("%s is not used any more by this process: %s", encoder, reason)

    def absent(self) -> str:
        """Why none of the wanted encoders can be here, from a look that costs next to nothing; "" when one may be."""
        reasons = {one.name: self._present(one) for one in self._table}
        if any(found for found, _ in reasons.values()):
            return ""
        return "; ".join(f"{name}: {reason}" for name, (_, reason) in reasons.items())

    def _find(self, scratch: Scratch, should_stop: Stop) -> Encoder:
        placed: list[Encoder] = []
        for encoder in self._table:
            found, reason = self._present(encoder)
            placed += [one for one in found if str(one) not in self._refused]
            if reason:
                self._refused[encoder.name] = reason
        if not placed:
            return X264
        with scratch() as folder:
            bench = _Bench(folder, should_stop, time.monotonic() + self._budget_s)
            for encoder in placed:
                verdict = _try(encoder, bench)
                if not verdict.reason:
                    return encoder
                self._refused[str(encoder)] = verdict.reason
        return X264

    def _present(self, encoder: Encoder) -> tuple[list[Encoder], str]:
        """Where it could run; ffmpeg is only asked when there is a device."""
        found, reason = places(encoder)
        if found and encoder.codec not in listed_encoders():
            return [], f"this ffmpeg has no {encoder.codec}"
        return found, reason

    def _tell(self, best: Encoder) -> None:
        """One line in the log: a warning where there is a device, or the operator asked for one."""
        why = "; ".join(f"{name}: {reason}" for name, reason in self._refused.items())
        expected = self._wanted != AUTO or any(places(one)[0] for one in self._table)
        level = logging.WARNING if best is X264 and expected else logging.INFO
        logger.log(level, "Shorts are encoded by %s%s", best, f" ({why})" if why else "")

    @contextlib.contextmanager
    def _alone(self, should_stop: Stop) -> Iterator[None]:
        """One at a time; whoever waits can be told to stop."""
        while not self._lock.acquire(timeout=LOOK_EVERY_S):
            if should_stop is not None and should_stop():
                raise StoppedError("The trial of encoders was not waited for.")
        try:
            yield
        finally:
            self._lock.release()

    def renew_lock(self) -> None:
        """In a forked process: whoever held the lock is not here."""
        self._lock = threading.Lock()


def _try(encoder: Encoder, bench: _Bench) -> Verdict:
    """Whether it makes a Short as good as x264's; `StoppedError` is the one thing that is raised."""
    if bench.left_s <= 0:
        return Verdict(encoder, "no time was left to try it")
    try:
        made, usual = bench.make(encoder), bench.by_x264
    except StoppedError:
        raise
    except ToolError as error:
        return Verdict(encoder, f"the trial failed: {error}{_last_words(error)}")
    except MediaError as error:
        return Verdict(encoder, f"the trial failed: {error}")
    figures = (
        f"SSIM {made.likeness:.4f} (x264 {usual.likeness:.4f}), {made.size / usual.size:.2f} times "
        f"x264's bytes, {made.took_s:.1f} s (x264 {usual.took_s:.1f} s)"
    )
    return Verdict(encoder, _worse(made, usual), figures)


def _worse(made: Made, usual: Made) -> str:
    """What is not good enough about it; "" for nothing."""
    if made.likeness < usual.likeness - LIKENESS_MARGIN:
        return f"its pictures are less like the original than x264's by more than {LIKENESS_MARGIN}"
    if made.size > MOST_BYTES * usual.size:
        return f"its file is more than {MOST_BYTES:g} times as large as x264's"
    return ""


def _last_words(error: ToolError) -> str:
    """The tool's own last words, in one line."""
    lines = error.tail.splitlines()[-3:]
    return f" ({' / '.join(line.strip() for line in lines)})" if lines else ""


_choice = Choice()


def current() -> Choice:
    """The choice of this process."""
    return _choice


def configure(choice: Choice) -> None:
    """Set it, at the start of the process."""
    global _choice  # noqa: PLW0603 -- one a process
    _choice = choice


os.register_at_fork(after_in_child=lambda: current().renew_lock())
