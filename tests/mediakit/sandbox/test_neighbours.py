"""What a child that was taken over could do to other processes and to the machine as a whole."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediakit.errors import ToolError, ToolLimitError
from mediakit.sandbox import process, seccomp
from mediakit.sandbox.config import Limits
from mediakit.sandbox.process import run
from tests.mediakit.conftest import python_argv, wait_until

pytestmark = pytest.mark.usefixtures("python_is_a_tool")

# Prints "yes" or the kind of error. `call` makes a system call by its number on this machine.
TRY = """
import ctypes, os, resource, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    answer = libc.syscall(number, *(ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args))
    if answer < 0:
        raise OSError(ctypes.get_errno(), "")
    return answer
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__ if error.errno != 38 else "no such call"
    return "yes"
"""
COLUMN = ("x86_64", "aarch64").index(platform.machine())
# aarch64 was made without these two: there, clone is the only call that starts a process.
FORK_CALLS = [
    (f"call({numbers[COLUMN]}) or os._exit(0)", "PermissionError")
    for numbers in (seccomp.CALLS["fork"], seccomp.CALLS["vfork"])
    if numbers[COLUMN] is not None
]


def number(name: str) -> int:
    found = seccomp.CALLS[name][COLUMN]
    assert found is not None
    return found


def child(expression: str, **access: object) -> str:
    """What an expression gives inside a child."""
    code = f"{TRY}\nprint({expression})"
    return run(python_argv(code), timeout_s=60, **access).stdout.strip()  # type: ignore[arg-type]


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[int]:
    """The child of another job; its number. Its capabilities are no more than the other's, which would protect it."""
    code = "import time; open('up', 'w'); time.sleep(120)"
    command = process._Command(python_argv(code), (), tmp_path, {}, Limits(), 120)
    with process._child(command) as started:
        wait_until((tmp_path / "up").exists)
        yield started.process.pid


@pytest.mark.parametrize(
    "deed",
    [
        "resource.prlimit(PID, resource.RLIMIT_CPU, (1, 1))",
        "resource.prlimit(PID, resource.RLIMIT_CPU)",
        "os.setpriority(os.PRIO_PROCESS, PID, 19)",
        "os.setpriority(os.PRIO_PGRP, 0, 19)",
        "os.setpriority(os.PRIO_USER, 0, 19)",
        "os.sched_setaffinity(PID, {0})",
        "os.sched_setscheduler(PID, os.SCHED_BATCH, os.sched_param(0))",
        "os.sched_setparam(PID, os.sched_param(0))",
        "call(SCHED_SETATTR, PID, ctypes.create_string_buffer(48), 0)",
        "call(IOPRIO_SET, 1, PID, 3 << 13)",
        "call(MOVE_PAGES, PID, 0, 0, 0, 0, 0)",
    ],
    ids=(
        *("limits", "seeing", "priority", "group", "user"),
        *("processors", "scheduler", "parameters", "attributes", "disk", "memory"),
    ),
)
def test_a_child_changes_nothing_about_another_process(neighbour, deed):
    deed = deed.replace("PID", str(neighbour))
    for name in ("sched_setattr", "ioprio_set", "move_pages"):
        deed = deed.replace(name.upper(), str(number(name)))
    before = os.getpriority(os.PRIO_PROCESS, neighbour), os.sched_getaffinity(neighbour)

    assert child(f"tried(lambda: {deed})") == "PermissionError"

    assert (os.getpriority(os.PRIO_PROCESS, neighbour), os.sched_getaffinity(neighbour)) == before


def test_a_child_sees_its_own_limits_and_lowers_its_own_priority():
    """The C library reads limits when a thread starts, x264 lowers the priority of one."""
    assert child("resource.getrlimit(resource.RLIMIT_CORE)") == "(0, 0)"
    assert child("os.nice(1) - os.nice(0), tried(lambda: os.nice(-5))") == "0 PermissionError"


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("os.fork() or os._exit(0)", "PermissionError"),
        ("os.posix_spawn('/bin/true', ['true'], {})", "PermissionError"),
        *FORK_CALLS,
        # SIGCHLD alone is fork; the others add a name space of their own: mounts, users, processes.
        ("call(CLONE, 17, 0, 0, 0, 0) or os._exit(0)", "PermissionError"),
        ("call(CLONE, 17 | 0x20000, 0, 0, 0, 0) or os._exit(0)", "PermissionError"),
        ("call(CLONE, 17 | 0x10000000, 0, 0, 0, 0) or os._exit(0)", "PermissionError"),
        ("call(CLONE, 0x10000 | 0x20000000, 0, 0, 0, 0) or os._exit(0)", "PermissionError"),
        ("call(435, ctypes.create_string_buffer(88), 88) or os._exit(0)", "no such call"),
        ("os.setsid()", "PermissionError"),
        ("os.setpgid(0, 0)", "PermissionError"),
        # To live on when the parent is gone.
        ("call(PRCTL, 1, 0, 0, 0, 0)", "PermissionError"),
    ],
    ids=str,
)
def test_a_child_starts_no_process_and_lives_no_longer_than_it_may(deed, answer):
    deed = deed.replace("CLONE", str(number("clone"))).replace("PRCTL", str(number("prctl")))

    assert child(f"tried(lambda: {deed})") == answer


def test_a_child_starts_threads():
    expression = "[t.start() or t.join() for t in [threading.Thread(target=print, args=['ran'])]]"

    assert child(expression).splitlines()[0] == "ran"


def test_threads_have_an_end():
    code = (
        f"{TRY}\nthreading.stack_size(1 << 16)\n"
        "for _ in range(40): threading.Thread(target=time.sleep, args=[20]).start()"
    )

    with pytest.raises(ToolLimitError) as caught:
        run(python_argv(code), timeout_s=60, limits=Limits(threads=20))

    assert caught.value.limit == "memory"


@pytest.mark.parametrize("pause_s", [0, 20], ids=["ended", "running"])
@pytest.mark.parametrize(
    "code",
    [
        "for n in range(5): os.truncate(os.open(f'sparse{n}', os.O_CREAT | os.O_WRONLY), 3000)",
        "for n in range(31): open(f'empty{n}', 'w')",
    ],
    ids=["sparse", "many"],
)
def test_files_have_an_end_in_sum(work, code, pause_s):
    (work / "before").write_bytes(bytes(20_000))
    limits = Limits(file_size=10_000, files=30)
    words = f"{TRY}\n{code}\ntime.sleep({pause_s})"

    with pytest.raises(ToolLimitError) as caught:
        run(python_argv(words), timeout_s=15, cwd=work, limits=limits)

    assert caught.value.code == "TOOL_LIMIT_SIZE"


def test_files_within_the_limits_are_no_matter(work):
    (work / "before").write_bytes(bytes(20_000))
    words = f"{TRY}\nfor n in range(3): open(str(n), 'wb').write(bytes(3000))"

    run(python_argv(words), timeout_s=60, cwd=work, limits=Limits(file_size=10_000, files=3))

    assert len(list(work.iterdir())) == 4


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("os.open('.', os.O_TMPFILE | os.O_RDWR)", "PermissionError"),
        ("os.memfd_create('m')", "PermissionError"),
        ("os.posix_fallocate(os.open('f', os.O_CREAT | os.O_RDWR), 0, 99)", "PermissionError"),
        ("[open('f', 'w'), os.remove('f')]", "PermissionError"),
        ("[open('f', 'w'), open('g', 'w'), os.rename('f', 'g')]", "PermissionError"),
        ("call(SHMGET, 0, 1 << 20, 0o1600)", "PermissionError"),
        ("call(437, -100, b'f', ctypes.create_string_buffer(24), 24)", "no such call"),
    ],
    ids=["unnamed", "memory", "allocated", "removed", "replaced", "segment", "openat2"],
)
def test_nothing_is_kept_where_no_limit_counts(work, deed, answer):
    deed = deed.replace("SHMGET", str(number("shmget")))

    assert child(f"tried(lambda: {deed})", cwd=work) == answer


def test_a_root_start_drops_its_rights():
    """Of root's capabilities reading is left, and what is read Landlock says."""
    code = """
class Owner(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
got = (ctypes.c_uint32 * 6)()
libc.capget(ctypes.byref(Owner(0x20080522, 0)), got)
print([word & ~(1 << 2) for word in got])
"""
    done = run(python_argv(f"{TRY}\n{code}"), timeout_s=60)

    assert done.stdout.strip() == str([0] * 6)


@pytest.mark.skipif(
    os.geteuid() != 0,
    reason="an ordinary user cannot give a file to another one, and has no such rights to lose",
)
def test_root_raises_no_limit_again_and_writes_no_file_of_another_user(work):
    theirs = work / "theirs"
    theirs.write_text("theirs")
    os.chown(theirs, 12345, 12345)
    theirs.chmod(0o600)

    with pytest.raises(ToolError) as caught:
        child("resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))")
    assert "not allowed to raise maximum limit" in caught.value.tail
    assert child("tried(lambda: open('theirs', 'a'))", cwd=work) == "PermissionError"
    assert child(f"open({str(theirs)!r}).read()", reads=[str(theirs)]) == "theirs"


def test_ffmpeg_encodes_with_threads(work: Path):
    argv = ["ffmpeg", "-nostdin", "-v", "warning", "-f", "lavfi", "-i", "testsrc2=d=1:s=320x240"]
    argv += ["-c:v", "libx264", "-threads", "4", "-movflags", "+faststart", "out.mp4"]

    done = run(argv, timeout_s=60, cwd=work)

    assert (work / "out.mp4").stat().st_size > 1000
    assert done.tail == ""
