"""What every scenario plays on: a running cluster, people with a video, and the auditor at the end."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.auditor import Audit, Facts, audit
from tests.faults.client import FINAL, Client, GaveUpError, Ledger, wait_until
from tests.faults.figures import Figures
from tests.faults.units import find

PLENTY = 1_000_000
SETTLE_S = 120


def make_clip(folder: Path, *, seconds: float = 2, size: str = "320x180", rate: int = 15) -> Path:
    """A small moving picture with a tone."""
    file = folder / f"clip-{seconds:g}-{size}.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi"),
            *("-i", f"testsrc2=s={size}:r={rate}:d={seconds}"),
            *("-f", "lavfi", "-i", f"sine=f=440:d={seconds}"),
            *("-c:v", "libx264", "-preset", "ultrafast", "-g", str(rate), "-pix_fmt", "yuv420p"),
            *("-c:a", "aac", "-shortest", "-movflags", "+faststart", str(file)),
        ],
        check=True,
    )
    return file


@dataclass
class ClusterSetup:
    """A cluster with its ledger. `short` asks for the quick form of the test suite, `scale` for a part of all."""

    cluster: Any  # a Cluster, or a Single with the same handles
    short: bool = False
    scale: float = 1.0
    ledger: Ledger = field(default_factory=Ledger)
    stamps: dict[str, float] = field(default_factory=dict)
    ended: bool = False
    _seen_orphans: int = 0
    _main: tuple[dict[str, Any], str] | None = None

    def __post_init__(self) -> None:
        self.store = self.cluster.store
        self.clip = make_clip(self.cluster.folder)

    def times(self, full: int, *, short: int = 1) -> int:
        """How often to do something: `full` times, or the requested fraction of it."""
        return short if self.short else max(1, round(full * self.scale))

    def person(self, limit: int | None = PLENTY) -> dict[str, Any]:
        """A new user with that many quota slots; None for the installation's limit."""
        found: dict[str, Any] = self.cluster.maintenance.ask("people", count=1, limit=limit)[0]
        return found

    def client(self, person: dict[str, Any] | None = None, *, timeout_s: float = 6) -> Client:
        """A client of a user; by default of the one with a video and many quota slots."""
        person = person or self.main()[0]
        return Client(self.cluster.urls, person, self.ledger, timeout_s=timeout_s)

    def main(self) -> tuple[dict[str, Any], str]:
        """The person most scenarios act for, and the video of theirs."""
        if self._main is None:
            person = self.person()
            self._main = person, self.upload(person)
        return self._main

    @property
    def video(self) -> str:
        """That video's id."""
        return self.main()[1]

    def upload(self, person: dict[str, Any], clip: Path | None = None) -> str:
        """A READY video of a user."""
        with Client(self.cluster.urls, person, self.ledger, timeout_s=60) as client:
            video_id = client.upload(clip or self.clip)
        key = self.cluster.rows("SELECT source_key FROM videos_video WHERE id = %s", video_id)
        self.stamps[key[0][0]] = self.store.objects()[key[0][0]][1]
        return video_id

    def settle(self, *, within_s: float = SETTLE_S) -> None:
        """Wait until no export and no video is waiting or worked on; the auditor says what still is."""
        sql = (
            "SELECT (SELECT count(*) FROM exports_export WHERE status IN ('pending','processing')),"
            " (SELECT count(*) FROM videos_video WHERE lower(status) IN ('pending','processing'))"
        )
        with suppress(TimeoutError):
            wait_until(lambda: self.cluster.rows(sql) == [(0, 0)], within_s=within_s, what="quiet")

    def audit(self, *, within_s: float = SETTLE_S) -> Audit:
        """Settle, then audit. Tools may take a moment to end after the last row did."""
        self.settle(within_s=within_s)
        with suppress(TimeoutError):
            wait_until(lambda: not self._tools(), within_s=3, what="no tools")
        orphans = self.cluster.supervisor.orphans
        fresh, self._seen_orphans = orphans[self._seen_orphans :], len(orphans)
        return audit(
            Facts(
                rows=self.cluster.rows,
                store=self.store,
                ledger=self.ledger,
                later=self._later,
                work_dirs=self.cluster.work_dirs,
                orphans=[*fresh, *(f"still running: {one}" for one in self._tools())],
                stamps=self.stamps,
            )
        )

    def close(self, figures: Figures) -> Figures:
        """Put the auditor's findings into a scenario's figures. In the short form there is one audit, at the end."""
        if self.short and not self.ended:
            return figures
        found = self.audit()
        figures.audit, figures.audit_words = found.counts(), found.words()
        figures.notes.setdefault("exports", dict(found.exports))
        return figures

    def _later(self, seconds: float) -> object:
        folders = [str(path) for path in self.cluster.work_dirs]
        return self.cluster.maintenance.ask("later", seconds=seconds, work_dirs=folders)

    def _tools(self) -> list[str]:
        return [one.words[:200] for one in find(str(self.cluster.folder)) if one.is_tool]


def _wait_for_end(client: Client, export_id: str, ended: threading.Event) -> None:
    while not ended.wait(0.5):
        if client.get(f"/v1/exports/{export_id}")["status"] in FINAL:
            return


@contextmanager
def load(setup: ClusterSetup, figures: Figures, **options: Any) -> Iterator[list[str]]:
    """Three clients (in the short form one) ask for one Short after another while the block runs; the ids they got.

    Each waits for its Short before it asks for the next, so that no queue grows. Refusals are problems.
    """
    ended = threading.Event()
    export_ids: list[str] = []
    setup.main()

    def ask() -> None:
        with setup.client(timeout_s=10) as client:
            while not ended.is_set():
                try:
                    export_ids.append(client.export(setup.video, **options))
                    client.get("/v1/exports")
                    _wait_for_end(client, export_ids[-1], ended)
                except (GaveUpError, AssertionError) as exc:
                    figures.problems.append(str(exc))
                ended.wait(0.5)

    askers = [threading.Thread(target=ask, daemon=True) for _ in range(1 if setup.short else 3)]
    for asker in askers:
        asker.start()
    try:
        yield export_ids
    finally:
        ended.set()
        for asker in askers:
            asker.join()
