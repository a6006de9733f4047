"""A child that was taken over can do only its own job. Each control has a test that fails without it."""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediakit.errors import InputError, SandboxError, ToolError, ToolLimitError, ToolMissingError
from mediakit.sandbox import config, confinement, landlock, process, seccomp
from mediakit.sandbox.config import Limits
from mediakit.sandbox.process import run
from mediakit.sandbox.source_file import open_plain
from tests.mediakit.conftest import python_argv, wait_until

pytestmark = pytest.mark.usefixtures("python_is_a_tool")

SECRET = "the video of another user"
# Says "yes" or the kind of error, whatever is tried.
TRY = """
import ctypes, os, socket, sys
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "yes"
"""


def child(expression: str, **access: object) -> str:
    """What an expression gives inside a child with that access."""
    code = f"{TRY}\nprint({expression})"
    return run(python_argv(code), timeout_s=60, **access).stdout.strip()  # type: ignore[arg-type]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "theirs" / "video.mp4"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "mine.mp4"
    path.write_text("mine")
    return str(path)


def test_this_kernel_confines():
    assert confinement.strength() == "full"


def test_a_child_reads_its_source_and_no_other_file(secret, source, work):
    (work / "link").symlink_to(secret)
    (work / "note").write_text("here")

    def opening(path: object) -> str:
        return child(f"tried(lambda: open({str(path)!r}))", reads=[source], cwd=work)

    assert opening(source) == "yes"
    assert opening("note") == "yes"
    for path in (secret, "/etc/passwd", "link", "../theirs/video.mp4", "/proc/self/environ"):
        assert opening(path) == "PermissionError", path
    assert child(f"tried(lambda: os.listdir({str(secret.parent)!r}))") == "PermissionError"


def test_a_child_for_nothing_reads_nothing(source):
    assert child(f"tried(lambda: open({source!r}))") == "PermissionError"


def test_a_child_writes_in_its_folder_only(secret, source, work):
    def writing(path: object, **access: object) -> str:
        return child(f"tried(lambda: open({str(path)!r}, 'w'))", reads=[source], **access)

    assert writing("out", cwd=work) == "yes"
    for path in (work.parent / "out", source, secret, "../out", "/heimdex-out"):
        assert writing(path, cwd=work) == "PermissionError", path
    assert writing(work / "other") == "PermissionError"
    assert [path.name for path in work.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "deed",
    [
        "os.remove(SOURCE)",
        "os.truncate(SOURCE, 0)",
        "os.utime(SOURCE)",
        "os.chmod(SOURCE, 0o777)",
        "os.chown(SOURCE, 0, 0)",
        "os.rename(SOURCE, 'taken')",
        "os.link(SOURCE, 'taken')",
        "os.symlink('/etc/passwd', 'taken')",
        "os.mkfifo('taken')",
        "os.mkdir('taken')",
    ],
)
def test_a_child_changes_nothing_about_its_source_and_makes_plain_files_only(source, work, deed):
    before = Path(source).stat()

    got = child(f"tried(lambda: {deed.replace('SOURCE', repr(source))})", reads=[source], cwd=work)

    assert got in {"PermissionError", "OSError"}  # a link across the border is EXDEV
    assert Path(source).stat() == before
    assert list(work.iterdir()) == []


def test_a_source_that_is_exchanged_later_stays_closed(secret, source, work):
    """What is granted is the file that was there, not its name."""
    code = f"""{TRY}
import time
print("ready", flush=True)
while not os.path.exists("go"): time.sleep(0.01)
print(tried(lambda: open({source!r})), flush=True)
"""
    lines = []

    def exchange(line: str) -> None:
        lines.append(line)
        if line == "ready":
            Path(source).unlink()
            os.link(secret, source)
            (work / "go").touch()

    run(python_argv(code), timeout_s=60, reads=[source], cwd=work, on_line=exchange)

    assert lines == ["ready", "PermissionError"]


def test_only_plain_files_are_sources(tmp_path, secret, source):
    link, folder_link, pipe = (tmp_path / name for name in ("link.mp4", "linked", "pipe.mp4"))
    link.symlink_to(secret)
    folder_link.symlink_to(secret.parent)
    os.mkfifo(pipe)
    theirs = "/theirs/../mine.mp4"
    for path in (
        link,
        folder_link / "video.mp4",
        pipe,
        tmp_path,
        "/dev/zero",
        f"{tmp_path}{theirs}",
    ):
        with pytest.raises(InputError) as caught:
            run(["true"], timeout_s=10, reads=[str(path)])
        assert caught.value.code == "SOURCE_NOT_PLAIN", path

    with pytest.raises(ToolError, match="no such file"):
        run(["true"], timeout_s=10, reads=[str(tmp_path / "gone.mp4")])
    os.close(open_plain(source))


@contextlib.contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """Run a server on loopback. Yields its port and the list of client addresses."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = server.accept()
                    callers.append(address)
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1], callers
        server.shutdown(socket.SHUT_RDWR)


def connecting(port: int) -> str:
    return f"tried(lambda: socket.create_connection(('127.0.0.1', {port}), 5))"


def test_a_child_reaches_its_reader_and_no_other_port(source):
    with listener() as (reader, called), listener() as (canary, callers):
        address = f"http://127.0.0.1:{reader}/token"
        assert child(connecting(reader), reads=[address]) == "yes"
        assert child(connecting(canary), reads=[address]) == "PermissionError"
        assert child(connecting(reader), reads=[source]) == "PermissionError"
        assert child(connecting(canary)) == "PermissionError"
        wait_until(lambda: called)  # the listener's thread has its own pace

    assert len(called) == 1
    assert callers == []


@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)",
        "socket.socket().bind(('127.0.0.1', 0))",
        "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', 9))",
        "os.kill(os.getppid(), 0)",
        "os.execv('/bin/sh', ['sh'])",
        "os.unshare(0) if hasattr(os, 'unshare') else refused(272)",
        "refused(101)",
        "refused(425)",
    ],
)
def test_what_no_tool_does_is_refused_even_beside_a_reader(deed):
    """UDP, named sockets, other protocols, servers, fast open, signals, programs, and calls for root."""
    code = """
def refused(number):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, 2, 1, 0, 0) < 0: raise OSError(ctypes.get_errno(), "")
"""
    words = f"{TRY}\n{code}\nprint(tried(lambda: {deed}))"

    done = run(python_argv(words), timeout_s=60, reads=["http://127.0.0.1:9/token"])

    assert done.stdout.strip() == "PermissionError"


def test_a_child_gains_no_privileges_and_stands_back():
    words = child(
        "ctypes.CDLL(None).prctl(39, 0, 0, 0, 0), os.nice(0),"
        " *(__import__('resource').getrlimit(n)[0] for n in (4, 7, 9))"
    )

    given = config.current().limits
    assert words == f"1 {max(given.nice, os.nice(0))} 0 {given.open_files} {given.address_space}"


def test_memory_has_an_end():
    with pytest.raises(ToolLimitError) as caught:
        run(python_argv("bytearray(3 << 30)"), timeout_s=60)

    assert (caught.value.code, caught.value.limit) == ("TOOL_LIMIT_MEMORY", "memory")


def test_computing_has_an_end():
    with pytest.raises(ToolLimitError) as caught:
        run(python_argv("while True: pass"), timeout_s=60, limits=Limits(cpu_s=1))

    assert caught.value.code == "TOOL_LIMIT_CPU"


@pytest.mark.parametrize(
    ("code", "words", "limit"),
    [
        (1, "[mov] Cannot allocate memory", "memory"),
        (1, "x264 [error]: malloc of size 5000000 failed", "memory"),
        (1, "Number of streams exceeds max_streams parameter (100)\nCannot allocate memory", ""),
        (255, "Exiting normally, received signal 24.", "cpu"),
        (1, "av_interleaved_write_frame(): File too large", "size"),
        (-signal.SIGKILL, "", "killed"),
        (-signal.SIGXCPU, "", "cpu"),
        (-signal.SIGXFSZ, "", "size"),
        (-signal.SIGSEGV, "", ""),
        (1, "Invalid data found when processing input", ""),
    ],
)
def test_what_ended_a_child(code, words, limit):
    assert process._limit(code, words) == limit


def test_limits_are_counted():
    reported: list[tuple[str, str]] = []
    before = config.current()
    config.configure(
        config.SandboxConfig(
            tool_paths=before.tool_paths, on_limit=lambda *limit: reported.append(limit)
        )
    )

    with pytest.raises(ToolLimitError):
        run(python_argv("import os; os.kill(os.getpid(), 9)"), timeout_s=60)

    assert [limit for _, limit in reported] == ["killed"]


def test_what_a_tool_says_shows_no_paths(source, work):
    code = f"import sys, os; sys.exit({source!r} + ' and ' + os.getcwd())"

    with pytest.raises(ToolError) as caught:
        run(python_argv(code), timeout_s=60, reads=[source], cwd=work)

    assert caught.value.tail == "the source and the work folder"


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_older_kernels_confine_as_far_as_they_can(monkeypatch, version, secret, source, work):
    monkeypatch.setattr(landlock, "abi", lambda: version)

    assert confinement.strength() == ("full" if version >= 4 else "partial")
    assert child(f"tried(lambda: open({str(secret)!r}))", reads=[source]) == "PermissionError"
    assert child("tried(lambda: open('new', 'w'))", cwd=work) == "yes"
    assert child(connecting(9)) == "PermissionError"


def test_without_landlock_and_filter_tools_run_and_limits_hold(monkeypatch, source):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    monkeypatch.setattr(seccomp, "is_available", lambda: False)

    assert confinement.strength() == "none"
    assert child(f"tried(lambda: open({source!r}))") == "yes"
    with pytest.raises(ToolLimitError):
        run(python_argv("bytearray(3 << 30)"), timeout_s=60)


def test_without_the_filter_the_confinement_is_partial(monkeypatch):
    monkeypatch.setattr(seccomp, "is_available", lambda: False)

    assert confinement.strength() == "partial"
    assert child(connecting(9)) == "PermissionError"


def test_a_child_that_cannot_be_confined_is_not_started(monkeypatch, work):
    monkeypatch.setattr(seccomp, "program", lambda **_: b"nonsense" * 2)

    with pytest.raises(SandboxError, match="not started: OSError") as caught:
        child("open('ran', 'w')", cwd=work)

    assert caught.value.code == "SANDBOX_FAILED"
    assert list(work.iterdir()) == []


def test_a_tool_is_found_before_anything_is_started():
    with pytest.raises(ToolMissingError):
        run(["no-such-tool-of-ours"], timeout_s=1, reads=["/dev/zero"])
