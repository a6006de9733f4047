"""Many at once: clicks, pollers, uploads that trickle."""

import json
import statistics
import time
import uuid
from collections import Counter
from typing import Any

from tests.faults.client import wait_until
from tests.faults.cluster_setup import ClusterSetup, make_clip
from tests.faults.figures import Figures, percentile
from tests.faults.load import Polling, RequestSpec, Result, Trickling, at_once
from tests.faults.units import memory_kb

CLICKS = 500
SLOTS = 10


def clicks(setup: ClusterSetup) -> list[Figures]:
    """500 clicks at the same moment."""
    count = 30 if setup.short else CLICKS
    slots = 2 if setup.short else SLOTS
    found = []
    if not setup.short:
        found = [
            _clicks(setup, f"8 {count} clicks, one key", count, limit=None, keys=1, rows=1),
            _clicks(setup, f"8 {count} scenes, {slots} places", count, limit=slots, rows=slots),
        ]
    name = f"8 {count} scenes, {slots} places, 30 % give up and retry"
    found.append(_clicks(setup, name, count, limit=slots, rows=slots, give_up=0.3))
    last = setup.close(Figures("8 clicks"))
    for one in found:
        one.audit, one.audit_words = last.audit, last.audit_words
    return found


def _clicks(
    setup: ClusterSetup,
    name: str,
    count: int,
    *,
    limit: int | None,
    rows: int,
    keys: int = 0,
    give_up: float = 0,
) -> Figures:
    person = setup.person(limit=limit)
    video = setup.upload(person)
    scenes = setup.cluster.maintenance.ask("scenes", video_id=video, count=count if not keys else 1)
    figures = Figures(name, runs=count)
    names = [uuid.uuid4().hex for _ in range(keys or count)]
    requests = []
    for number in range(count):
        key = names[number % len(names)]
        headers = {
            "Authorization": f"Bearer {person['token']}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        url = setup.cluster.urls[number % len(setup.cluster.urls)]
        gives_up_s = 0.3 if number < count * give_up else 0
        requests.append(
            RequestSpec(
                f"{url}/v1/scenes/{scenes[number % len(scenes)]}/export-short",
                "POST",
                headers,
                '{"output_quality": "medium", "end_s": 0.5, "start_s": 0}',
                gives_up_s,
            )
        )
    answers = at_once(requests)
    _judge(setup, figures, person, requests=requests, answers=answers, rows=rows)
    figures.faults = sum(one.tries > 1 for one in answers)
    figures.recovered = sum(one.tries > 1 and one.status > 0 for one in answers)
    return figures


def _judge(
    setup: ClusterSetup,
    figures: Figures,
    person: dict[str, Any],
    *,
    requests: list[RequestSpec],
    answers: list[Result],
    rows: int,
) -> None:
    owner = int(person["id"])
    statuses = Counter(one.status for one in answers)
    figures.notes["answers"] = dict(statuses)
    took = [one.took_s for one in answers]
    figures.notes["s: median / p99"] = f"{statistics.median(took):.2f} / {percentile(took, 99):.2f}"
    figures.expect(set(statuses) <= {202, 429}, f"answers {dict(statuses)}")
    made = setup.cluster.rows("SELECT count(*) FROM exports_export WHERE owner_id = %s", owner)
    figures.notes["rows"] = made[0][0]
    figures.expect(made[0][0] == rows, f"{made[0][0]} rows instead of {rows}")
    figures.expect(
        setup.short or percentile(took, 99) < 1, f"p99 is {percentile(took, 99):.2f} s, not 1 s"
    )
    for request, one in zip(requests, answers, strict=True):
        if one.status == 202:
            key = request.headers["Idempotency-Key"]
            setup.ledger.accept(json.loads(one.body)["export_id"], owner, key)
    if setup.short:  # they need not be rendered
        with setup.client(person) as client:
            for one in answers:
                if one.status == 202:
                    client.request(
                        "POST", f"/v1/exports/{json.loads(one.body)['export_id']}/cancel"
                    )


def pollers(setup: ClusterSetup) -> list[Figures]:
    """1,000 clients ask every 2 s how far their export is, while 20 are made."""
    short = setup.short
    count, seconds, exports = (30, 4, 1) if short else (1000, 60, 20)
    figures = Figures(f"9 {count} pollers every 2 s, {exports} exports")
    clip = make_clip(setup.cluster.folder, seconds=2 if short else 8)
    person = setup.person()
    video = setup.upload(person, clip)
    with setup.client(person) as client:
        ids = [
            client.export(
                video,
                end_s=2 if short else 8,
                aspect_ratio_strategy="center_crop" if short else "blur",
            )
            for _ in range(exports)
        ]
    urls = setup.cluster.urls
    headers = {"Authorization": f"Bearer {person['token']}"}
    requests = [
        RequestSpec(
            f"{urls[number % len(urls)]}/v1/exports/{ids[number % len(ids)]}", headers=headers
        )
        for number in range(count)
    ]
    at_once(requests[: 4 * len(urls)])  # the first answers of a process load what it needs
    before = _memory(setup)
    _statistics(setup)
    polling = Polling(requests, every_s=2, seconds=seconds)
    results = polling.finish()
    queries, which = _queries(setup, len(results))
    after = _memory(setup)
    took = [one.took_s * 1000 for one in results]
    statuses = Counter(one.status for one in results)
    figures.runs = len(results)
    figures.notes |= {
        "answers": dict(statuses),
        "ms: median / p95 / p99": "{:.0f} / {:.0f} / {:.0f}".format(
            *(percentile(took, share) for share in (50, 95, 99))
        ),
        "queries each": round(queries, 2),
        "web memory MiB": f"{before / 1024:.0f} -> {after / 1024:.0f}",
    }
    figures.expect(set(statuses) == {200}, f"answers {dict(statuses)}")
    figures.expect(queries <= 2.2, f"{queries:.2f} queries each: {which}")
    if not short:
        figures.expect(percentile(took, 95) < 100, f"p95 is {percentile(took, 95):.0f} ms")
        figures.expect(after - before < 30 * 1024, "memory grew")
    setup.settle(within_s=400)
    return [setup.close(figures)]


def _memory(setup: ClusterSetup) -> int:
    return sum(memory_kb(one.pid) for unit in setup.cluster.webs for one in unit.processes())


def _statistics(setup: ClusterSetup) -> None:
    setup.cluster.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    setup.cluster.execute("SELECT pg_stat_statements_reset()")


def _queries(setup: ClusterSetup, requests: int) -> tuple[float, list[str]]:
    """How many statements the database ran for a request: those that ran about as often as there were requests.

    Not counted: the connection's own sign of life (`SELECT 1`), and clock and sweep, which workers ask all the time.
    """
    rows = setup.cluster.rows(
        "SELECT calls, query FROM pg_stat_statements WHERE calls > %s AND query LIKE 'SELECT%%'"
        " AND query NOT IN ('SELECT $1', 'SELECT statement_timestamp()')"
        " AND query NOT LIKE 'SELECT pg_try_advisory%%'",
        requests * 0.5,
    )
    return sum(calls for calls, _ in rows) / requests, [query[:80] for _, query in rows]


def trickles(setup: ClusterSetup) -> list[Figures]:
    """During 500 uploads of one byte a second, another user's page stays fast."""
    count, seconds = (60, 2) if setup.short else (500, 30)
    figures = Figures(f"13 {count} uploads of one byte a second", runs=count)
    person, _ = setup.main()
    address = setup.cluster.urls[0]
    headers = {
        "Authorization": f"Bearer {person['token']}",
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": "1000000",
    }
    page = RequestSpec(f"{address}/v1/exports", headers={"Authorization": headers["Authorization"]})
    at_once([page])
    trickling = Trickling([RequestSpec(f"{address}/v1/videos", "POST", headers, "--x")] * count)
    took = []
    try:
        figures.notes["uploads open"] = trickling.wait_until_connected()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.1)
            answer = at_once([page], timeout_s=10)[0]
            figures.expect(answer.status == 200, f"the page answered {answer.status}")
            took.append(answer.took_s * 1000)
    finally:
        trickling.close()
    figures.notes["page ms: median / p95 / max"] = (
        f"{statistics.median(took):.0f} / {percentile(took, 95):.0f} / {max(took):.0f}"
    )
    limit_ms = 1000 if setup.short else 100  # the suite shares the machine with other tests
    figures.expect(percentile(took, 95) < limit_ms, f"p95 is {percentile(took, 95):.0f} ms")
    figures.faults = count
    wait_until(lambda: at_once([page])[0].status == 200, within_s=10, what="the page")
    figures.recovered = count
    return [setup.close(figures)]
