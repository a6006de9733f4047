"""The only place that starts child processes.

A child gets an argument list, its own session, a clean environment, no standard input, and a
confinement (`mediakit.sandbox.confinement`) that grants only what the caller names. It is killed with all its
descendants when it overruns its time, when the caller wants to stop, when anything at all goes
wrong on our side, and when this process dies.
"""

import contextlib
import math
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from mediakit.errors import (
    SandboxError,
    StoppedError,
    ToolError,
    ToolLimitError,
    ToolMissingError,
    ToolTimeoutError,
)
from mediakit.media_info import Source
from mediakit.sandbox import config, confinement, fork_server
from mediakit.sandbox.config import Limits
from mediakit.sandbox.confinement import Devices
from mediakit.sandbox.usage import UsageMonitor

# Drivers reserve far more address space than they use: a run with a device is held to the same
# limit by what it really takes, and by this for the rest.
DEVICE_ADDRESS_SPACE = 1 << 40
POLL_S = 0.2
# The kernel's CPU limit in seconds above the parent's: many threads use seconds between two checks of the parent.
CPU_MARGIN_S = 10
FIRST_PAUSE_S = 0.001
TAIL_LINES = 40
TAIL_CHARS = 4000
CHUNK = 65536
MAX_LINE_BYTES = 1 << 20

# A child sees no credentials, and no proxy: ffmpeg would send our loopback reads through it.
INHERITED_ENV = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME")
# Each arena of the C library takes 64 MB of the address space that a child may have.
FIXED_ENV = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "4"}
STARTED = b"ok"

_running_groups: set[int] = set()  # process groups of the children that run now


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
    """The child's output so far: standard output as a whole, by lines or passed on; standard error as a tail."""

    on_line: Callable[[str], None] | None
    limit: int
    hidden: Mapping[str, str]
    on_bytes: Callable[[bytes], None] | None = None
    kept: bytearray = field(default_factory=bytearray)
    words: bytearray = field(default_factory=bytearray)

    def take_stdout(self, data: bytes) -> bool:
        """Add a piece of standard output; False when it exceeds the output limit."""
        if self.on_bytes is not None:
            self.on_bytes(data)
            return True
        self.kept += data
        if self.on_line is None:
            return len(self.kept) <= self.limit
        *lines, rest = bytes(self.kept).split(b"\n")
        self.kept = bytearray(rest[-MAX_LINE_BYTES:])
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
        for name, shown in self.hidden.items():
            text = text.replace(name, shown)
        lines = [line.rstrip() for line in text.split("\n") if line.strip()]
        return "\n".join(lines[-TAIL_LINES:])[-TAIL_CHARS:]


@dataclass(frozen=True, slots=True)
class _Command:
    """How a child is started."""

    argv: Sequence[str]
    reads: Sequence[Source]
    cwd: Path | None
    env: Mapping[str, str]
    limits: Limits
    timeout_s: float
    devices: Devices | None = None


def run(
    argv: Sequence[str],
    *,
    timeout_s: float,
    reads: Sequence[Source] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    on_bytes: Callable[[bytes], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    stdout_limit: int = 64 << 20,
    limits: Limits | None = None,
    devices: Devices | None = None,
) -> Completed:
    """Run a program to its end and return what it wrote.

    It may read the sources in `reads` (plain files, or our own reader's address) and write in the
    folder `cwd`, where it runs: nothing else, and without them nowhere. `on_line` gets each line of
    standard output in the caller's thread as it comes, `on_bytes` each piece of it instead, which
    the child waits for; output is then not kept. `should_stop` is
    asked at least four times a second even while the child is silent. `limits` stand in for the
    policy's. `devices` are what an encoder in hardware works with.

    Raises `ToolMissingError`, `ToolTimeoutError`, `StoppedError`, `ToolLimitError` when a limit
    ended it, `SandboxError` when it could not be fenced in, `InputError` for a source that is no
    plain file, or `ToolError` when the program fails or writes more than `stdout_limit` bytes.
    """
    tool = Path(argv[0]).name
    output = _Output(on_line, stdout_limit, _redactions(reads, cwd), on_bytes)
    deadline = time.monotonic() + timeout_s
    limits = limits or config.current().limits
    command = _Command(argv, reads, cwd, env or {}, limits, timeout_s, devices)
    usage = UsageMonitor(cwd, limits, cpu_s=_cpu_limit_s(command))
    with _child(command) as child:
        for within_limit in _pump(child.process, output):
            if not within_limit:
                raise ToolError(f"{tool} wrote too much.", tool=tool, tail=output.tail())
            if limit := usage.exceeded(child.process.pid):
                raise _limit_error(tool, limit, "was stopped", output.tail())
            if should_stop is not None and should_stop():
                raise StoppedError(f"{tool} was stopped.")
            if time.monotonic() > deadline:
                raise ToolTimeoutError(
                    f"{tool} took longer than {timeout_s:g} s.", tool=tool, tail=output.tail()
                )
        output.finish()
        code = child.process.wait()
        if code:
            raise _failure(tool, code, output.tail(), child.status())
    if limit := usage.final():
        raise _limit_error(tool, limit, "ended", output.tail())
    return Completed(bytes(output.kept), output.tail())


def _redactions(reads: Sequence[Source], cwd: Path | None) -> dict[str, str]:
    """Return replacements for the file paths that a tool's messages must not show."""
    names = dict.fromkeys(reads, "the source")
    return names if cwd is None else {**names, str(cwd): "the work folder"}


def _failure(tool: str, code: int, tail: str, status: bytes) -> ToolError:
    """Return the error for a child that failed; `status` is the launcher's report."""
    if status != STARTED:
        words = status.decode("utf-8", "replace").removeprefix("ok").strip() or tail
        return SandboxError(f"{tool} was not started: {words}", tool=tool, tail=tail)
    limit = _limit(code, tail)
    reason = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
    if not limit:
        return ToolError(f"{tool} {reason}.", tool=tool, returncode=code, tail=tail)
    return _limit_error(tool, limit, reason, tail, code=code)


def _limit_error(
    tool: str, limit: str, reason: str, tail: str, *, code: int = -signal.SIGKILL
) -> ToolLimitError:
    """The error for a child that a limit ended, which is counted."""
    config.current().on_limit(tool, limit)
    words = f"{tool} {reason} (limit: {limit})."
    return ToolLimitError(words, limit=limit, tool=tool, returncode=code, tail=tail)


_BY_SIGNAL = {signal.SIGXCPU: "cpu", signal.SIGXFSZ: "size", signal.SIGKILL: "killed"}
_BY_MESSAGE = {
    "cpu": re.compile(rf"received signal {signal.SIGXCPU:d}\."),
    "size": re.compile(r"File too large"),
    "memory": re.compile(
        r"Cannot allocate memory|malloc of size \d+ failed|std::bad_alloc|Out of memory|"
        r"failed to map segment|MemoryError"
    ),
}


def _limit(code: int, tail: str) -> str:
    """Return the limit that ended a child, or "". ffmpeg catches signals and reports them as text."""
    if code < 0:
        with contextlib.suppress(ValueError):
            return _BY_SIGNAL.get(signal.Signals(-code), "")
    if "max_streams" in tail:  # which ffmpeg reports as being out of memory
        return ""
    return next((name for name, words in _BY_MESSAGE.items() if words.search(tail)), "")


def kill_all() -> None:
    """Kill all running children with their descendants, for a process that ends at once."""
    for group in tuple(_running_groups):
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
            within_limit = all(_read_pipe(key, selector, child, output) for key, _ in ready)
            yield within_limit
            if not ready:
                if ended:
                    return  # a descendant holds the pipe open; the child itself is done
                # It may have written more since the last read: read once more.
                ended = child.poll() is not None
    pause_s = FIRST_PAUSE_S
    while child.poll() is None:  # it closed its pipes: it is about to end, or works on
        yield True
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, POLL_S / 4)


def _read_pipe(
    key: selectors.SelectorKey,
    selector: selectors.BaseSelector,
    child: subprocess.Popen[bytes],
    output: _Output,
) -> bool:
    """Read what a pipe holds; False when the child exceeds its output limit."""
    data = os.read(key.fd, CHUNK)
    if not data:
        selector.unregister(key.fileobj)
    elif key.fileobj is child.stdout:
        return output.take_stdout(data)
    else:
        output.take_stderr(data)
    return True


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child, and the pipe with its launcher's report."""

    process: subprocess.Popen[bytes]
    pipe: int

    def status(self) -> bytes:
        """Read the launcher's report, once the child has ended."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.pipe, CHUNK)
        return b""


@contextlib.contextmanager
def _child(command: _Command) -> Iterator[_Child]:
    """Start a child; it and its descendants are killed at the end of the block."""
    found = shutil.which(command.argv[0])
    if found is None:
        tool = Path(command.argv[0]).name
        raise ToolMissingError(f"{tool} is not installed.", tool=tool)
    tool = os.path.realpath(found)
    cwd = None if command.cwd is None else command.cwd.resolve()
    with contextlib.ExitStack() as stack:
        pipe, status = os.pipe()
        stack.callback(os.close, pipe)
        os.set_blocking(pipe, False)
        try:
            with _confinement(command, tool, cwd) as confined:
                make = partial(_launch, command, tool, cwd, confined, status)
                process = fork_server.call(make, undo=_kill_and_close)
        finally:
            os.close(status)
        _running_groups.add(process.pid)
        try:
            yield _Child(process, pipe)
        finally:
            _kill_and_close(process)
            _running_groups.discard(process.pid)


def _launch(
    command: _Command, tool: str, cwd: Path | None, confined: confinement.Confinement, status: int
) -> subprocess.Popen[bytes]:
    """Start the launcher, which executes the tool in its place."""
    spec = {**confined.spec, "status": status, **_limits_spec(command)}
    words = ",".join(f"{name}={value}" for name, value in spec.items())
    clean = {name: os.environ[name] for name in INHERITED_ENV if name in os.environ}
    launcher = [sys.executable, "-I", "-S", "-B", str(confinement.LAUNCHER)]
    return subprocess.Popen(
        [*launcher, words, tool, *command.argv[1:]],
        cwd=cwd or "/",
        env={**clean, **FIXED_ENV, **command.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        pass_fds=(status, *confined.descriptors),
    )


@contextlib.contextmanager
def _confinement(
    command: _Command, tool: str, cwd: Path | None
) -> Iterator[confinement.Confinement]:
    """Prepare the confinement; raises `ToolError` for a missing source, `SandboxError` when the kernel refuses."""
    name = Path(command.argv[0]).name
    try:
        with confinement.confine(
            tool, reads=command.reads, folder=cwd, devices=command.devices
        ) as confined:
            yield confined
    except FileNotFoundError as error:
        raise ToolError(f"{name} has no such file to read.", tool=name) from error


def _limits_spec(command: _Command) -> dict[str, object]:
    """Return the part of the launcher's specification that is not the confinement: limits and parent."""
    limits = command.limits
    spec: dict[str, object] = {
        "parent": os.getpid(),
        "nice": limits.nice,
        "cpu": _cpu_limit_s(command) + CPU_MARGIN_S,
        "file": limits.file_size,
        "files": limits.open_files,
        "memory": limits.address_space,
    }
    if command.devices is not None:
        spec |= {"memory": DEVICE_ADDRESS_SPACE, "data": limits.address_space}
    return spec


def _cpu_limit_s(command: _Command) -> int:
    """The CPU time in seconds of all threads of the child together."""
    return command.limits.cpu_s or math.ceil(command.timeout_s) * (os.cpu_count() or 1) + 1


def _kill_and_close(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's whole process group and close our ends of its pipes.

    A polite signal first would only take time: its output is discarded, and a tool that is blocked on writing does
    not react to it.
    """
    _signal_group(child.pid, signal.SIGKILL)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _clear_after_fork() -> None:
    """Forget the parent's children, so that a forked process does not kill them."""
    _running_groups.clear()


os.register_at_fork(after_in_child=_clear_after_fork)


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
