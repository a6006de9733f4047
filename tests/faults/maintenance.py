"""Runs product code for the harness: creates users and tokens, cleans up, and sends messages to workers.

It runs as a separate process with the product's settings and reads commands as lines of JSON, such as
`{"verb": "people", "count": 3}`. It bypasses the proxy to database and storage, so that it works during a fault.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Maintenance:
    """The running process. `ask("verb", ...)` gives its answer. Close it at the end."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.maintenance"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, verb: str, **options: Any) -> Any:
        """What the product answers; an error there is one here, with its words."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps({"verb": verb, **options}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        answer = json.loads(line or '{"error": "the helper died"}')
        if "error" in answer:
            raise RuntimeError(f"{verb}: {answer['error']}")
        return answer["answer"]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def prepare() -> None:
    """Tables and static files, as an installation makes them before it starts."""
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def people(count: int, limit: int | None = None, prefix: str = "person") -> list[dict[str, Any]]:
    """New people with a token each."""
    from accounts.models import AccessToken, User  # noqa: PLC0415 - Django is set up by now

    begin = User.objects.count()
    made = []
    for number in range(begin, begin + count):
        user = User.objects.create(username=f"{prefix}{number}", export_limit=limit, password="!")
        _, token = AccessToken.make(user=user, name="faults")
        made.append({"id": user.pk, "name": user.username, "token": token})
    return made


def later(seconds: float, work_dirs: list[str]) -> dict[str, list[str]]:
    """Run the product's own clean-up as of `seconds` seconds from now. Returns what it removed.

    Functions that take the time as an argument get the database's time plus `seconds`. The files in working folders
    are made older by as much; a folder has no owner when its lock is also free.
    """
    from datetime import timedelta  # noqa: PLC0415

    from django.conf import settings  # noqa: PLC0415

    from exports.retention import files as retention  # noqa: PLC0415
    from jobs import work_folders  # noqa: PLC0415
    from jobs.clock import database_now  # noqa: PLC0415
    from videos.uploads import cleanup  # noqa: PLC0415

    at = database_now() + timedelta(seconds=seconds)
    gone: dict[str, list[str]] = {
        "expired": [str(export.pk) for export in retention.remove_expired_files(at=at)],
        "uploads": [removed.name for removed in cleanup.remove_abandoned_uploads(at=at)],
        "orphans": [str(item) for item in retention.remove_orphaned_files(at=at)],
        "folders": [],
    }
    for folder in work_dirs:
        settings.WORK_DIR = Path(folder)
        for path in settings.WORK_DIR.iterdir():
            with contextlib.suppress(FileNotFoundError):
                then = path.stat().st_mtime - seconds
                os.utime(path, (then, then))
        gone["folders"] += [path.name for path in work_folders.remove_abandoned()]
    return gone


def publish(export_ids: list[str], times: int = 1) -> None:
    """The message of each export, `times` times, in the order given."""
    from exports.tasks import render_export  # noqa: PLC0415

    for export_id in export_ids:
        for _ in range(times):
            render_export.apply_async((export_id,))


def delete_person(pk: int) -> None:
    """An account goes, as an operator deletes it in the admin."""
    from accounts.models import User  # noqa: PLC0415

    User.objects.get(pk=pk).delete()


def session(pk: int) -> str:
    """The session cookie of a logged-in user."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from accounts.models import User  # noqa: PLC0415

    user = User.objects.get(pk=pk)
    store = SessionStore()
    store[SESSION_KEY] = str(pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return str(store.session_key)


def scenes(video_id: str, count: int) -> list[str]:
    """So many more scenes of one second in a video; their ids."""
    from videos.models import Scene, Video  # noqa: PLC0415

    video = Video.objects.get(pk=video_id)
    last = video.scenes.count()
    rows = [
        Scene(video=video, index=last + number, start_ms=0, end_ms=1000) for number in range(count)
    ]
    return [str(row.pk) for row in Scene.objects.bulk_create(rows)]


VERBS = {
    verb.__name__: verb
    for verb in (prepare, people, later, publish, delete_person, session, scenes)
}


def main() -> None:
    """Obey standard input until it closes. Nothing but answers goes to standard output."""
    import django  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    django.setup()
    for line in sys.stdin:
        order = json.loads(line)
        connection.close()  # the database may have been killed since
        try:
            answer = {"answer": VERBS[order.pop("verb")](**order)}
        except Exception as exc:  # noqa: BLE001 - the harness hears of it, whatever it is
            answer = {"error": f"{type(exc).__name__}: {exc}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
