"""nginx and gunicorn for real, as production has them: slow visitors, refusals in words, links to storage."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
from botocore.config import Config
from celery import Celery
from django.core.management import call_command

from tests.services import free_port
from workers import heartbeat_file

ROOT = Path(__file__).resolve().parents[2]
SLOW = 60
SLOW_AT_NGINX = 600
THREADS = 4
TIMEOUT_S = 30
# The CSRF cookie makes Django read the form, so a thread that has taken it waits for the rest.
UNFINISHED = (
    b"POST /account/login HTTP/1.1\r\nHost: localhost\r\nCookie: csrftoken=" + b"a" * 32 + b"\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\nusername="
)
HEAD = b"GET /account/login HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BUCKET = "heimdex-media"


@contextmanager
def running(argv, log, *, port, env=None):
    """A server that listens on the port; ended at the end."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            argv, stdout=output, stderr=output, cwd=ROOT, env={**os.environ, **(env or {})}
        )
    try:
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(log.read_text()) from None
                time.sleep(0.05)
        yield server
    finally:
        server.terminate()
        server.wait(timeout=20)


def program(name):
    """Where a program lies; nginx is where only root looks."""
    for folder in (*os.environ["PATH"].split(":"), "/usr/sbin"):
        if (Path(folder) / name).exists():
            return str(Path(folder) / name)
    raise RuntimeError(f"{name} is not installed; `make test` installs what the tests need")


def nginx_files(folder, *, web, storage, listen, tls=0):
    """Our configuration with the test's own addresses and folder."""
    (folder / "tmp").mkdir()
    for source in (ROOT / "deploy/nginx").glob("*.conf"):
        text = source.read_text()
        for old, new in (
            ("/tmp/nginx", str(folder / "tmp")),  # noqa: S108 - what it stands for in a container
            ("web:8000", f"127.0.0.1:{web}"),
            ("s3:9000", f"127.0.0.1:{storage}"),
            ("listen 8080", f"listen 127.0.0.1:{listen}"),
            ("listen 8443", f"listen 127.0.0.1:{tls}"),
            ("/etc/nginx/tls", str(folder)),
            ("/dev/stdout", str(folder / "access.log")),
        ):
            text = text.replace(old, new)
        (folder / source.name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory, s3_server):
    """gunicorn with few threads, nginx before it, an S3 server beside it."""
    folder = tmp_path_factory.mktemp("site")
    web, front = free_port(), free_port()
    storage = int(s3_server.endpoint_url.rpartition(":")[2])
    nginx_files(folder, web=web, storage=storage, listen=front)
    env = {
        "DJANGO_SETTINGS_MODULE": "heimdex.settings",
        "HEIMDEX_DATA_DIR": str(folder / "data"),
        "HEIMDEX_WEB_BIND": f"127.0.0.1:{web}",
        "HEIMDEX_WEB_PROCESSES": "1",
        "HEIMDEX_WEB_THREADS": str(THREADS),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "counters"),
        "HEIMDEX_METRICS_TOKEN": "let-me-read",
    }
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn_conf.py", "heimdex.wsgi"]
    nginx = [program("nginx"), "-c", str(folder / "plain.conf"), "-g", "daemon off;"]
    with (
        running(gunicorn, folder / "gunicorn.log", port=web, env=env),
        running(nginx, folder / "nginx.log", port=front),
    ):
        # gunicorn listens before its process has loaded the product.
        assert answer(front, timeout_s=TIMEOUT_S) == 200
        yield {"web": web, "front": front, "folder": folder, "url": f"http://127.0.0.1:{front}"}


def until(holds):
    """Wait for what a server does in its own time."""
    deadline = time.monotonic() + TIMEOUT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def get(url, **options):
    """The answer to a GET, however busy the machine is."""
    return httpx.get(url, timeout=TIMEOUT_S, **options)


@contextmanager
def slow_visitors(port, *, count=SLOW, sent=(UNFINISHED,)):
    """As many connections as are ever called slow, each in the middle of a form."""
    with ExitStack() as stack:
        connections = []
        for number in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.sendall(sent[number % len(sent)])
            connections.append(connection)
        yield connections


def answer(port, *, timeout_s):
    """The status of a page for another client."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)) as connection:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status


def test_slow_clients_do_not_block_others(site):
    sent = (UNFINISHED, HEAD)
    with slow_visitors(site["front"], count=SLOW_AT_NGINX, sent=sent) as connections:
        assert [answer(site["front"], timeout_s=TIMEOUT_S) for _ in range(10)] == [200] * 10
        for connection in connections[::2]:
            connection.sendall(b"x")  # all forms are still there; heads have half their time


def test_without_nginx_they_would(site):
    """The test above can fail: the same visitors at gunicorn itself stop it."""
    with slow_visitors(site["web"]), pytest.raises(TimeoutError):  # noqa: PT012 -- which try it is stays open
        for _ in range(30):  # its threads may not have taken them yet
            answer(site["web"], timeout_s=1)
            time.sleep(0.5)


def test_each_process_counts_and_nginx_hides_the_metrics(site):
    token = {"Authorization": "Bearer let-me-read", "Host": "localhost"}
    page = get(f"http://127.0.0.1:{site['web']}/metrics", headers=token)

    assert page.status_code == 200
    assert "django_http_requests_latency_including_middlewares_seconds_bucket" in page.text
    assert "heimdex_disk_free_bytes" in page.text
    assert list((site["folder"] / "counters").glob("*.db"))
    assert get(f"{site['url']}/metrics", headers=token).status_code == 404


def test_what_nginx_refuses_it_refuses_in_our_words(site):
    with closing(http.client.HTTPConnection("127.0.0.1", site["front"], timeout=10)) as connection:
        connection.putrequest("PATCH", "/uploads/00000000-0000-4000-8000-000000000000")
        connection.putheader("Content-Length", str(65 * 1024**2))
        connection.endheaders()
        refused = connection.getresponse()

        assert refused.status == 413
        assert b'"error_code": "FILE_TOO_LARGE"' in refused.read()


@pytest.mark.parametrize(
    ("request_line", "status", "code"),
    [
        ("POST /account/login", 413, b'"FILE_TOO_LARGE"'),
        ("POST /health", 413, b'"FILE_TOO_LARGE"'),
        ("POST /v1/videos", 401, b'"UNAUTHENTICATED"'),
        ("PATCH /uploads/00000000-0000-4000-8000-000000000000", 401, b'"UNAUTHENTICATED"'),
    ],
)
def test_a_body_is_refused_before_a_byte_of_it_is_read(site, request_line, status, code):
    size = 60 if request_line.startswith("PATCH") else 600
    head = f"{request_line} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size * 1024**2}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site["front"]), timeout=TIMEOUT_S) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536)

    assert int(answer.split()[1]) == status
    assert code in answer


def test_what_sends_nothing_large_is_asked_for_nothing(site):
    options = httpx.options(
        f"{site['url']}/uploads", headers={"Host": "localhost"}, timeout=TIMEOUT_S
    )
    listed = get(f"{site['url']}/v1/videos", headers={"Host": "localhost"})

    assert (options.status_code, options.headers["Tus-Version"]) == (204, "1.0.0")
    assert (listed.status_code, listed.json()["error_code"]) == (401, "UNAUTHENTICATED")


def test_the_permission_request_is_internal(site):
    assert get(f"{site['url']}/-/may-send", headers={"Host": "localhost"}).status_code == 404


def test_web_processes_that_are_away_are_said_to_be(tmp_path):
    front = free_port()
    nginx_files(tmp_path, web=free_port(), storage=free_port(), listen=front)
    nginx = [program("nginx"), "-c", str(tmp_path / "plain.conf"), "-g", "daemon off;"]
    with running(nginx, tmp_path / "nginx.log", port=front):
        program_s = get(f"http://127.0.0.1:{front}/v1/exports")
        person = get(f"http://127.0.0.1:{front}/", headers={"Accept": "text/html"})

    assert (program_s.status_code, program_s.json()["error_code"]) == (503, "UNAVAILABLE")
    assert program_s.headers["Retry-After"] == "5"
    assert (person.status_code, person.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert "다시" in person.text


def test_links_to_storage_work_under_our_name_and_nothing_else_does(site, s3_server):
    client = s3_server.client()
    client.create_bucket(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="exports/1/a.mp4", Body=b"0123456789")
    signed = _link(s3_server, site["url"])
    ours = {"Authorization": "Bearer hdx_ours", "Cookie": "sessionid=ours"}

    whole = get(signed, headers=ours)
    part = get(signed, headers={"Range": "bytes=2-4"})

    assert (whole.status_code, whole.content) == (200, b"0123456789")
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert (part.status_code, part.content) == (206, b"234")
    assert get(signed.partition("?")[0]).status_code == 404
    assert get(signed.replace("a.mp4", "b.mp4")).status_code == 403
    assert httpx.delete(signed, timeout=TIMEOUT_S).status_code == 403
    assert get(f"{site['url']}/heimdex-media/?list-type=2").status_code == 404
    assert client.get_object(Bucket=BUCKET, Key="exports/1/a.mp4")
    log = (site["folder"] / "access.log").read_text() + (site["folder"] / "nginx.log").read_text()
    assert "Signature" not in log


def test_the_log_holds_no_link(site):
    log, health = site["folder"] / "access.log", "GET /health 200"
    before = log.read_text().count(health)
    for path in ("d/a-secret-word", "health?token=a-secret-word", "health"):
        get(f"{site['url']}/{path}", headers={"Host": "localhost"})

    until(lambda: log.read_text().count(health) >= before + 2)  # after the answer has been sent
    until(lambda: "GET /d/... " in log.read_text())
    assert "a-secret-word" not in log.read_text()


@pytest.mark.parametrize("name", ["plain", "tls"])
def test_nginx_takes_the_configuration(tmp_path, name):
    nginx_files(tmp_path, web=1, storage=1, listen=free_port(), tls=free_port())
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=heimdex.example.org"]
    subprocess.run(
        [program("openssl"), *make, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )

    checked = subprocess.run(
        [program("nginx"), "-t", "-c", str(tmp_path / f"{name}.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    assert "[emerg]" not in checked.stderr


def _link(s3_server, url):
    """What Heimdex sends a browser to: signed for the public address."""
    import boto3  # noqa: PLC0415 - only here

    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name=s3_server.region,
        aws_access_key_id=s3_server.access_key,
        aws_secret_access_key=s3_server.secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    return client.generate_presigned_url(
        "get_object", Params={"Bucket": BUCKET, "Key": "exports/1/a.mp4"}, ExpiresIn=60
    )


def test_the_bucket_is_made_once(on_s3, settings, capsys):
    name = "a-fresh-bucket"
    options = {**settings.STORAGES["default"]["OPTIONS"], "bucket_name": name}
    storage = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": storage}

    call_command("make_bucket")
    call_command("make_bucket")

    said = capsys.readouterr().out
    assert said == f"The bucket {name} was made.\nThe bucket {name} is there.\n"
    assert on_s3.client().list_objects_v2(Bucket=name)["KeyCount"] == 0
    on_s3.client().delete_bucket(Bucket=name)


def test_no_bucket_is_made_for_a_folder(capsys):
    call_command("make_bucket")

    assert "no bucket is needed" in capsys.readouterr().out


def check_health(*words, env=None):
    """The health check of a container, as the engine runs it."""
    return subprocess.run(
        [sys.executable, "deploy/healthcheck.py", *words],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_health_check_of_web(site):
    up = {"HEIMDEX_WEB_BIND": f"127.0.0.1:{site['web']}", "HEIMDEX_HOSTS": "localhost other"}
    down = {**up, "HEIMDEX_WEB_BIND": f"127.0.0.1:{free_port()}"}

    assert check_health("web", env=up).returncode == 0
    assert check_health("web", env=down).returncode == 1


def test_the_health_check_of_workers(tmp_path):
    file = tmp_path / "alive"
    assert check_health("beat", str(file)).returncode == 1

    file.touch()
    assert check_health("beat", str(file)).returncode == 0

    long_ago = time.time() - 120
    os.utime(file, (long_ago, long_ago))
    silent = check_health("beat", str(file))
    assert (silent.returncode, "no sign of life for 1" in silent.stdout) == (1, True)


def test_the_schedule_says_that_it_lives(tmp_path, settings):
    settings.ALIVE_FILE = tmp_path / "alive"
    schedule = heartbeat_file.Scheduler(Celery("nothing-to-do", broker="memory://"))
    schedule.schedule.clear()

    assert schedule.tick() <= heartbeat_file.MAX_INTERVAL_S
    assert settings.ALIVE_FILE.exists()


def test_without_a_file_nothing_is_touched(settings):
    settings.ALIVE_FILE = None

    heartbeat_file.touch_heartbeat_file()


def test_nginx_takes_what_the_readme_s_lines_make_of_the_files(tmp_path):
    """Without containers: the files name the containers' hosts, which no other machine knows."""
    text = (ROOT / "README.md").read_text()
    (block,) = (part for part in text.split("```\n") if "upstreams.conf" in part)
    *prepare, start = block.strip().splitlines()
    script = "\n".join(prepare).replace("/etc/nginx/heimdex", str(tmp_path / "heimdex"))
    subprocess.run(["/bin/sh", "-euc", script], cwd=ROOT, check=True)

    assert start.startswith("nginx -c /etc/nginx/heimdex/plain.conf")
    checked = subprocess.run(
        [program("nginx"), "-t", "-c", str(tmp_path / "heimdex/plain.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
    upstreams = (tmp_path / "heimdex/upstreams.conf").read_text()
    assert "127.0.0.1:8000" in upstreams
    assert "127.0.0.1:9000" in upstreams
