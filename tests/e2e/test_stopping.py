"""A stopping server returns its jobs to the queue; the next start finishes them."""

import contextlib
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.server import DATABASE, Installation, Script

TIMEOUT_S = 30


def row_of(installation: Installation) -> tuple:
    """The only export, as it lies in the database."""
    with sqlite3.connect(installation.data_dir / DATABASE) as database:
        rows = database.execute("SELECT status, attempts, claim_token FROM exports_export")
        return rows.fetchone()


def ask(script: Script, talk: tuple[Path, Path]) -> str:
    """Ask for a Short that takes some seconds, and wait until it is being made."""
    video = script.video(script.upload(*talk))
    scene = script.get(f"/v1/videos/{video['id']}/details")["scenes"][0]
    path = f"/v1/scenes/{scene['id']}/export-short"
    options = {
        "start_s": 0,
        "end_s": 3,
        "aspect_ratio_strategy": "blur",
        "output_quality": "medium",
    }
    export = script.post(path, expected=202, json=options)
    script.export(export["export_id"], status="processing")
    return export["export_id"]


def test_sigterm_hands_the_export_back_and_the_next_start_completes_it(own: Installation, talk):
    token = own.person("patient")
    with own.serving() as server, Script(server.url, token) as script:
        export_id = ask(script, talk)
        assert server.stop() == 0

    assert row_of(own) == ("pending", 0, None)
    assert not list((own.data_dir / "work").iterdir())

    with own.serving() as server, Script(server.url, token) as script:
        assert script.export(export_id)["resolution"] == "1080x1920"


def test_a_killed_server_loses_nothing(own: Installation, talk):
    token = own.person("unlucky")
    with own.serving() as server, Script(server.url, token) as script:
        export_id = ask(script, talk)
        server.kill()

    assert row_of(own)[:2] == ("processing", 1)

    with own.serving() as server, Script(server.url, token) as script:
        assert script.export(export_id)["resolution"] == "1080x1920"


def test_a_second_signal_ends_it_at_once(own: Installation, talk):
    token = own.person("hasty")
    with own.serving() as server, Script(server.url, token) as script:
        ask(script, talk)
        server.child.send_signal(signal.SIGINT)
        server.child.send_signal(signal.SIGINT)
        while server.child.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.child.wait(0.1)
            server.child.send_signal(signal.SIGINT)

    assert server.child.returncode == 130
    until(lambda: not children_of(own))


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the kernel does in its own time: a process that was killed is there until it runs again."""
    deadline = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def children_of(installation: Installation) -> list[str]:
    """Command lines of processes that work in the installation's folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(installation.data_dir) in line]
