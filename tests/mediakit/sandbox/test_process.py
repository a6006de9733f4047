"""Children start in one place, end when requested, and leave no process running."""

import os
import selectors
import signal
import threading

import pytest

from mediakit.errors import (
    InputError,
    MediaErrorCode,
    StoppedError,
    ToolError,
    ToolLimitError,
    ToolMissingError,
    ToolTimeoutError,
    VerificationError,
)
from mediakit.sandbox import seccomp
from mediakit.sandbox.config import Limits
from mediakit.sandbox.process import run
from tests.mediakit.conftest import is_running, python_argv, wait_until

LAST = "last words"


pytestmark = pytest.mark.usefixtures("python_is_a_tool")


@pytest.fixture
def processes_are_allowed(monkeypatch):
    """As on a system that filters no calls: otherwise a child has no children."""
    monkeypatch.setattr(seccomp, "is_available", lambda: False)


CLOSED = "os.close(1); os.close(2)"
# A child of its own that sleeps, whose number stands in the file "pid".
FAMILY = (
    "import os, time\n"
    "born = os.fork()\n"
    "if not born: time.sleep(60)\n"
    "open('pid', 'w').write(str(born))"
)


def test_output_and_last_words_are_returned():
    done = run(
        python_argv("import sys; print('hello'); print('word', file=sys.stderr)"), timeout_s=20
    )

    assert done.stdout == "hello\n"
    assert done.output == b"hello\n"
    assert done.tail == "word"


def test_lines_arrive_one_by_one_in_the_callers_thread():
    lines = []

    done = run(
        python_argv(r"print('a\r\nb'); print('last', end='')"),
        timeout_s=20,
        on_line=lambda line: lines.append((line, threading.get_ident())),
    )

    assert lines == [(line, threading.get_ident()) for line in ("a", "b", "last")]
    assert done.stdout == ""


def test_bytes_that_are_no_text_are_replaced():
    done = run(python_argv(r"import sys; sys.stdout.buffer.write(b'\xff\xfe')"), timeout_s=20)

    assert done.stdout == "\ufffd\ufffd"


def test_a_failure_keeps_code_and_words():
    with pytest.raises(ToolError, match="exit code 3") as caught:
        run(
            python_argv(f"import sys; print('x' * 9000, {LAST!r}, file=sys.stderr); sys.exit(3)"),
            timeout_s=20,
        )

    assert caught.value.returncode == 3
    assert caught.value.tail.endswith(LAST)
    assert len(caught.value.tail) <= 4000
    assert caught.value.params["returncode"] == 3


def test_words_without_end_do_not_fill_the_memory():
    code = "import sys\nfor i in range(20000): print('line', i, file=sys.stderr)"

    done = run(python_argv(code), timeout_s=60)

    assert done.tail.splitlines()[-1] == "line 19999"
    assert len(done.tail.splitlines()) == 40


def test_death_by_signal_is_a_failure():
    with pytest.raises(ToolError, match="signal 9") as caught:
        run(python_argv("import os; os.kill(os.getpid(), 9)"), timeout_s=20)

    assert caught.value.returncode == -9


def test_a_program_that_is_not_there():
    with pytest.raises(ToolMissingError) as caught:
        run(["no-such-tool-of-ours"], timeout_s=1)

    assert caught.value.code == "TOOL_MISSING"
    assert caught.value.tool == "no-such-tool-of-ours"


def test_overrunning_its_time_kills_a_silent_child():
    with pytest.raises(ToolTimeoutError) as caught:
        run(python_argv("import time; time.sleep(60)"), timeout_s=0.3)

    assert caught.value.code == "TOOL_TIMEOUT"


def test_a_child_that_closed_its_pipes_is_still_timed():
    with pytest.raises(ToolTimeoutError):
        run(python_argv(f"import os, time; {CLOSED}; time.sleep(60)"), timeout_s=0.3)


def test_a_child_that_closed_its_pipes_may_still_end_well():
    code = f"import os, time; {CLOSED}; time.sleep(0.1); os._exit(0)"

    assert run(python_argv(code), timeout_s=20).stdout == ""


@pytest.mark.usefixtures("processes_are_allowed")
def test_stopping_kills_the_whole_family(tmp_path):
    note = tmp_path / "pid"

    with pytest.raises(StoppedError) as caught:
        run(
            python_argv(f"{FAMILY}; os.wait()"),
            timeout_s=30,
            cwd=tmp_path,
            should_stop=lambda: bool(note.exists() and note.read_text().strip()),
        )

    assert caught.value.code == "STOPPED"
    wait_until(lambda: not is_running(int(note.read_text())))


def test_a_child_that_ignores_the_request_to_end_is_killed(tmp_path):
    note = tmp_path / "pid"
    code = (
        "import os, signal, time, pathlib\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "time.sleep(60)"
    )

    with pytest.raises(StoppedError):
        run(python_argv(code), timeout_s=30, cwd=tmp_path, should_stop=note.exists)

    wait_until(lambda: not is_running(int(note.read_text() or 0)))


@pytest.mark.usefixtures("processes_are_allowed")
def test_an_error_in_the_callers_callback_kills_the_child(tmp_path):
    note = tmp_path / "pid"

    def complain(_line: str) -> None:
        raise RuntimeError("lease lost")

    with pytest.raises(RuntimeError, match="lease lost"):
        run(
            python_argv(f"{FAMILY}; print('line', flush=True); os.wait()"),
            timeout_s=30,
            cwd=tmp_path,
            on_line=complain,
        )

    wait_until(lambda: not is_running(int(note.read_text())))


@pytest.mark.usefixtures("processes_are_allowed")
def test_a_descendant_that_holds_the_pipe_does_not_hold_us(tmp_path):
    note = tmp_path / "pid"

    done = run(python_argv(f"{FAMILY}; print('hi')"), timeout_s=30, cwd=tmp_path)

    assert done.stdout == "hi\n"
    wait_until(lambda: not is_running(int(note.read_text())))


def test_writing_without_end_is_stopped():
    with pytest.raises(ToolError, match="too much"):
        run(["yes"], timeout_s=30, stdout_limit=10_000)


def test_a_child_sees_no_secrets_and_no_proxy(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    monkeypatch.setenv("http_proxy", "http://proxy")

    environment = run(["env"], timeout_s=20, env={"FONTCONFIG_FILE": "/fonts.conf"}).stdout

    assert "secret" not in environment
    assert "proxy" not in environment
    assert "FONTCONFIG_FILE=/fonts.conf" in environment
    assert "PATH=" in environment


def test_a_child_has_no_input_and_runs_in_the_given_folder(tmp_path):
    done = run(
        python_argv("import os, sys; print(os.getcwd(), repr(sys.stdin.read()))"),
        timeout_s=20,
        cwd=tmp_path,
    )

    assert done.stdout.split() == [str(tmp_path), "''"]


def test_a_child_cannot_write_beyond_its_limit(tmp_path):
    code = (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "open('big', 'wb', 0).write(bytes(100_000)); open('big', 'ab', 0).write(b'x')"
    )

    with pytest.raises(ToolLimitError) as caught:
        run(python_argv(code), timeout_s=20, cwd=tmp_path, limits=Limits(file_size=5000))

    assert caught.value.code == "TOOL_LIMIT_SIZE"
    assert (tmp_path / "big").stat().st_size == 5000


def test_our_own_signals_are_left_alone():
    before = signal.getsignal(signal.SIGTERM)
    run(python_argv("pass"), timeout_s=20)

    assert signal.getsignal(signal.SIGTERM) is before
    assert os.getpgrp() == os.getpgid(0)


def test_errors_carry_a_code_and_params():
    theirs = InputError(MediaErrorCode.SPAN_TOO_LONG, "Too long.", max_ms=180_000)
    broken = VerificationError(rule="duration", expected="1 s", measured="2 s")

    assert (theirs.code, theirs.params, str(theirs)) == (
        "SPAN_TOO_LONG",
        {"max_ms": 180_000},
        "Too long.",
    )
    assert broken.code == "VERIFICATION_FAILED"
    assert broken.params == {"rule": "duration", "expected": "1 s", "measured": "2 s"}


def test_words_written_in_the_last_moment_are_kept(monkeypatch):
    class Late(selectors.DefaultSelector):
        """Sees nothing the first time, and by then the child has written everything and ended."""

        looked = False

        def select(self, timeout=None):
            if self.looked:
                return super().select(timeout)
            self.looked = True
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            return []

    monkeypatch.setattr("mediakit.sandbox.process.selectors.DefaultSelector", Late)

    assert run(python_argv(f"print({LAST!r})"), timeout_s=30).stdout.strip() == LAST
