"""A whole Heimdex as a team would run it: database, broker, bucket, web, workers, schedule; all real, all supervised.

Everything lies in one temporary folder and is dead when the block ends:

    with Cluster(workers=3) as cluster:
        cluster.workers[0].kill()
"""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import httpx
import psycopg
from redis import Redis
from redis.exceptions import RedisError

from tests import processes, services
from tests.faults.auditor import S3Store
from tests.faults.maintenance import Maintenance
from tests.faults.proxy import Proxy
from tests.faults.units import Supervisor, Unit, find, temporary_folder
from tests.services import Bucket, free_port

REAL_LEASE = (30, 5, 5)
SHORT_LEASE = (4, 1, 1)
PYTHON = sys.executable
KEEP = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")


def clean_env() -> dict[str, str]:
    """Our environment without what would change the product."""
    return {name: os.environ[name] for name in KEEP if name in os.environ}


class Cluster:
    """The running parts, by name, and ways to hurt them."""

    def __init__(
        self,
        *,
        workers: int = 3,
        webs: int = 2,
        beat: bool = True,
        lease: tuple[int, int, int] = SHORT_LEASE,
        overrides: Mapping[str, int] | None = None,
    ) -> None:
        self._with_beat = beat
        self.folder = temporary_folder()
        self.lease = lease
        self._overrides = dict(overrides or {})
        self._counts = (webs, workers)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    # --- what runs -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.bucket: Bucket = self._stack.enter_context(services.s3())
        ports = {name: free_port() for name in ("db", "redis", "db-link", "redis-link", "s3-link")}
        self.postgres = self._postgres_unit(ports["db"])
        self.redis = self._redis_unit(ports["redis"])
        self.supervisor = Supervisor([self.postgres, self.redis])
        for unit in (self.postgres, self.redis):
            unit.start()
        for unit in (self.postgres, self.redis):
            unit.wait_until_ready()
        self.database_url = f"postgresql://heimdex@127.0.0.1:{ports['db']}/heimdex"
        with psycopg.connect(
            f"postgresql://heimdex@127.0.0.1:{ports['db']}/postgres", autocommit=True
        ) as link:
            link.execute("CREATE DATABASE heimdex")
        self.redis_url = f"redis://127.0.0.1:{ports['redis']}/0"
        self.proxy = Proxy(
            {
                "db": (ports["db-link"], ports["db"]),
                "redis": (ports["redis-link"], ports["redis"]),
                "s3": (ports["s3-link"], int(self.bucket.endpoint_url.rpartition(":")[2])),
            }
        )
        self._stack.callback(self.proxy.close)
        linked = Bucket(
            f"http://127.0.0.1:{ports['s3-link']}",
            self.bucket.name,
            self.bucket.access_key,
            self.bucket.secret_key,
        )
        self._env = {
            **clean_env(),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "HEIMDEX_STATIC_ROOT": str(self.folder / "static"),
            processes.KILL_POINTS: str(self.folder / "kill"),
            "HEIMDEX_LOGIN_FAILURES": "100000",
            **self._overriding(),
            **linked.environ(),
            "DATABASE_URL": f"postgresql://heimdex@127.0.0.1:{ports['db-link']}/heimdex",
            "REDIS_URL": f"redis://127.0.0.1:{ports['redis-link']}/0",
        }
        (self.folder / "kill").mkdir()
        self.maintenance = Maintenance(self.past_the_proxy("maintenance"))
        self._stack.callback(self.maintenance.close)
        self.maintenance.ask("prepare")
        webs, workers = self._counts
        self.webs = [self._web_unit(number) for number in range(webs)]
        self.workers = [self._worker_unit(f"worker{number}") for number in range(workers)]
        self.beat = self._beat_unit()
        self.units = [*self.webs, *self.workers, *([self.beat] if self._with_beat else [])]
        for unit in self.units:
            unit.start()
        for unit in self.units:
            unit.wait_until_ready()
        self.supervisor.units += self.units
        self.supervisor.start()

    def _close(self) -> None:
        supervisor = getattr(self, "supervisor", None)
        if supervisor is not None:
            supervisor.close()
            for unit in supervisor.units:
                unit.should_run = False
        for one in find(str(self.folder)):
            if one.is_tool or "tests.faults" not in one.words:
                one.signal(signal.SIGKILL)
        for unit in getattr(supervisor, "units", []) + getattr(self, "units", []):
            unit.stop(within_s=5)
        self._stack.close()
        for one in find(str(self.folder)):
            one.signal(signal.SIGKILL)
        if not os.environ.get("HEIMDEX_FAULTS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def env_of(self, name: str) -> dict[str, str]:
        """The environment of one machine: its own data and work folders."""
        home = self.folder / "machines" / name
        (home / "work").mkdir(parents=True, exist_ok=True)
        return {
            **self._env,
            "HEIMDEX_DATA_DIR": str(home),
            "HEIMDEX_WORK_DIR": str(home / "work"),
        }

    def _overriding(self) -> dict[str, str]:
        return processes.overriding({**processes.lease(*self.lease), **self._overrides})

    def past_the_proxy(self, name: str) -> dict[str, str]:
        """The same, but straight to database, broker and bucket."""
        straight = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}
        return {**self.env_of(name), **straight, **self.bucket.environ()}

    def _postgres_unit(self, port: int) -> Unit:
        """PostgreSQL that forgets nothing it has committed when its processes are killed; the machine stays up."""
        home = self.folder / "tmp" / "postgres"
        home.mkdir(parents=True)
        user = services._server_user(home)
        data = home / "data"
        services._finish(
            [
                *(services._postgres_tool("initdb"), "-D", str(data), "-U", "heimdex"),
                *("--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                "--no-instructions",
            ],
            home / "initdb.log",
            **user,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(home),
            "fsync": "off",  # the processes are killed, not the machine
            "synchronous_commit": "on",
            "max_connections": "200",
            "shared_preload_libraries": "pg_stat_statements",
        }
        argv = [services._postgres_tool("postgres"), "-D", str(data), "-p", str(port)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return Unit(
            "postgres",
            argv,
            self.folder,
            env=clean_env(),
            cwd=home,
            stop_signal=signal.SIGQUIT,
            options=user,
            is_ready=lambda: _database_answers(port),
        )

    def _redis_unit(self, port: int) -> Unit:
        home = self.folder / "tmp" / "redis"
        home.mkdir(parents=True)
        return Unit(
            "redis",
            [
                *(services._tool("redis-server"), "--port", str(port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(home)),
            ],
            self.folder,
            env=clean_env(),
            cwd=home,
            is_ready=lambda: _redis_answers(port),
        )

    def _web_unit(self, number: int) -> Unit:
        name, port = f"web{number}", free_port()
        url = f"http://127.0.0.1:{port}"
        env = {
            **self.env_of(name),
            "HEIMDEX_WEB_BIND": f"127.0.0.1:{port}",
            "HEIMDEX_WEB_PROCESSES": "1",
        }
        argv = ["-m", "gunicorn", "--config", "deploy/gunicorn_conf.py", "heimdex.wsgi"]
        return Unit(
            name,
            [PYTHON, *argv],
            self.folder,
            env={**env, "HEIMDEX_FAULTS_URL": url},
            is_ready=lambda: answers(url),
        )

    def _worker_unit(self, name: str, *, clock_s: float = 0) -> Unit:
        program = ["celery", "-A", "heimdex"]
        if clock_s:
            program = ["tests.faults.clock_skew", f"{clock_s:g}"]
        argv = [
            *("-m", *program, "worker", "--queues", "exports,videos"),
            *("--concurrency", "1", "--pool", "prefork", "--hostname", f"{name}@faults"),
        ]
        unit = Unit(name, [PYTHON, *argv], self.folder, env=self.env_of(name))
        unit.is_ready = lambda: bool(unit.children())
        return unit

    def _beat_unit(self) -> Unit:
        argv = ["-m", "celery", "-A", "heimdex", "beat"]
        argv += ["--schedule", str(self.folder / "beat.db"), "--pidfile="]
        return Unit("beat", [PYTHON, *argv], self.folder, env=self.env_of("beat"))

    # --- what a harness needs ----------------------------------------------------------------------------------------

    @property
    def urls(self) -> list[str]:
        """Where the web processes answer."""
        return [unit.env["HEIMDEX_FAULTS_URL"] for unit in self.webs]

    @cached_property
    def store(self) -> S3Store:
        """The bucket, past the proxy."""
        return S3Store(self.bucket)

    @property
    def work_dirs(self) -> list[Path]:
        """The work folder of every machine."""
        return sorted((self.folder / "machines").glob("*/work"))

    def database(self) -> psycopg.Connection[Any]:
        """A connection past the proxy, in autocommit mode; waits while the database restarts."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(self.database_url, autocommit=True, connect_timeout=3)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.database() as link:
            return link.execute(sql, parameters).fetchall()

    def execute(self, sql: str, *parameters: object) -> None:
        """A statement without an answer."""
        with self.database() as link:
            link.execute(sql, parameters)

    def broker(self) -> Redis:
        """A client of Redis, past the proxy."""
        return Redis.from_url(self.redis_url, socket_timeout=5)

    def arm(self, point: str) -> Path:
        """Have the next process that reaches a kill point kill itself; the file is gone when it did."""
        order = self.folder / "kill" / point
        order.touch()
        return order

    def set_lease(self, lease: tuple[int, int, int]) -> None:
        """Start everything again with another lease, heartbeat and sweep."""
        self.lease = lease
        for unit in self.units:
            unit.changes.update(self._overriding())
        self.restart_all()

    def restart_all(self) -> None:
        """Stop and start web, workers and schedule, all at once."""
        for unit in self.units:
            unit.stop(within_s=20)
        for unit in self.units:
            unit.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait until every part works."""
        for unit in (self.postgres, self.redis, *self.units):
            unit.wait_until_ready()

    @contextlib.contextmanager
    def only(self, *units: Unit) -> Iterator[None]:
        """No other workers than these while the block runs: the others, which must be idle, are halted."""
        halted = [one for unit in self.workers if unit not in units for one in unit.freeze()]
        try:
            yield
        finally:
            for one in halted:
                one.signal(signal.SIGCONT)

    @contextlib.contextmanager
    def another_worker(self, name: str, *, clock_s: float = 0, **environ: str) -> Iterator[Unit]:
        """One more worker, with another environment or a wrong clock, while the block runs; then it is killed."""
        unit = self._worker_unit(name, clock_s=clock_s)
        unit.changes.update(environ)
        unit.start()
        try:
            unit.wait_until_ready()
            yield unit
        finally:
            unit.should_run = False
            unit.stop(within_s=0)


def answers(url: str) -> bool:
    """Whether a web server answers there."""
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/health", timeout=5).status_code == 200
    return False


def _database_answers(port: int) -> bool:
    try:
        with psycopg.connect(
            f"postgresql://heimdex@127.0.0.1:{port}/postgres", connect_timeout=2
        ) as link:
            link.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _redis_answers(port: int) -> bool:
    with contextlib.suppress(RedisError), Redis(port=port, socket_timeout=2) as client:
        return bool(client.ping())
    return False
