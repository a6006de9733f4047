"""Redis, PostgreSQL and the bucket: killed, silent, full, slow, wrong."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from redis.exceptions import RedisError

from tests.faults.client import Client, GaveUpError, wait_until
from tests.faults.cluster_setup import ClusterSetup, load, make_clip
from tests.faults.figures import Figures, percentile

BLOCKED_S = 5.0
"""No request may take longer than this while Redis or the bucket is dead or silent."""


class Visitor:
    """A user who clicks *Export* and reads pages during a fault. Records the duration of each answer."""

    def __init__(self, setup: ClusterSetup) -> None:
        self.setup = setup
        self.client = setup.client(timeout_s=30)
        person = setup.main()[0]
        cookie = setup.cluster.maintenance.ask("session", pk=person["id"])
        self._pages = httpx.Client(cookies={"sessionid": cookie}, timeout=30)
        self.exports: list[str] = []
        self.took: list[float] = []
        self.wrong: list[str] = []

    def visit(self, **more: Any) -> None:
        """Send one click and request two pages, without retries."""
        client = self.client
        before = len(client.answers)
        with contextlib.suppress(AssertionError, GaveUpError):
            self.exports.append(client.export(self.setup.video, within_s=0, **more))
        self._note("click", client.answers[before].took_s, client.answers[before].status, 202)
        for path in ("/exports", "/"):
            began = time.monotonic()
            status = 0
            with contextlib.suppress(httpx.TransportError):
                status = self._pages.get(self.setup.cluster.urls[0] + path).status_code
            self._note(path, time.monotonic() - began, status, 200)

    def _note(self, what: str, took: float, status: int, expected: int) -> None:
        self.took.append(took)
        if status != expected or took > BLOCKED_S:
            self.wrong.append(f"{what}: {status} after {took:.1f} s")

    def close(self) -> None:
        """Hang up."""
        self._pages.close()


def _through(
    setup: ClusterSetup,
    name: str,
    fault: Callable[[], AbstractContextManager[object]],
    *,
    rounds: int,
    seconds: float,
    every_s: float,
    ended_within_s: float = 90,
    **more: Any,
) -> Figures:
    """Visit while the fault lasts; afterwards every accepted export must end, and a new one be completed."""
    figures = Figures(name, runs=0, faults=rounds)
    visitor = Visitor(setup)
    try:
        for _ in range(rounds):
            visitor.exports.clear()
            with fault():
                until = time.monotonic() + seconds
                while True:
                    visitor.visit(**more)
                    figures.runs += 1
                    if time.monotonic() + every_s > until:
                        break
                    time.sleep(every_s)
                time.sleep(max(0.0, until - time.monotonic()))
            over = time.monotonic()
            try:
                ids = [*visitor.exports]
                if not (ids and setup.short):
                    ids.append(visitor.client.export(setup.video))
                ends = [visitor.client.wait(pk, within_s=ended_within_s) for pk in ids]
            except (TimeoutError, GaveUpError) as exc:
                figures.problems.append(f"not recovered: {exc}")
                continue
            figures.recovered += 1
            figures.times.append(time.monotonic() - over)
            figures.expect(ends[-1]["status"] == "completed", f"afterwards: {ends[-1]}")
            _count(figures, ends)
    finally:
        visitor.close()
    figures.problems += visitor.wrong[:10]
    figures.notes["answers s: median / max"] = (
        f"{percentile(visitor.took, 50):.2f} / {max(visitor.took):.2f}"
    )
    return setup.close(figures)


def _count(figures: Figures, ends: list[Any]) -> None:
    for end in ends:
        name = f"{end['status']} {end['error_code'] or ''}".strip()
        figures.notes[name] = figures.notes.get(name, 0) + 1


def redis(setup: ClusterSetup) -> list[Figures]:
    """Killed, flushed, unreachable, out of memory."""
    cluster, short = setup.cluster, setup.short
    proxy = cluster.proxy
    rounds = setup.times(10)

    def killed() -> AbstractContextManager[object]:
        cluster.redis.kill()
        return contextlib.nullcontext()

    def flushed() -> AbstractContextManager[object]:
        with cluster.broker() as link:
            link.flushall()
        return contextlib.nullcontext()

    calm = {"seconds": 1, "every_s": 1}
    if short:
        return [
            _through(setup, "2 Redis killed", killed, rounds=1, **calm),
            _through(setup, "2 Redis out of memory", partial(_full, setup), rounds=1, **calm),
        ]
    return [
        _through(setup, "2 Redis killed", killed, rounds=rounds, **calm),
        _through(setup, "2 Redis flushed", flushed, rounds=rounds, **calm),
        _through(
            setup,
            "2 Redis refuses",
            lambda: proxy.fault("redis", "refuse"),
            rounds=setup.times(3),
            seconds=20,
            every_s=3,
        ),
        _through(
            setup,
            "2 Redis out of memory",
            lambda: _full(setup),
            rounds=setup.times(3),
            seconds=20,
            every_s=4,
        ),
    ]


def redis_silent(setup: ClusterSetup) -> list[Figures]:
    """Redis says nothing for ten minutes."""
    seconds = setup.times(600, short=2)
    return [
        _through(
            setup,
            f"2 Redis silent for {seconds} s",
            lambda: setup.cluster.proxy.fault("redis", "silent"),
            rounds=1,
            seconds=seconds,
            every_s=2 if setup.short else 15,
            ended_within_s=120,
        )
    ]


@contextlib.contextmanager
def _full(setup: ClusterSetup) -> Iterator[None]:
    with setup.cluster.broker() as link:
        link.config_set("maxmemory-policy", "noeviction")
        link.config_set("maxmemory", "1")
    try:
        yield
    finally:
        with setup.cluster.broker() as link, contextlib.suppress(RedisError):
            link.config_set("maxmemory", "0")


def postgres(setup: ClusterSetup) -> list[Figures]:
    """PostgreSQL is killed and starts again under load; clients try again with their keys."""
    rounds = setup.times(10)
    figures = Figures("3 PostgreSQL killed", faults=rounds)
    with setup.client() as client:
        with load(setup, figures) as export_ids:
            for _ in range(rounds):
                time.sleep(1 if setup.short else 10)
                killed = time.monotonic()
                setup.cluster.postgres.kill_all()
                client.request("GET", "/v1/me", within_s=30)
                export_ids.append(client.export(setup.video, within_s=30))
                figures.times.append(time.monotonic() - killed)
                figures.recovered += 1
        for export_id in export_ids:
            _count(figures, [client.wait(export_id)])
    figures.runs = len(export_ids)
    figures.expect(
        figures.notes.get("completed") == len(export_ids), "not every export was completed"
    )
    return [setup.close(figures)]


def bucket(setup: ClusterSetup) -> list[Figures]:
    """The bucket answers 500, is slow, breaks off, says nothing, gives or takes wrong bytes."""
    short = setup.short
    proxy = setup.cluster.proxy
    seconds = 1 if short else 20
    faults: dict[str, dict[str, Any]] = {
        "500s": {"mode": "http500"},
        "50 KB/s": {"mode": "slow", "rate": 50_000},
        "reset after 1 MB": {"mode": "cut", "after": 1_000_000},
        "silent": {"mode": "silent"},
        "wrong bytes read": {"mode": "garble", "direction": "downward"},
        "wrong bytes stored": {"mode": "garble", "direction": "upward"},
    }
    if short:
        faults = {name: faults[name] for name in ("silent", "wrong bytes read")}
    found = []
    for name, fault in faults.items():
        more: dict[str, Any] = {"end_s": 0.5}
        if name == "reset after 1 MB":
            more = {"end_s": 2.0, "output_quality": "high"}
        figures = _through(
            setup,
            f"4 S3: {name}",
            partial(proxy.fault, "s3", **fault),
            rounds=setup.times(3),
            seconds=seconds,
            every_s=seconds if short else 5,
            ended_within_s=150,
            **more,
        )
        found.append(figures)
    found.append(_uploads(setup))
    return found


def _uploads(setup: ClusterSetup) -> Figures:
    """An upload while the bucket is silent or broken is answered 503 in words, soon, and leaves nothing."""
    figures = Figures("4 S3: uploads meanwhile")
    clip = make_clip(setup.cluster.folder, seconds=1)
    with setup.client(timeout_s=60) as client:
        for mode in ("http500",) if setup.short else ("http500", "reset", "refuse", "silent"):
            figures.faults += 1
            with setup.cluster.proxy.fault("s3", mode):
                before = len(client.answers)
                answer = _send(client, clip)
                took = client.answers[before].took_s
            figures.runs += 1
            status = answer.status_code if answer is not None else 0
            figures.expect(status in {503, 507}, f"{mode}: upload was answered {status}")
            figures.expect(took <= 2 * BLOCKED_S, f"{mode}: upload answered after {took:.1f} s")
            figures.notes[mode] = round(took, 2)
            began = time.monotonic()
            again = wait_until(lambda: _sent(client, clip), within_s=30, what="an upload")
            figures.times.append(time.monotonic() - began)
            client.request("DELETE", f"/v1/videos/{again}")
            figures.recovered += 1
    return setup.close(figures)


def _send(client: Client, clip: Path) -> httpx.Response | None:
    files = {"file": (clip.name, clip.read_bytes(), "video/mp4")}
    return client.once("POST", "/v1/videos", files=files)


def _sent(client: Client, clip: Path) -> str:
    answer = _send(client, clip)
    return str(answer.json()["id"]) if answer is not None and answer.status_code == 201 else ""
