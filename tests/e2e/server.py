"""Real processes of the product for end-to-end tests: `manage.py serve`, `celery worker`, `celery beat`."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import httpx

from tests import processes, services
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 120
STOP_S = 30
WORK_S = 180
PASSWORD = "a long pass phrase 42"
DATABASE, STATIC = "heimdex.sqlite3", "static"  # in an installation's data folder
_MAKE_PEOPLE = """
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from accounts.models import User
password = make_password({password!r})
for name in {names!r}:
    User.objects.create(username=name, password=password)
    call_command("create_token", name)
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """One Heimdex with a data folder and settings of its own.

    `spare_people` are people of no one yet, and their access tokens.
    """

    data_dir: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    spare_people: list[tuple[str, str]] = field(default_factory=list)

    def copied(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> "Installation":
        """Another installation that begins as this one is; on SQLite, without media."""
        shutil.copyfile(self.data_dir / DATABASE, data_dir / DATABASE)
        if any((self.data_dir / STATIC).iterdir()):
            shutil.copytree(self.data_dir / STATIC, data_dir / STATIC, dirs_exist_ok=True)
        return Installation(data_dir, settings or {}, list(self.spare_people))

    def environ(self) -> dict[str, str]:
        """The environment of its processes; nothing of ours leaks in."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("HEIMDEX_", "DJANGO_", "S3_", "COV", "PYTEST"))
            and name not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}
        }
        return {
            **clean,
            "HEIMDEX_DATA_DIR": str(self.data_dir),
            **processes.overriding(processes.lease(10, 1, 1)),
            **self.settings,
        }

    def manage(self, *arguments: str, **environ: str) -> str:
        """Run a management command to its end; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self.environ(), **environ},
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def person(self, name: str) -> str:
        """A new person who can log in with `PASSWORD`; returns an access token of theirs."""
        if not self.spare_people:
            return self._make_people([name])[0]
        spare, token = self.spare_people.pop()
        self.execute("UPDATE accounts_user SET username = ? WHERE username = ?", name, spare)
        return token

    def make_spare_people(self, count: int) -> None:
        """Make them by one start of a process instead of one for each `person`."""
        names = [f"spare{number}" for number in range(count)]
        self.spare_people.extend(zip(names, self._make_people(names), strict=True))

    def _make_people(self, names: Sequence[str]) -> list[str]:
        code = _MAKE_PEOPLE.format(password=PASSWORD, names=names)
        return self.manage("shell", "--no-imports", "--command", code).splitlines()

    def execute(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read or change rows on SQLite; returns those that it reads."""
        path = self.data_dir / DATABASE
        with contextlib.closing(sqlite3.connect(path, timeout=STOP_S)) as database, database:
            return database.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def serving(self, *options: str) -> Iterator["Process"]:
        """`manage.py serve` on a free port, until it answers."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        argv = ["manage.py", "serve", "--port", str(port), *options]
        with self._running("serve", argv) as process:
            process.url = url
            process.wait_until_it_answers()
            yield process

    @contextlib.contextmanager
    def celery(self, *arguments: str) -> Iterator["Process"]:
        """A Celery process."""
        argv = ["-m", "celery", "-A", "heimdex", *arguments]
        with self._running(arguments[0], argv) as process:
            yield process

    @contextlib.contextmanager
    def _running(self, name: str, argv: Sequence[str]) -> Iterator["Process"]:
        log = self.data_dir / f"{name}-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            child = subprocess.Popen(
                [sys.executable, *argv],
                cwd=ROOT,
                env=self.environ(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = Process(child, log)
        try:
            yield process
        except BaseException:
            sys.stderr.write(process.words())
            raise
        finally:
            process.kill()


@dataclass(frozen=True, slots=True)
class SpreadOut:
    """An installation on PostgreSQL, Redis and S3."""

    installation: Installation
    database_url: str
    bucket: services.Bucket

    def with_settings(self, settings: Mapping[str, str]) -> Installation:
        """The same installation for processes with more settings."""
        return replace(self.installation, settings={**self.installation.settings, **settings})


@dataclass(slots=True)
class Process:
    """A running process of an installation."""

    child: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def stop(self) -> int:
        """Ask it to stop as a service manager does; its exit code."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(STOP_S)

    def kill(self) -> None:
        """End it and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()

    def words(self) -> str:
        """What it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-20_000:]

    def wait_until_it_answers(self) -> None:
        """Wait for the first answer; its words are in the error when it dies instead."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.child.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/health", timeout=5)
                return
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.words()}")


class Script:
    """A script that uses the REST API with a token."""

    def __init__(self, url: str, token: str, headers: Mapping[str, str] | None = None) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}", **(headers or {})},
            timeout=60,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        """The JSON answer of a GET that must succeed."""
        response = self._http.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, *, expected: int, **options: Any) -> Any:
        """The JSON answer of a POST that must have this status."""
        response = self._http.post(path, **options)
        assert response.status_code == expected, response.text
        return response.json()

    def upload(self, video: Path, captions: Path) -> str:
        """Send a video with its captions in one request; returns its id."""
        with video.open("rb") as source, captions.open("rb") as words:
            files = {"file": (video.name, source), "captions": (captions.name, words)}
            data = {"language": "en", "title": "A short talk"}
            return str(self.post("/v1/videos", expected=201, files=files, data=data)["id"])

    def wait_for(self, path: str, *, status: str, ended: Sequence[str]) -> Any:
        """Poll until the status is the given one; fails when it is another final one."""
        deadline = time.monotonic() + WORK_S
        while time.monotonic() < deadline:
            found = self.get(path)
            if found["status"] == status:
                return found
            assert found["status"] not in ended, found
            time.sleep(0.1)
        raise AssertionError(f"still {found['status']} after {WORK_S} s: {found}")

    def video(self, video_id: str) -> Any:
        """The video once it is READY."""
        return self.wait_for(f"/v1/videos/{video_id}", status="READY", ended=["FAILED"])

    def export(self, export_id: str, *, status: str = "completed") -> Any:
        """The export once it has this status."""
        ended = {"completed", "failed", "cancelled"} - {status}
        return self.wait_for(f"/v1/exports/{export_id}", status=status, ended=sorted(ended))

    def download(self, url: str, target: Path) -> httpx.Response:
        """Fetch a download link without a token, like a person it was sent to; returns the last response's headers."""
        with (
            httpx.Client(follow_redirects=True, timeout=60) as stranger,
            stranger.stream("GET", url) as response,
        ):
            assert response.status_code == 200, response.read()
            with target.open("wb") as file:
                file.writelines(response.iter_bytes())
        return response
