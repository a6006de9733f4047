"""SIGKILL at named points, and of anything at random."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs import killpoints
from tests.faults.client import Client, GaveUpError, Watcher
from tests.faults.cluster import REAL_LEASE, SHORT_LEASE
from tests.faults.cluster_setup import ClusterSetup, load
from tests.faults.figures import Figures, say, spread
from tests.faults.units import Unit

# Exports do not reach the one in speech recognition: tests/e2e/test_hearing.py kills there.
POINTS = tuple(point for point in killpoints.POINTS if point != "piece_after")
# At these points a worker dies while it has a claim: another worker may claim the row when the lease has expired.
HOLDING = (
    *("claim_after", "probe_after", "in_ffmpeg", "upload_before"),
    *("in_upload", "upload_after", "in_verify", "final_commit_before"),
)
DELETING = ("delete_before", "delete_after")
TAKEN_UP_S = 40
RANDOM_S = 600


@dataclass(frozen=True, slots=True)
class Kill:
    """A process died at a kill point during an export or its request."""

    point: str
    export_id: str
    at: float
    answered: float = 0.0


def points(setup: ClusterSetup) -> list[Figures]:
    """Every point: once or more with the real lease (30 s), then often with a short one."""
    if setup.short:
        kill_points = ("insert_after", "in_ffmpeg", "upload_after")
        return [setup.close(_round(setup, kill_points, times=1, name="1 kill points"))]
    setup.cluster.set_lease(REAL_LEASE)
    found = [_round(setup, POINTS, times=setup.times(2), name="1 kill points, lease 30 s")]
    found[0].expect(
        all(taken <= TAKEN_UP_S for taken in found[0].times), "taken up later than after 40 s"
    )
    setup.close(found[0])
    setup.cluster.set_lease(SHORT_LEASE)
    found += [_round(setup, (point,), times=setup.times(20), name=f"1 {point}") for point in POINTS]
    last = setup.close(Figures("1 kill points, all"))
    for one in found[1:]:
        one.audit, one.audit_words = last.audit, last.audit_words
    return found


def _round(setup: ClusterSetup, kill_points: Sequence[str], *, times: int, name: str) -> Figures:
    """Kill at each point in turn; the next kill comes while the last row still waits for its lease."""
    figures = Figures(name, notes={"lease": "/".join(map(str, setup.cluster.lease))})
    kills = []
    with setup.client() as client, Watcher(setup.cluster.rows) as watcher:
        for number in range(times * len(kill_points)):
            point = kill_points[number % len(kill_points)]
            figures.faults += 1
            try:
                kills.append(_kill(setup, client, point))
            except (TimeoutError, GaveUpError) as exc:
                (setup.cluster.folder / "kill" / point).unlink(missing_ok=True)
                figures.problems.append(f"{point}: {exc}")
        setup.settle()
        time.sleep(0.2)
        by_point: dict[str, list[float]] = {}
        for kill, taken in zip(
            kills, _recoveries(watcher, kills, setup.cluster.lease[0]), strict=True
        ):
            if taken is None:
                figures.problems.append(f"{kill.point}: no worker claimed the lost row")
                continue
            figures.recovered += 1
            figures.times.append(taken)
            by_point.setdefault(kill.point, []).append(taken)
    figures.runs = len(kills)
    if len(kill_points) > 1:
        figures.notes["median by point"] = {
            point: round(spread(taken)[1], 1) for point, taken in by_point.items()
        }
    say(f"  {name}: {figures.recovered}/{figures.faults}")
    return figures


def _kill(setup: ClusterSetup, client: Client, point: str) -> Kill:
    """One kill: arm the point, then do what leads there."""
    if point in DELETING:
        export_id = client.export(setup.video)
        client.wait(export_id)
        fall = Fall(setup.cluster.arm(point))
        client.delete(export_id)
        answered = time.time()
    else:
        fall = Fall(setup.cluster.arm(point))
        export_id = client.export(setup.video)
        answered = 0.0
    return Kill(point, export_id, fall.at(within_s=90), answered)


class Fall:
    """Notes when an order to die was taken away, whatever the client is waiting for meanwhile."""

    def __init__(self, order: Path) -> None:
        self._order = order
        self._at = 0.0
        self._given_up = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while self._order.exists() and not self._given_up:
            time.sleep(0.01)
        self._at = time.time()

    def at(self, *, within_s: float) -> float:
        """When a process reached the point; TimeoutError when none did."""
        self._thread.join(within_s)
        if self._thread.is_alive():
            self._given_up = True
            raise TimeoutError(f"waited {within_s:g} s for a kill at {self._order.name}")
        return self._at


def _recoveries(watcher: Watcher, kills: Sequence[Kill], lease_s: float) -> list[float | None]:
    """For each kill: seconds until the row was claimed again, or until the client had its response; None for never.

    A dying worker's row is the one whose last heartbeat is closest before the kill.
    """
    losses = watcher.losses(lease_s)
    taken: list[float | None] = []
    for kill in kills:
        if kill.point in DELETING:
            taken.append(max(0.0, kill.answered - kill.at))
        elif kill.point == "final_commit_after":
            taken.append(0.0)  # the row is completed: nothing has to be taken up
        elif kill.point not in HOLDING:
            state = watcher.first(kill.export_id, after=0)
            taken.append(max(0.0, state.at - kill.at) if state else None)
        else:
            fitting = [one for one in losses if one.beat <= kill.at + 0.3 and one.taken > kill.at]
            if not fitting:
                taken.append(None)
                continue
            loss = max(fitting, key=lambda one: one.beat)
            losses.remove(loss)
            taken.append(loss.taken - kill.at)
    return taken


def at_random(setup: ClusterSetup) -> list[Figures]:
    """Kill anything for ten minutes while people go on asking."""
    short = setup.short
    figures = Figures("1 random kills", notes={"lease": "/".join(map(str, setup.cluster.lease))})
    chance = random.Random(20261122)
    struck: list[tuple[float, str]] = []
    with Watcher(setup.cluster.rows) as watcher:
        with load(setup, figures) as export_ids:
            deadline = time.monotonic() + setup.times(RANDOM_S, short=5)
            while time.monotonic() < deadline:
                time.sleep(chance.uniform(0.5, 1.5) if short else chance.uniform(1, 5))
                name = _strike(setup, chance)
                if name:
                    struck.append((time.time(), name))
        setup.cluster.wait_until_ready()
        setup.settle(within_s=300)
        time.sleep(0.2)
        figures.times = _takeovers(watcher, struck, setup.cluster.lease[0])
    figures.notes["killed"] = dict(Counter(name for _, name in struck))
    figures.runs, figures.faults, figures.recovered = len(export_ids), len(struck), len(struck)
    figures.expect(export_ids, "no export was accepted")
    return [setup.close(figures)]


def _strike(setup: ClusterSetup, chance: random.Random) -> str:
    """Kill one thing; its name, or nothing when it did not run."""
    cluster = setup.cluster
    worker, web = chance.choice(cluster.workers), chance.choice(cluster.webs)
    targets: dict[str, tuple[int, Callable[[], object]]] = {
        "worker": (4, worker.kill),
        "pool child": (4, lambda: _children(worker, chance)),
        "machine of a worker": (3, worker.kill_all),
        "ffmpeg": (5, lambda: _tools(cluster.workers)),
        "web": (2, web.kill),
        "web child": (3, lambda: _children(web, chance)),
        "schedule": (1, cluster.beat.kill),
        "redis": (2, cluster.redis.kill),
        "redis flushed": (1, lambda: _flush(setup)),
        "postgres": (1, cluster.postgres.kill_all),
        "a database connection": (2, lambda: _children(cluster.postgres, chance)),
    }
    name = chance.choices(list(targets), [weight for weight, _ in targets.values()])[0]
    return name if targets[name][1]() is not False else ""


def _children(unit: Unit, chance: random.Random) -> bool:
    found = unit.children()
    if found:
        chance.choice(found).signal(9)
    return bool(found)


def _tools(units: Sequence[Unit]) -> bool:
    found = [one for unit in units for one in unit.tools()]
    for one in found[:1]:
        one.signal(9)
    return bool(found)


def _flush(setup: ClusterSetup) -> bool:
    try:
        with setup.cluster.broker() as link:
            link.flushall()
    except OSError:
        return False
    except Exception as exc:  # noqa: BLE001 - it may be restarting
        say(f"  flush: {exc}")
        return False
    return True


def _takeovers(
    watcher: Watcher, struck: Sequence[tuple[float, str]], lease_s: float
) -> list[float]:
    """For every worker that fell silent: seconds from the blow that fits best until another one had its row."""
    hurting = {"worker", "pool child", "machine of a worker", "postgres"}
    times = []
    for loss in watcher.losses(lease_s):
        blows = [at for at, name in struck if name in hurting and at >= loss.beat - 0.3]
        if blows and blows[0] < loss.taken:
            times.append(loss.taken - blows[0])
    return times
