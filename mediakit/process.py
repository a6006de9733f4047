"""The only place that starts child processes.

A child gets an argument list, its own session, a clean environment and no standard input. It is
killed with all its descendants when it overruns its time, when the caller wants to stop, and when
anything at all goes wrong on our side.
"""

import contextlib
import os
import resource
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mediakit.errors import StoppedError, ToolError, ToolMissingError, ToolTimeoutError

POLL_S = 0.2
GRACE_S = 2.0
TAIL_LINES = 40
TAIL_CHARS = 4000
CHUNK = 65536
MAX_LINE = 1 << 20

# A child sees no credentials, and no proxy: ffmpeg would send our loopback reads through it.
PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME")


_alive: set[int] = set()  # process groups of the children that run now


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use at most; None leaves the system's own limit."""

    address_space: int | None = None
    file_size: int | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """A child that ended with exit code 0."""

    output: bytes
    tail: str

    @property
    def stdout(self) -> str:
        """Standard output as text; bytes that are no UTF-8 are replaced."""
        return self.output.decode("utf-8", "replace")


@dataclass(slots=True)
class _Output:
    """What the child has written so far: standard output whole or by lines, errors as a tail."""

    on_line: Callable[[str], None] | None
    limit: int
    kept: bytearray = field(default_factory=bytearray)
    words: bytearray = field(default_factory=bytearray)

    def take_stdout(self, data: bytes) -> bool:
        """Take in a piece; False when the child has written more than it may."""
        self.kept += data
        if self.on_line is None:
            return len(self.kept) <= self.limit
        *lines, rest = bytes(self.kept).split(b"\n")
        self.kept = bytearray(rest[-MAX_LINE:])
        for line in lines:
            self.on_line(line.decode("utf-8", "replace").rstrip("\r"))
        return True

    def take_stderr(self, data: bytes) -> None:
        self.words += data
        if len(self.words) > 16 * TAIL_CHARS:
            del self.words[: -8 * TAIL_CHARS]

    def finish(self) -> None:
        if self.on_line is not None and self.kept:
            self.on_line(self.kept.decode("utf-8", "replace"))
            self.kept.clear()

    def tail(self) -> str:
        text = self.words.decode("utf-8", "replace").replace("\r", "\n")
        lines = [line.rstrip() for line in text.split("\n") if line.strip()]
        return "\n".join(lines[-TAIL_LINES:])[-TAIL_CHARS:]


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    stdout_limit: int = 64 << 20,
    limits: Limits | None = None,
) -> Completed:
    """Run a program to its end and return what it wrote.

    `on_line` gets each line of standard output in the caller's thread as it comes; output is then
    not kept. `should_stop` is asked at least four times a second even while the child is silent.
    Raises `ToolMissingError`, `ToolTimeoutError`, `StoppedError`, or `ToolError` when the program
    fails or writes more than `stdout_limit` bytes.
    """
    tool = Path(argv[0]).name
    output = _Output(on_line, stdout_limit)
    deadline = time.monotonic() + timeout_s
    with _child(argv, cwd=cwd, env=env, limits=limits) as child:
        for within_limit in _pump(child, output):
            if not within_limit:
                raise ToolError(f"{tool} wrote too much.", tool=tool, tail=output.tail())
            if should_stop is not None and should_stop():
                raise StoppedError(f"{tool} was stopped.")
            if time.monotonic() > deadline:
                raise ToolTimeoutError(
                    f"{tool} took longer than {timeout_s:g} s.", tool=tool, tail=output.tail()
                )
        output.finish()
        code = child.wait()
    if code:
        reason = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
        raise ToolError(f"{tool} {reason}.", tool=tool, returncode=code, tail=output.tail())
    return Completed(bytes(output.kept), output.tail())


def kill_all() -> None:
    """Kill every child that runs now with its descendants: for a process that is about to end at once."""
    for group in tuple(_alive):
        _signal_group(group, signal.SIGKILL)


def _pump(child: subprocess.Popen[bytes], output: _Output) -> Iterator[bool]:
    """Move the child's output until both pipes are closed or it has ended and is silent.

    Yields at least every `POLL_S` seconds: whether the child kept within its output limit.
    """
    with selectors.DefaultSelector() as selector:
        for pipe in (child.stdout, child.stderr):
            assert pipe is not None  # noqa: S101 -- both are PIPE
            selector.register(pipe, selectors.EVENT_READ)
        ended = False
        while selector.get_map():
            ready = selector.select(0 if ended else POLL_S)
            within_limit = all(_take(key, selector, child, output) for key, _ in ready)
            yield within_limit
            if not ready:
                if ended:
                    return  # a descendant holds the pipe open; the child itself is done
                # It may have written its last words since we looked: look once more.
                ended = child.poll() is not None
    while child.poll() is None:  # it closed its pipes and works on
        yield True
        time.sleep(POLL_S / 4)


def _take(
    key: selectors.SelectorKey,
    selector: selectors.BaseSelector,
    child: subprocess.Popen[bytes],
    output: _Output,
) -> bool:
    """Take in what a pipe has to give; False when the child has written more than it may."""
    data = os.read(key.fd, CHUNK)
    if not data:
        selector.unregister(key.fileobj)
    elif key.fileobj is child.stdout:
        return output.take_stdout(data)
    else:
        output.take_stderr(data)
    return True


@contextlib.contextmanager
def _child(
    argv: Sequence[str],
    *,
    cwd: Path | None,
    env: Mapping[str, str] | None,
    limits: Limits | None,
) -> Iterator[subprocess.Popen[bytes]]:
    """A running child that never outlives the block, nor does anything it started."""
    path = shutil.which(argv[0])
    if path is None:
        raise ToolMissingError(f"{argv[0]} is not installed.", tool=Path(argv[0]).name)
    clean = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    child = subprocess.Popen(
        [path, *argv[1:]],
        cwd=cwd,
        env={**clean, "LC_ALL": "C.UTF-8", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _alive.add(child.pid)
    try:
        if limits is not None:
            _confine(child.pid, limits)
        yield child
    finally:
        _end(child)
        _alive.discard(child.pid)


def _confine(pid: int, limits: Limits) -> None:
    """Put a fresh child under its limits.

    From outside, as the code between fork and exec is no place for Python in a threaded process.
    """
    wanted = (
        (resource.RLIMIT_AS, limits.address_space),
        (resource.RLIMIT_FSIZE, limits.file_size),
    )
    for what, value in wanted:
        if value is not None:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, what, (value, value))


def _end(child: subprocess.Popen[bytes]) -> None:
    """Make sure that the child's whole process group is gone, and close our ends of its pipes."""
    if child.poll() is None:
        _signal_group(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_S)
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
