"""Production without containers, started by the README's lines alone: each as its own process, nginx before them."""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from mediakit.probing.probe import probe
from tests import services
from tests.e2e.server import ROOT, START_S, Installation, Script
from tests.services import Bucket, free_port

pytestmark = pytest.mark.services

FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HOST = "heimdex.example.com"
# What a TLS proxy in front of nginx sends along.
THROUGH_TLS = {"Host": HOST, "X-Forwarded-Proto": "https"}
SERVICES = ("gunicorn", "celery")


def readme_block(about: str) -> str:
    """The one fenced block of the README that holds the words."""
    blocks = FENCED.findall((ROOT / "README.md").read_text())
    (block,) = (block for block in blocks if about in block)
    return str(block)


def with_own_addresses(lines: str, values: dict[str, str]) -> str:
    """The lines with this machine's value for each variable; every variable of ours is in them, and no other."""
    for name, value in values.items():
        lines, count = re.subn(rf"\b{name}=\S+", f"{name}={value}", lines)
        assert count == 1, name
    assert "=..." not in lines
    return lines


@contextlib.contextmanager
def shell(lines: str, log: Path, environ: dict[str, str]) -> Iterator[None]:
    """A shell that runs lines until the block ends."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            ["/bin/bash", "-euc", lines],
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
        assert child.poll() is None, log.read_text()
    except BaseException:
        sys.stderr.write(f"{lines}\n{log.read_text()[-5000:]}\n")
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def run(lines: str, environ: dict[str, str]) -> str:
    """Run lines to their end; returns what they printed."""
    done = subprocess.run(
        ["/bin/bash", "-euc", lines],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def nginx_lines(folder: Path, *, web: int, front: int, storage: str) -> str:
    """The README's lines for nginx, with folders and ports that a test may have."""
    lines = readme_block("upstreams.conf").replace("/etc/nginx/heimdex", str(folder / "conf"))
    lines = lines.replace("/tmp/nginx", str(folder / "tmp"))  # noqa: S108 - what the README names
    for host, own in (("127.0.0.1:8000", f"127.0.0.1:{web}"), ("127.0.0.1:9000", storage)):
        assert host in lines
        lines = lines.replace(host, own)
    before, start = lines.split("nginx -c ")
    # The files themselves name these too.
    own_files = (
        f"sed -i 's#/tmp/nginx#{folder}/tmp#' {folder}/conf/*.conf\n"  # noqa: S108 - as in the README
        f"sed -i 's#listen 8080#listen 127.0.0.1:{front}#' {folder}/conf/plain.conf\n"
        f"sed -i 's#/dev/stdout#{folder}/access.log#' {folder}/conf/http.conf\n"
    )
    return f"{before}{own_files}nginx -g 'daemon off;' -c {start}"


def until_healthy(url: str) -> None:
    """Wait until all parts that jobs need are up, and every queue has its worker."""
    deadline = time.monotonic() + START_S
    while True:
        with contextlib.suppress(httpx.TransportError):
            found = httpx.get(f"{url}/health/ready", headers=THROUGH_TLS, timeout=10)
            if found.status_code == 200:
                return
        assert time.monotonic() < deadline
        time.sleep(1)


def workers_of(address: str, *, count: int) -> dict[str, str]:
    """The workers that have said what they are, and their queues."""
    deadline = time.monotonic() + START_S
    while True:
        with psycopg.connect(address) as database:
            rows: dict[str, str] = dict(
                database.execute("SELECT name, queues FROM workers_workerprocess")
            )
        if len(rows) >= count:
            return rows
        assert time.monotonic() < deadline, rows
        time.sleep(0.5)


def test_the_readmes_lines_make_a_short(
    tmp_path: Path, talk: tuple[Path, Path], s3_server: Bucket
) -> None:
    web, front = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heimdex-nginx-")))
        folder.chmod(0o755)  # nginx serves as another user when root starts it
        postgres, redis = (
            stack.enter_context(services.postgres()),
            stack.enter_context(services.redis()),
        )
        stack.callback(s3_server.empty)
        values = {
            "DATABASE_URL": postgres,
            "REDIS_URL": redis,
            "S3_BUCKET": s3_server.name,
            "S3_ENDPOINT_URL": s3_server.endpoint_url,
            "S3_ACCESS_KEY": s3_server.access_key,
            "S3_SECRET_KEY": s3_server.secret_key,
            "SECRET_KEY": secrets.token_urlsafe(64),
        }
        block = with_own_addresses(readme_block("gunicorn"), values)
        assert HOST in block
        lines = block.splitlines()
        exports = "".join(f"{line}\n" for line in lines if line.startswith("export "))
        parts = [line for line in lines if line.startswith(SERVICES)]
        once = [line for line in lines if line not in parts and not line.startswith("export ")]
        environ = {
            **Installation(tmp_path).environ(),
            "PATH": f"{Path(sys.prefix) / 'bin'}:{os.environ['PATH']}:/usr/sbin",
            "HEIMDEX_WEB_BIND": f"127.0.0.1:{web}",
        }
        (prepare, superuser) = once
        run(exports + prepare, environ)
        person = f"{superuser.partition('#')[0]} --noinput --username boss --email b@example.com"
        run(f"{exports}export DJANGO_SUPERUSER_PASSWORD=x\n{person}", environ)
        token = run(f"{exports}python manage.py create_token boss", environ).strip()

        assert len(parts) == 5
        for number, line in enumerate(parts):
            stack.enter_context(shell(exports + line, tmp_path / f"{number}.log", environ))
        storage = urlsplit(s3_server.endpoint_url).netloc
        nginx = nginx_lines(folder, web=web, front=front, storage=storage)
        stack.enter_context(shell(nginx, tmp_path / "nginx.log", environ))

        url = f"http://127.0.0.1:{front}"
        until_healthy(url)
        workers = workers_of(postgres, count=3)
        assert sorted(workers.values()) == ["exports", "proxies", "videos"]
        assert {name.partition("@")[0] for name in workers} == set(workers.values())
        assert not (ROOT / "celerybeat.pid").exists()

        with Script(url, token, THROUGH_TLS) as script:
            video = script.video(script.upload(*talk))
            scenes = script.get(f"/v1/videos/{video['id']}/details")["scenes"]
            export = script.post(
                f"/v1/scenes/{scenes[0]['id']}/export-short", expected=202, json={}
            )
            made = script.export(export["export_id"])
        link = urlsplit(made["download_url"])
        assert (link.scheme, link.netloc) == ("https", HOST)
        to_storage = httpx.get(f"{url}{link.path}?{link.query}", headers=THROUGH_TLS, timeout=60)
        assert to_storage.status_code == 302
        short = tmp_path / "short.mp4"
        short.write_bytes(httpx.get(to_storage.headers["Location"], timeout=60).content)
        info = probe(str(short))
        assert (info.video.width, info.video.height) == (1080, 1920)
