"""How long a child lives: with its parent, not with the thread that started it."""

import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from mediakit.errors import SandboxError, StoppedError
from mediakit.sandbox import fork_server, process
from mediakit.sandbox.config import Limits
from mediakit.sandbox.process import run
from tests.mediakit.conftest import is_running, python_argv, wait_until

pytestmark = pytest.mark.usefixtures("python_is_a_tool")

ROOT = Path(__file__).resolve().parents[3]


def test_a_child_whose_parent_is_gone_starts_nothing(monkeypatch):
    limits_spec = process._limits_spec
    monkeypatch.setattr(
        process, "_limits_spec", lambda command: {**limits_spec(command), "parent": 1}
    )

    with pytest.raises(SandboxError, match="the parent is gone"):
        run(python_argv("print(1)"), timeout_s=60)


def script(code: str) -> subprocess.Popen[str]:
    """Another process of ours, running this code."""
    head = f"""
import os, sys, threading
sys.path.insert(0, {str(ROOT)!r})
from mediakit.sandbox import config, process
config.configure(config.SandboxConfig(tool_paths=(sys.base_prefix,)))
python = [{os.path.realpath(sys.executable)!r}, "-I", "-S", "-c"]
"""
    words = textwrap.dedent(head) + textwrap.dedent(code)
    return subprocess.Popen([sys.executable, "-c", words], stdout=subprocess.PIPE, text=True)


def test_a_child_dies_with_its_parent(tmp_path):
    sleeper = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    parent = script(
        f"import pathlib; here = pathlib.Path({str(tmp_path)!r})\n"
        f"process.run([*python, {sleeper!r}], timeout_s=60, cwd=here)"
    )
    note = tmp_path / "pid"
    wait_until(lambda: note.exists() and note.read_text())
    pid = int(note.read_text())
    assert is_running(pid)

    parent.kill()
    parent.communicate()

    wait_until(lambda: not is_running(pid))


def test_a_forked_process_has_children_of_its_own():
    """And leaves those of its parent alone when it kills all."""
    forking = script(
        """
        hello = lambda: process.run([*python, "print('hello')"], timeout_s=60).stdout.strip()
        answers = [hello()]
        slow = threading.Thread(target=lambda: answers.append(process.run(
            [*python, "print(1, flush=True); import time; time.sleep(1); print(2)"], timeout_s=60).stdout.split()))
        slow.start()
        while not process._running_groups: pass
        if os.fork() == 0:
            process.kill_all()
            print("forked", hello(), flush=True)
            os._exit(0)
        os.wait()
        slow.join()
        print(answers, hello())
        """
    )

    assert forking.communicate(timeout=120)[0].splitlines() == [
        "forked hello",
        "['hello', ['1', '2']] hello",
    ]


def test_a_child_outlives_the_thread_that_asked_for_it(work):
    """It would die with that thread, had the thread itself forked it."""
    open_children = []
    code = "import time; open('up', 'w'); time.sleep(60)"
    start = process._Command(python_argv(code), (), work, {}, Limits(), 60)

    def begin() -> None:
        context = process._child(start)
        open_children.append((context, context.__enter__()))
        wait_until((work / "up").exists)  # what it dies with is settled by now

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    ((context, born),) = open_children
    time.sleep(0.3)  # long enough for a signal that must not come
    alive = born.process.poll() is None
    context.__exit__(None, None, None)

    assert alive
    assert not is_running(born.process.pid)


def test_many_at_once():
    with ThreadPoolExecutor(8) as pool:
        outputs = list(pool.map(lambda n: run(["printf", str(n)], timeout_s=60).stdout, range(24)))

    assert outputs == [str(n) for n in range(24)]
    assert process._running_groups == set()


def test_what_is_started_too_late_for_its_caller_is_ended():
    undone: list[str] = []
    mine = fork_server.ForkServer()
    begun, go = threading.Event(), threading.Event()

    def make() -> str:
        begun.set()
        go.wait(30)
        return "born"

    class Interrupted(BaseException):
        pass

    def wait(_self: object, _timeout: object = None) -> None:
        begun.wait(30)
        raise Interrupted

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Future, "result", wait)
        with pytest.raises(Interrupted):
            mine.call(make, undo=undone.append)
    go.set()
    mine.call(lambda: None, undo=lambda _: None)  # the one before is through

    assert undone == ["born"]


def test_stopping_does_not_wait_for_a_tool_that_would_rather_finish(work):
    code = (
        "import signal, time, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: (open('stopping', 'w'), time.sleep(60)))\n"
        "open('up', 'w'); time.sleep(60)"
    )

    with pytest.raises(StoppedError):
        run(python_argv(code), timeout_s=60, cwd=work, should_stop=(work / "up").exists)

    assert not (work / "stopping").exists()
