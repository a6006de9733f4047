"""Workers that are halted, stopped, have a wrong clock, a poisoned job or little memory; and their messages."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.faults.client import Client, RowState, Watcher, wait_until
from tests.faults.cluster import REAL_LEASE, SHORT_LEASE
from tests.faults.cluster_setup import ClusterSetup, load
from tests.faults.figures import Figures, spread
from tests.faults.units import Unit

STOP_S = 5.0


def messages(setup: ClusterSetup) -> list[Figures]:
    """The same message five times, out of order, an hour late, after deletion: each export is made once."""
    cluster = setup.cluster
    figures = Figures("7 messages: five times, out of order, late, after deletion")
    for _ in range(setup.times(10)):
        with setup.client() as client:
            ids = [client.export(setup.video) for _ in range(1 if setup.short else 4)]
            cluster.maintenance.ask("publish", export_ids=[*reversed(ids), *ids], times=5)
            gone = client.export(setup.video)
            client.delete(gone)
            for export_id in ids:
                client.wait(export_id)
            done = cluster.rows(_MADE, ids)
            # Simulate one hour: move all times of the rows back by it.
            cluster.execute(_EARLIER, ids)
            late = [*ids, gone, str(uuid.uuid4())]
            cluster.maintenance.ask("publish", export_ids=late, times=5)
            if not setup.short:
                client.wait(client.export(setup.video))
            time.sleep(1)
            figures.expect(
                [row[1:] for row in cluster.rows(_MADE, ids)] == [row[1:] for row in done],
                "a late message changed an export that had ended",
            )
        figures.runs += len(ids)
        figures.faults += 5 * (2 * len(ids) + len(late))
    figures.recovered = figures.faults
    made = cluster.rows("SELECT max(attempts) FROM exports_export WHERE id = ANY(%s::uuid[])", ids)
    figures.expect(made == [(1,)], f"an export was made {made} times")
    return [setup.close(figures)]


_MADE = (
    "SELECT id, status, attempts, file_key, file_sha256 FROM exports_export"
    " WHERE id = ANY(%s::uuid[]) ORDER BY id"
)
_EARLIER = (
    "UPDATE exports_export SET created_at = created_at - interval '1 hour',"
    " queued_at = queued_at - interval '1 hour', started_at = started_at - interval '1 hour',"
    " completed_at = completed_at - interval '1 hour' WHERE id = ANY(%s::uuid[])"
)


def holder(setup: ClusterSetup, *, within_s: float = 30) -> Unit:
    """The worker that runs an encode now."""

    def busy() -> Unit | None:
        return next(
            (unit for unit in setup.cluster.workers if _encodes(unit)),
            None,
        )

    found: Unit = wait_until(busy, within_s=within_s, what="an encode", pause_s=0.02)
    return found


def _encodes(unit: Unit) -> bool:
    return any("libx264" in one.words for one in unit.tools())


def halted(setup: ClusterSetup) -> list[Figures]:
    """SIGSTOP a worker in the middle of an export for 60 s, then let it go on: it must change nothing."""
    cluster, short = setup.cluster, setup.short
    if not short:
        cluster.set_lease(REAL_LEASE)
    seconds = cluster.lease[0] * 2 if not short else cluster.lease[0] + 4
    rounds = setup.times(4)
    figures = Figures(f"10 worker halted for {seconds} s", faults=rounds)
    figures.notes["lease"] = "/".join(map(str, cluster.lease))
    with setup.client() as client, Watcher(cluster.rows) as watcher:
        for _ in range(rounds):
            export_id = client.export(setup.video, end_s=2)
            unit = holder(setup)
            pid = unit.pid
            frozen = unit.freeze()
            at = time.time()
            held = watcher.at(export_id, at)
            state = _taken_over(watcher, export_id, at, held.token if held else "", seconds + 30)
            figures.times.append(state.at - at)
            time.sleep(max(0.0, seconds - (time.time() - at)))
            for one in frozen:
                one.signal(18)
            end = client.wait(export_id)
            figures.expect(end["status"] == "completed", f"ended as {end}")
            figures.recovered += 1
            figures.expect(unit.pid == pid, "the worker did not survive")
            if not short:
                setup.settle()
                with cluster.only(unit):
                    again = client.wait(client.export(setup.video))
                figures.expect(again["status"] == "completed", "the worker did not work on")
            figures.runs += 1
    setup.close(figures)
    if not short:
        cluster.set_lease(SHORT_LEASE)
    return [figures]


def _taken_over(
    watcher: Watcher, export_id: str, at: float, token: str, within_s: float
) -> RowState:
    found: RowState = wait_until(
        lambda: watcher.first(export_id, after=at, token_not=token),
        within_s=within_s,
        what="the row to be taken over",
    )
    return found


def rolling(setup: ClusterSetup) -> list[Figures]:
    """Everything is restarted in turn, again and again, under load: nothing is lost, no attempt is used up."""
    cluster = setup.cluster
    rounds = setup.times(20)
    units = cluster.workers[:1] + cluster.webs[:1] if setup.short else cluster.units
    figures = Figures("12 rolling restart", runs=0, faults=rounds * len(units))
    stops: dict[str, list[float]] = {"worker": [], "web": [], "beat": []}
    handed: list[float] = []
    with load(setup, figures, end_s=2) as export_ids:
        for unit in [*units] * rounds:
            if unit in cluster.workers:
                _wait_for_work(unit)
            stopped_at = time.time()
            stops[unit.name.rstrip("0123456789")].append(unit.stop(within_s=30))
            handed += [at - stopped_at for at in unit.said("export handed back", since=stopped_at)]
            began = time.monotonic()
            unit.start()
            unit.wait_until_ready()
            figures.times.append(time.monotonic() - began)
            figures.recovered += 1
    figures.runs = len(export_ids)
    with setup.client() as client:
        ends = [client.wait(export_id, within_s=300) for export_id in export_ids]
    figures.expect(all(end["status"] == "completed" for end in ends), "not all were completed")
    used = cluster.rows(
        "SELECT id, attempts FROM exports_export WHERE attempts > 1 AND id = ANY(%s::uuid[])",
        export_ids,
    )
    figures.expect(not used, f"attempts were used up: {used}")
    for kind, took in stops.items():
        if took:
            figures.notes[f"{kind} stops s: median / max"] = (
                f"{spread(took)[1]:.1f} / {max(took):.1f}"
            )
    if handed:
        figures.notes["handed back s: median / max"] = (
            f"{spread(handed)[1]:.1f} / {max(handed):.1f}"
        )
        figures.expect(max(handed) <= STOP_S, f"handed back after {max(handed):.1f} s")
    return [setup.close(figures)]


def _wait_for_work(unit: Unit) -> None:
    deadline = time.monotonic() + 3
    while not unit.tools() and time.monotonic() < deadline:
        time.sleep(0.02)


def clocks(setup: ClusterSetup) -> list[Figures]:
    """A worker whose clock is 90 minutes off claims no row with a valid lease, and its exports are valid."""
    figures = Figures("6 worker's clock 90 minutes off")
    for offset in (5400,) if setup.short else (5400, -5400):
        figures.faults += 1
        with setup.cluster.another_worker(f"worker{offset}", clock_s=offset) as wrong:
            ids = _work_with(setup, wrong, figures)
        made = setup.cluster.rows(
            "SELECT status, error_code, attempts,"
            " abs(extract(epoch from expires_at - now()) - 86400) < 600"
            " AND abs(extract(epoch from completed_at - now())) < 600"
            " FROM exports_export WHERE id = ANY(%s::uuid[])",
            ids,
        )
        figures.runs += len(ids)
        figures.notes[f"{offset:+d} s"] = dict(
            Counter(f"{row[0]} {row[1]}".strip() for row in made)
        )
        figures.expect(
            set(made) == {("completed", "", 1, True)}, f"{offset:+d} s: {sorted(map(str, made))}"
        )
        figures.recovered += 1
    return [setup.close(figures)]


def _work_with(setup: ClusterSetup, wrong: Unit, figures: Figures) -> list[str]:
    """Exports made side by side with a worker, then by that worker alone."""
    with setup.client() as client:
        ids = [client.export(setup.video) for _ in range(0 if setup.short else 8)]
        for export_id in ids:
            client.wait(export_id)
        setup.settle()
        with setup.cluster.only(wrong):
            began = time.monotonic()
            ids.append(client.export(setup.video))
            client.wait(ids[-1])
            figures.times.append(time.monotonic() - began)
    return ids


def poison(setup: ClusterSetup) -> list[Figures]:
    """A job that kills its workers fails after three attempts, with an error code, and frees its quota slot."""
    cluster = setup.cluster
    rounds = setup.times(5)
    figures = Figures("11 poison job", faults=3 * rounds)
    person = setup.person(limit=10)
    video = setup.upload(person)
    with setup.client(person) as client:
        for _ in range(rounds):
            used = client.get("/v1/me")["used"]
            order = cluster.arm("in_ffmpeg")
            export_id = client.export(video)
            began = time.monotonic()
            for number in range(3):
                wait_until(partial(_is_gone, order), within_s=60, what="a kill", pause_s=0.01)
                figures.recovered += 1
                if number < 2:
                    order.touch()
            end = client.wait(export_id)
            figures.times.append(time.monotonic() - began)
            figures.runs += 1
            figures.expect(
                (end["status"], end["error_code"]) == ("failed", "WORKER_LOST"), f"ended as {end}"
            )
            figures.expect(client.get("/v1/me")["used"] == used, "the place was not given back")
            again = client.wait(client.export(video))
            figures.expect(again["status"] == "completed", "the next job was not completed")
    return [setup.close(figures)]


def _is_gone(order: Path) -> bool:
    return not order.exists()


def memory(setup: ClusterSetup) -> list[Figures]:
    """ffmpeg reaches its memory limit: the export fails in words, the worker lives and does the next job."""
    figures = Figures("11 ffmpeg at its memory limit")
    limit = {"HEIMDEX_TOOL_MEMORY_BYTES": str(256 * 1024**2)}
    client = setup.client()  # and the video, made by workers that can
    setup.settle()
    with client, setup.cluster.another_worker("small", **limit) as small:
        pids = _lasting(small)
        with setup.cluster.only(small):
            for _ in range(setup.times(5)):
                figures.faults += 1
                end = client.wait(client.export(setup.video))
                figures.notes["ended as"] = f"{end['status']} {end['error_code']}"
                figures.expect(end["status"] == "failed" and end["error_message"], f"{end}")
                figures.runs += 1
        figures.expect(_lasting(small) >= pids, "the worker or its child died")
        figures.recovered = figures.faults
    return [setup.close(figures)]


def _lasting(worker: Unit) -> set[int]:
    """Return the ids of a worker's lasting processes, without the tools that it starts for a moment.

    A tool has its parent's arguments until its exec, so a process counts only when two samples contain it.
    """

    def seen_twice() -> set[int]:
        before = _pids(worker)
        time.sleep(0.2)
        both = before & _pids(worker)
        return both if len(both) > 1 else set()

    found: set[int] = wait_until(seen_twice, within_s=30, what="a worker and its child")
    return found


def _pids(worker: Unit) -> set[int]:
    return {one.pid for one in worker.processes() if "celery" in one.words}


def deletions(setup: ClusterSetup) -> list[Figures]:
    """The source, the export or the whole account goes while the Short is being made: nothing of it stays."""
    rounds = setup.times(10)
    cluster = setup.cluster
    figures = Figures("14 source, export, account deleted meanwhile", faults=3 * rounds)
    for _ in range(rounds):
        person = setup.person()
        with setup.client(person) as client:
            video = setup.upload(person)
            busy = client.export(video, aspect_ratio_strategy="blur", end_s=2)
            holder(setup)
            assert client.request("DELETE", f"/v1/videos/{video}").status_code == 204
            end = client.wait(busy)
            name = f"source: {end['status']} {end['error_code'] or ''}".strip()
            figures.notes[name] = figures.notes.get(name, 0) + 1
            figures.expect(
                end["status"] == "completed" or end["error_message"], f"source deleted: {end}"
            )
            figures.recovered += 1
            video = setup.upload(person)
            busy = client.export(video, aspect_ratio_strategy="blur", end_s=2)
            holder(setup)
            client.delete(busy)
            figures.recovered += 1
            busy = client.export(video, aspect_ratio_strategy="blur", end_s=2)
            holder(setup)
            began = time.monotonic()
            cluster.maintenance.ask("delete_person", pk=person["id"])
            _forget(setup, client)
            figures.times.append(_until_idle(cluster.workers, began))
            figures.recovered += 1
            figures.runs += 3
    return [setup.close(figures)]


def _forget(setup: ClusterSetup, client: Client) -> None:
    ids = [
        accepted.export_id
        for accepted in setup.ledger.accepted
        if accepted.owner_id == client.person_id
    ]
    setup.ledger.take_back(*ids)


def _until_idle(units: Sequence[Unit], began: float) -> float:
    """Seconds until no worker runs a tool any more."""
    wait_until(
        lambda: not any(unit.tools() for unit in units), within_s=30, what="the work to be dropped"
    )
    return time.monotonic() - began
