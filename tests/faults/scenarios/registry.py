"""Every scenario by its name on the command line."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.cluster_setup import ClusterSetup
from tests.faults.figures import Figures
from tests.faults.scenarios import alone, crowds, kills, services, workers


@dataclass(frozen=True, slots=True)
class Scenario:
    """How to run one: on a cluster, or on the one process of a laptop.

    `alone`: it measures times that other work would spoil. `aside`: it mostly waits, and runs beside the others.
    `in_suite`: its short form is one of the tests that `make test` runs.
    """

    title: str
    about: str
    run: Callable[[ClusterSetup], list[Figures]]
    on_cluster: bool = True
    alone: bool = False
    aside: bool = False
    in_suite: bool = True


SCENARIOS = {
    "points": Scenario("1 kill points", "SIGKILL at every named point", kills.points),
    "random": Scenario(
        "1 random kills", "SIGKILL of anything, again and again", kills.at_random, in_suite=False
    ),
    "redis": Scenario(
        "2 Redis", "killed, flushed, unreachable, full", services.redis, in_suite=False
    ),
    "redis_silent": Scenario(
        "2 Redis silent", "Redis says nothing for ten minutes", services.redis_silent, aside=True
    ),
    "postgres": Scenario("3 PostgreSQL", "killed and restarted under load", services.postgres),
    "bucket": Scenario("4 S3", "500s, slow, reset, silent, wrong bytes", services.bucket),
    "disks": Scenario(
        "5 disk full", "small disks that run full", alone.disks, on_cluster=False, aside=True
    ),
    "clocks": Scenario("6 clocks", "a worker's clock 90 minutes off", workers.clocks),
    "messages": Scenario(
        "7 messages", "repeated, out of order, late", workers.messages, aside=True
    ),
    "clicks": Scenario("8 clicks", "500 at once", crowds.clicks, alone=True),
    "pollers": Scenario("9 pollers", "1,000 every 2 s", crowds.pollers, alone=True),
    "halted": Scenario("10 halted worker", "SIGSTOP for 60 s", workers.halted, aside=True),
    "poison": Scenario(
        "11 poison", "a job that kills its worker", workers.poison, aside=True, in_suite=False
    ),
    "memory": Scenario("11 memory", "ffmpeg at its memory limit", workers.memory, aside=True),
    "rolling": Scenario("12 rolling restart", "everything, under load", workers.rolling),
    "trickles": Scenario(
        "13 slow uploads", "500 of a byte a second", crowds.trickles, on_cluster=False, alone=True
    ),
    "deletions": Scenario(
        "14 deletions", "source, export, account go", workers.deletions, aside=True
    ),
    "embedded": Scenario(
        "15 embedded", "SIGKILL of `serve`", alone.embedded, on_cluster=False, aside=True
    ),
}
