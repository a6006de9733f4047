"""Heimdex as one process, `manage.py serve` on SQLite and local files, with the same handles as a cluster."""

import contextlib
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from tests import processes
from tests.faults.auditor import FolderStore
from tests.faults.cluster import PYTHON, SHORT_LEASE, answers, clean_env
from tests.faults.maintenance import Maintenance
from tests.faults.units import Supervisor, Unit, find, temporary_folder
from tests.services import _tool, free_port


class Single:
    """One supervised `serve`. The work folder lies on a disk of 4 MB, the database and stored files on small ones too.

    (SQLite's log alone may take 4 MB; a hundred Shorts fit on theirs.)
    """

    def __init__(
        self,
        *,
        lease: tuple[int, int, int] = SHORT_LEASE,
        overrides: Mapping[str, int] | None = None,
    ) -> None:
        self.folder = temporary_folder()
        self.lease = lease
        self.data = self.folder / "data"
        self.database_file = self.folder / "db" / "heimdex.sqlite3"
        self.work = self.folder / "work"
        self._disks = {self.work: 4, self.data / "media": 64, self.database_file.parent: 8}
        self._stack = contextlib.ExitStack()
        port = free_port()
        self.urls = [f"http://127.0.0.1:{port}"]
        self._env = {
            **clean_env(),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "HEIMDEX_DATA_DIR": str(self.data),
            "HEIMDEX_WORK_DIR": str(self.work),
            processes.KILL_POINTS: str(self.folder / "kill"),
            "DATABASE_URL": f"sqlite:///{self.database_file}",
            **processes.overriding(
                {**processes.lease(*lease), "HEALTH_MIN_FREE_BYTES": 0, **(overrides or {})}
            ),
        }
        self.serve = Unit(
            "serve",
            [PYTHON, "manage.py", "serve", "--port", str(port)],
            self.folder,
            env=self._env,
            is_ready=lambda: answers(self.urls[0]),
        )
        self.units = self.workers = [self.serve]
        self.supervisor = Supervisor(self.units)

    def __enter__(self) -> Self:
        try:
            (self.folder / "kill").mkdir()
            for folder, megabytes in self._disks.items():
                self._stack.enter_context(small_disk(folder, megabytes=megabytes))
            self.maintenance = Maintenance(self._env)
            self.maintenance.ask("prepare")
            self.serve.start()
            self.serve.wait_until_ready()
            self.supervisor.start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        self.supervisor.close()
        self.serve.should_run = False
        self.serve.kill_all()
        self.serve.stop(within_s=5)
        if hasattr(self, "maintenance"):
            self.maintenance.close()
        for one in find(str(self.folder)):
            one.signal(signal.SIGKILL)
        self._stack.close()
        if not os.environ.get("HEIMDEX_FAULTS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def store(self) -> FolderStore:
        """Where its files lie."""
        return FolderStore(self.data / "media")

    @property
    def work_dirs(self) -> list[Path]:
        """Its one work folder."""
        return [self.work]

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query; `%s` and UUIDs are written as SQLite wants them."""
        values = [_plain(one) for one in parameters]
        with contextlib.closing(sqlite3.connect(self.database_file, timeout=20)) as link, link:
            return link.execute(sql.replace("%s", "?"), values).fetchall()

    def wait_until_ready(self) -> None:
        """Wait until it answers."""
        self.serve.wait_until_ready()


def _plain(value: object) -> object:
    """A UUID without its dashes, as SQLite keeps it; anything else as it is."""
    is_uuid = isinstance(value, str) and len(value) == 36 and value.count("-") == 4
    return str(value).replace("-", "") if is_uuid else value


@contextlib.contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[None]:
    """A file system of so many megabytes at a folder; says in words when this machine forbids it."""
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=755"
    done = subprocess.run(
        [_tool("mount"), "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(
            f"A disk of {megabytes} MB cannot be mounted here, which this test needs: run it as root "
            f"on a machine that may mount ({done.stderr.strip()})."
        )
    try:
        yield
    finally:
        for _ in range(50):
            if not subprocess.run(
                [_tool("umount"), str(folder)], capture_output=True, check=False
            ).returncode:
                break
            time.sleep(0.1)
        else:
            subprocess.run([_tool("umount"), "--lazy", str(folder)], check=False)


@contextlib.contextmanager
def filled(folder: Path, *, leave: int = 0) -> Iterator[None]:
    """All but `leave` bytes of a folder's disk are taken while the block runs; nothing of one that is full already."""
    ballast = folder / ".ballast"
    free = shutil.disk_usage(folder).free - leave
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while free > 0:
            free -= file.write(b"\0" * min(4096, free))
            file.flush()
    try:
        yield
    finally:
        ballast.unlink(missing_ok=True)
