"""Starts and stops the real services for tests: PostgreSQL, Redis and an S3 server.

Context managers without pytest, so that a script can use them too:

    with postgres() as url, redis() as broker, s3() as bucket:
        run(env={"DATABASE_URL": url, "REDIS_URL": broker, **bucket.environ()})

Each starts in one to three seconds, listens on loopback, and leaves nothing behind. The S3 server's packages are
installed once, into a virtual environment inside the one that runs the tests (locked in requirements-test-s3.txt).
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from redis import Redis
from redis.exceptions import RedisError

from tests.s3_server import seaweedfs

ROOT = Path(__file__).resolve().parent.parent
START_S = 120

_chance = random.SystemRandom()
_used_ports: set[int] = set()


@dataclass(frozen=True, slots=True)
class Bucket:
    """An empty private bucket on a running S3 server, and how to reach it."""

    endpoint_url: str
    name: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"

    def environ(self) -> dict[str, str]:
        """Return the environment variables with which a Heimdex process stores its files here."""
        return {
            "S3_BUCKET": self.name,
            "S3_ENDPOINT_URL": self.endpoint_url,
            "S3_ACCESS_KEY": self.access_key,
            "S3_SECRET_KEY": self.secret_key,
            "S3_REGION": self.region,
            "S3_ADDRESSING": "path",
        }

    def storage(self) -> dict[str, Any]:
        """Return the value of `settings.STORAGES["default"]` that stores files here."""
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": self.name,
                "endpoint_url": self.endpoint_url,
                "region_name": self.region,
                "access_key": self.access_key,
                "secret_key": self.secret_key,
                "signature_version": "s3v4",
                "addressing_style": "path",
                "default_acl": None,
                "querystring_auth": True,
                "file_overwrite": True,
            },
        }

    def empty(self) -> None:
        """Remove every object and every unfinished multipart upload."""
        client = self.client()
        for upload in client.list_multipart_uploads(Bucket=self.name).get("Uploads", ()):
            client.abort_multipart_upload(
                Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"]
            )
        for key in self.keys():
            client.delete_object(Bucket=self.name, Key=key)

    def keys(self) -> list[str]:
        """Return the keys of all stored objects (at most 1,000)."""
        found = self.client().list_objects_v2(Bucket=self.name)
        return [item["Key"] for item in found.get("Contents", ())]

    def client(self) -> Any:
        """Return a plain boto3 client, for direct access to the stored objects."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=5,
                read_timeout=30,
                retries={"total_max_attempts": 1},
            ),
        )


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Run a fresh PostgreSQL with an empty database. Yields its `postgresql://` URL."""
    port = free_port()
    with _folder() as folder:
        user = _server_user(folder)
        data = folder / "data"
        _finish(
            [
                *(_postgres_tool("initdb"), "-D", str(data), "-U", "heimdex", "--auth=trust"),
                *("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"),
            ],
            folder / "initdb.log",
            **user,
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "100",
        }
        argv = [_postgres_tool("postgres"), "-D", str(data), "-p", str(port)]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        address = f"postgresql://heimdex@127.0.0.1:{port}"
        with _running(argv, folder / "postgres.log", stop=signal.SIGQUIT, **user) as process:
            _until_ready(process, folder / "postgres.log", lambda: _create_database(address))
            yield f"{address}/heimdex"


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a fresh Redis without persistence. Yields its `redis://` URL."""
    port = free_port()
    with _folder() as folder:
        argv = [
            *(_tool("redis-server"), "--port", str(port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(folder)),
        ]
        with _running(argv, folder / "redis.log") as process:
            with Redis(host="127.0.0.1", port=port) as client:
                _until_ready(process, folder / "redis.log", client.ping)
            yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def s3() -> Iterator[Bucket]:
    """Run a fresh S3 server and yield its one empty bucket. It checks signatures and their expiry.

    OpenStack Swift; or SeaweedFS, when HEIMDEX_TEST_WEED names its program.
    """
    port = free_port()
    bucket = Bucket(f"http://127.0.0.1:{port}", "heimdex", "test:tester", "not-a-secret")
    keys = {"AWS_ACCESS_KEY_ID": bucket.access_key, "AWS_SECRET_ACCESS_KEY": bucket.secret_key}
    with _folder() as folder:
        if weed := os.environ.get("HEIMDEX_TEST_WEED"):
            argv = seaweedfs.command(weed, folder, port, free_port)
        else:
            program = ROOT / "tests" / "s3_server" / "swift_server.py"
            argv = [
                str(locked_python("test-s3")),
                str(program),
                str(folder),
                str(port),
                *keys.values(),
            ]
        with _running(argv, folder / "server.log", env={**os.environ, **keys}) as process:
            _until_ready(
                process,
                folder / "server.log",
                lambda: bucket.client().create_bucket(Bucket=bucket.name),
            )
            yield bucket


def locked_python(name: str) -> Path:
    """Return the Python of a virtual environment of its own with what requirements-NAME.txt lists.

    It lies inside the one that runs the tests, and is installed first if it is missing or its lock file changed.
    """
    folder = Path(sys.prefix) / name
    lock_file = ROOT / f"requirements-{name}.txt"
    digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    stamp = folder / "installed"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            log = folder.with_suffix(".log")
            _finish([sys.executable, "-m", "venv", "--clear", str(folder)], log)
            install = [str(ROOT / "scripts" / "install-lock"), str(folder), str(lock_file)]
            _finish(install, log, timeout_s=600)
            stamp.write_text(digest)
    return folder / "bin" / "python"


def free_port() -> int:
    """Return a free loopback port for a server that starts soon or restarts on it.

    The port is below the system's range of ephemeral ports, and never the same one twice: another test's connection
    would take it before the server does. The choice ignores the test run's random seed, which all its processes share.
    """
    while True:
        port = _chance.randrange(11_000, _first_ephemeral_port())  # browsers refuse 10080
        if port in _used_ports:
            continue
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            _used_ports.add(port)
            return port


def _first_ephemeral_port() -> int:
    """Return the first ephemeral port; the usual one where the system does not state it."""
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except FileNotFoundError:
        first = 32_768
    return first if first > 20_000 else 65_536


def _create_database(address: str) -> None:
    with psycopg.connect(f"{address}/postgres", autocommit=True, connect_timeout=2) as connection:
        connection.execute("CREATE DATABASE heimdex")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Yield a temporary folder that every user may enter, because PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="heimdex-service-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user(folder: Path) -> dict[str, Any]:
    """Return the user that PostgreSQL runs as: the current one, or an unprivileged one for root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _postgres_tool(name: str) -> str:
    """Return the command of a program of the newest installed PostgreSQL, which Debian keeps out of PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    for folder in reversed(folders):
        if (folder / name).exists():
            return str(folder / name)
    return _tool(name)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is not installed; `make test` installs what the tests need")
    return found


def _finish(argv: list[str], log: Path, *, timeout_s: float = START_S, **options: Any) -> None:
    """Run a program to its end. The error of a failed program contains its output."""
    with log.open("ab") as output:
        done = subprocess.run(
            argv,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            timeout=timeout_s,
            check=False,
            **options,
        )
    if done.returncode:
        raise RuntimeError(f"{argv[0]} failed:\n{_tail(log)}")


@contextlib.contextmanager
def _running(
    argv: list[str], log: Path, *, stop: signal.Signals = signal.SIGTERM, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server and stop it at the end. Its process group is killed when it does not stop."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            start_new_session=True,
            **options,
        )
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _until_ready(
    process: subprocess.Popen[bytes], log: Path, attempt: Callable[[], object]
) -> None:
    """Retry until it works. Gives up when the server has died or the time is over."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            attempt()
        except (psycopg.OperationalError, RedisError, BotoCoreError, ClientError, OSError) as exc:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r} did not start:\n{_tail(log)}") from exc
            time.sleep(0.05)
        else:
            return


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]
