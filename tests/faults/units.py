"""Processes that are started again when they die, as a service manager does it."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESTART_S = 0.3
LEFT_S = 2.0
"""What a dead process has left running must end by itself within this time; then it is killed, as systemd does."""
STOP_S = 30
TOOLS = ("ffmpeg", "ffprobe")


@dataclass(frozen=True, slots=True)
class Found:
    """A process found in /proc. `began` distinguishes it from a later one with the same id."""

    pid: int
    began: str
    words: str

    @property
    def is_tool(self) -> bool:
        """Whether it is one of the programs that jobs start."""
        return Path(self.words.split(" ")[0]).name in TOOLS

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return _began(self.pid) == self.began

    def signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


HOME = "HEIMDEX_FAULTS_HOME"
"""In which folder everything lies; also how all of a run's processes can be found. /tmp when it is not set."""


def temporary_folder() -> Path:
    """A new folder that every user may pass through: PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="heimdex-faults-", dir=os.environ.get(HOME, "/tmp")))  # noqa: S108
    folder.chmod(0o755)
    return folder


def find(marker: str) -> list[Found]:
    """Every running process that has `marker` in its environment, its arguments or its folder."""
    needle = marker.encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if not words:
                continue  # a zombie, or the kernel's own
            traces = words + b"\0" + (entry / "environ").read_bytes()
            traces += b"\0" + str((entry / "cwd").readlink()).encode()
            if needle in traces:
                text = words.replace(b"\0", b" ").decode(errors="replace").strip()
                found.append(Found(int(entry.name), _began(int(entry.name)), text))
    return found


def _began(pid: int) -> str:
    """When a process began, in the kernel's ticks; empty when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def memory_kb(pid: int) -> int:
    """The resident memory of a process in KiB; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0


@dataclass(slots=True)
class Unit:
    """One supervised process. Its folder's name is in the environment of all it starts (TMPDIR): so they are found."""

    name: str
    argv: Sequence[str]
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = ROOT
    stop_signal: signal.Signals = signal.SIGTERM
    options: Mapping[str, Any] = field(default_factory=dict)
    is_ready: Callable[[], bool] = lambda: True
    changes: dict[str, str] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None
    should_run: bool = False
    starts: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def tmp(self) -> Path:
        """Its folder for temporary files, which also marks its processes."""
        return self.folder / "tmp" / self.name

    @property
    def log(self) -> Path:
        """What it prints, all generations."""
        return self.folder / f"{self.name}.log"

    @property
    def alive(self) -> bool:
        """Whether the main process runs."""
        return self.child is not None and self.child.poll() is None

    @property
    def pid(self) -> int:
        """The main process; raises when it does not run."""
        if self.child is None or self.child.poll() is not None:
            raise ProcessLookupError(f"{self.name} does not run")
        return self.child.pid

    def start(self) -> None:
        """Begin to run, and to be started again when it dies."""
        with self.lock:
            self.should_run = True
            if self.alive:
                return
            self.tmp.mkdir(parents=True, exist_ok=True)
            if owner := self.options.get("user"):
                os.chown(self.tmp, owner, -1)
            with self.log.open("ab") as output:
                self.child = subprocess.Popen(
                    list(self.argv),
                    cwd=self.cwd,
                    env={**self.env, "TMPDIR": str(self.tmp), **self.changes},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    **self.options,
                )
            self.starts += 1

    def wait_until_ready(self, *, within_s: float = 60) -> None:
        """Wait for it to do its work; its last words are in the error when it does not."""
        deadline = time.monotonic() + within_s
        while not (self.alive and self.is_ready()):
            if time.monotonic() > deadline or (not self.should_run and not self.alive):
                raise TimeoutError(f"{self.name} did not get ready:\n{self.words()}")
            time.sleep(0.05)

    def processes(self) -> list[Found]:
        """All that runs of it: itself, its children, what they started."""
        return find(str(self.tmp))

    def children(self) -> list[Found]:
        """Forked children of the main process, the tools they run not among them."""
        main = self.child.pid if self.child else 0
        return [one for one in self.processes() if one.pid != main and not one.is_tool]

    def tools(self) -> list[Found]:
        """The ffmpeg and ffprobe that run for it now."""
        return [one for one in self.processes() if one.is_tool]

    def kill(self) -> None:
        """SIGKILL the main process alone; what it started must cope, and the supervisor starts it again."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """SIGKILL everything of it at once, as when its machine loses power."""
        for one in self.processes():
            one.signal(signal.SIGKILL)

    def freeze(self, number: signal.Signals = signal.SIGSTOP) -> list[Found]:
        """Send everything of it a signal: SIGSTOP halts, SIGCONT goes on."""
        found = self.processes()
        for one in found:
            one.signal(number)
        return found

    def stop(self, *, within_s: float = STOP_S) -> float:
        """Ask it to stop and wait; seconds it took. Everything of it is killed when that takes too long."""
        with self.lock:
            self.should_run = False
            began = time.monotonic()
            if self.child is not None and self.child.poll() is None:
                self.child.send_signal(self.stop_signal)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.child.wait(within_s)
            took = time.monotonic() - began
            self.kill_all()
            if self.child is not None:
                self.child.wait()
            return took

    def note(self, words: str) -> None:
        """Put a line of ours into its log."""
        with self.log.open("a") as log:
            log.write(f"{words}\n")

    def said(self, words: str, *, since: float) -> list[float]:
        """When it logged these words, in seconds since 1970, from a moment on."""
        lines = [line for line in self.words().splitlines() if words in line]
        times = [datetime.fromisoformat(line.split()[0]).timestamp() for line in lines]
        return [at for at in times if at >= since]

    def words(self) -> str:
        """Its last output."""
        return self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""


class Supervisor:
    """Starts what dies again. `orphans` counts ffmpeg and ffprobe runs that outlived the process they worked for."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self.units = list(units)
        self.orphans: list[str] = []
        self.restarts = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.1):
            for unit in self.units:
                try:
                    with unit.lock:
                        if unit.should_run and not unit.alive:
                            self._again(unit)
                except OSError as exc:  # the machine is short of something; try again
                    unit.note(f"could not be started again: {exc}")

    def _again(self, unit: Unit) -> None:
        code = unit.child.returncode if unit.child else None
        unit.note(f"ended with {code} at {datetime.now(UTC):%H:%M:%S.%f}, starting again")
        left = unit.processes()
        threading.Thread(target=self._clear, args=(unit, left), daemon=True).start()
        time.sleep(RESTART_S)
        unit.start()
        self.restarts += 1

    def _clear(self, unit: Unit, left: Sequence[Found]) -> None:
        """What the dead one left: tools must have ended with it; the rest is killed as a service manager does."""
        time.sleep(LEFT_S)
        for one in left:
            if one.is_alive():
                if one.is_tool:
                    self.orphans.append(f"{unit.name}: {one.words[:200]}")
                one.signal(signal.SIGKILL)
