"""The one process on a laptop: killed a hundred times, and on a full disk."""

import contextlib
import random
import sqlite3
import time
from pathlib import Path

from tests.faults.client import Client, GaveUpError, Watcher, wait_until
from tests.faults.cluster_setup import ClusterSetup, make_clip
from tests.faults.figures import Figures
from tests.faults.single import Single, filled


def embedded(setup: ClusterSetup) -> list[Figures]:
    """SIGKILL of `serve` and all it started, a hundred times, wherever it is; the database stays sound."""
    single: Single = setup.cluster
    rounds = setup.times(100, short=2)
    figures = Figures("15 embedded process killed", faults=rounds)
    figures.notes["lease"] = "/".join(map(str, single.lease))
    chance = random.Random(20261122)
    setup.main()
    kills: list[float] = []
    with Watcher(single.rows) as watcher, setup.client(timeout_s=3) as client:
        for number in range(rounds):
            single.wait_until_ready()
            with contextlib.suppress(GaveUpError, AssertionError):
                for _ in range(chance.randint(0, 2) if number else 1):
                    client.export(setup.video, within_s=0)
                    figures.runs += 1
            time.sleep(chance.uniform(0, 3) if number else 1)
            single.serve.kill_all()
            kills.append(time.time())
            sound = _integrity(single.database_file)
            figures.expect(sound == "ok", f"integrity_check: {sound}")
            wait_until(lambda: single.serve.alive, within_s=20, what="a new start")
        single.wait_until_ready()
        setup.settle(within_s=900)
        time.sleep(0.2)
        figures.times = _taken_up(watcher, kills)
    figures.recovered = rounds
    figures.notes["integrity_check"] = "see problems" if figures.problems else "ok"
    return [setup.close(figures)]


def _integrity(file: Path) -> str:
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as link:
        return str(link.execute("PRAGMA integrity_check").fetchone()[0])


def _taken_up(watcher: Watcher, kills: list[float]) -> list[float]:
    """For every row that was in work at a kill: how long until it was taken again, if nothing was killed meanwhile."""
    times = []
    for number, at in enumerate(kills):
        after = kills[number + 1] if number + 1 < len(kills) else float("inf")
        for export_id in watcher.states:
            held = watcher.at(export_id, at)
            if held is None or held.status != "processing":
                continue
            state = watcher.first(export_id, after=at, token_not=held.token)
            if state is not None and state.at < after:
                times.append(state.at - at)
    return times


def disks(setup: ClusterSetup) -> list[Figures]:
    """A small disk runs full: for working files, for stored files, for the database."""
    parts = {
        "temporary files": setup.cluster.work,
        "stored files": setup.cluster.data / "media",
        "database": setup.cluster.database_file.parent,
    }
    setup.main()
    return [_full_disk(setup, name, folder) for name, folder in parts.items()]


def _full_disk(setup: ClusterSetup, name: str, folder: Path) -> Figures:
    """A full disk refuses requests with a clear error. After room is freed, everything continues by itself."""
    rounds = setup.times(5)
    figures = Figures(f"5 disk full: {name}", faults=rounds)
    clip = make_clip(setup.cluster.folder, seconds=1)
    with setup.client(timeout_s=20) as client:
        for _ in range(rounds):
            before = len(client.get("/v1/videos")["results"])
            _give_back_the_log(setup.cluster.database_file)
            with filled(folder):
                figures.runs += 1
                video_id, accepted = _try(figures, setup, client, clip, name)
                listed = client.once("GET", "/v1/videos")
                if listed is not None and listed.status_code == 200:
                    more = len(listed.json()["results"]) - before
                    figures.expect(more == bool(video_id), f"{more} more videos are listed")
            if video_id:
                end = client.wait_for(f"/v1/videos/{video_id}", ("READY", "FAILED"))
                figures.expect(end["status"] == "READY", f"an accepted upload: {end}")
            began = time.monotonic()
            if not (accepted and setup.short):
                accepted.append(client.export(setup.video))
            for export_id in accepted:
                end = client.wait(export_id)
                kind = f"{end['status']} {end['error_code'] or ''}".strip()
                figures.notes[kind] = figures.notes.get(kind, 0) + 1
            figures.expect(end["status"] == "completed", f"afterwards: {end}")
            for export_id in accepted:
                client.delete(export_id)
            figures.times.append(time.monotonic() - began)
            figures.recovered += 1
    return setup.close(figures)


def _give_back_the_log(file: Path) -> None:
    """Cut SQLite's log down to nothing, so that the next write needs room again."""
    with contextlib.closing(sqlite3.connect(file, timeout=20)) as link:
        link.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _try(
    figures: Figures, setup: ClusterSetup, client: Client, clip: Path, name: str
) -> tuple[str, list[str]]:
    """Upload and export while nothing more fits; ids of the video and the exports that were accepted nevertheless.

    The database may hold a little room in its log still: what it takes then must be whole.
    """
    files = {"file": (clip.name, clip.read_bytes(), "video/mp4")}
    answer = client.once("POST", "/v1/videos", files=files)
    status = answer.status_code if answer is not None else 0
    figures.notes[f"upload {status}"] = figures.notes.get(f"upload {status}", 0) + 1
    refused = {503, 507, 201} if name == "database" else {503, 507}
    figures.expect(status in refused, f"upload: {status} {answer.text[:200] if answer else ''}")
    video_id = str(answer.json()["id"]) if answer is not None and status == 201 else ""
    answer = client.once(
        "POST",
        f"/v1/videos/{setup.video}/export-short",
        json={"start_s": 0, "end_s": 0.5, "output_quality": "medium"},
    )
    status = answer.status_code if answer is not None else 0
    figures.notes["click"] = status
    allowed = {503, 507, 202} if name == "database" else {202, 507}
    figures.expect(status in allowed, f"click: {status} {answer.text[:200] if answer else ''}")
    if answer is None or status != 202:
        return video_id, []
    export_id = str(answer.json()["export_id"])
    setup.ledger.accept(export_id, client.person_id, "")
    time.sleep(1.5 if setup.short else 12)  # attempts are made while it is full
    return video_id, [export_id]
