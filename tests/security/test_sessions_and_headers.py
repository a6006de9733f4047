"""Sessions that cannot be planted or kept, `next` that leads nowhere else, and what every answer tells the browser."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.test import Client

from tests.e2e.server import ROOT
from tests.factories import PASSWORD, ExportFactory, VideoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]

LOGIN = "/account/login"
NEW_PASSWORD = "another long phrase 7"
OUTSIDE = [
    "https://evil.invalid/", "//evil.invalid", "/\\evil.invalid", "\\\\evil.invalid", "///evil.invalid",
    "////evil.invalid",
    "http:evil.invalid", "https:/evil.invalid", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "/\t/evil.invalid", "\t//evil.invalid", "\x01//evil.invalid", "//\u3002evil.invalid",
    "https://testserver@evil.invalid",
    "https://testserver.evil.invalid", "//evil.invalid/testserver", "http:///x", "ftp://testserver/", " //evil.invalid",
]  # fmt: skip


def filled_login(**changes: str) -> dict[str, str]:
    return {"username": "owner", "password": PASSWORD, **changes}


@pytest.mark.parametrize("door", [LOGIN, "/admin/login/"])
def test_a_planted_session_is_not_logged_in(client: Client, boss, door: str):
    """An attacker who planted a session key before the login does not share the login."""
    client.get(LOGIN)
    session = client.session
    session["planted"] = True
    session.save()
    planted = str(session.session_key)
    attacker = Client()
    attacker.cookies["sessionid"] = planted

    client.post(door, filled_login(username="boss"))

    assert get_user(client) == boss
    assert client.session.session_key != planted
    assert not get_user(attacker).is_authenticated
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_made_up_key_never_becomes_a_session(client: Client, owner):
    client.cookies["sessionid"] = "a" * 32
    client.post(LOGIN, filled_login())

    assert client.session.session_key != "a" * 32
    assert get_user(client) == owner


def test_a_new_password_is_a_new_key_and_ends_all_others(signed_in: Client, owner):
    stolen = Client()
    stolen.cookies["sessionid"] = str(signed_in.session.session_key)
    assert get_user(stolen) == owner

    signed_in.post(
        "/account/password",
        {"old_password": PASSWORD, "new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD},
    )

    assert get_user(signed_in) == owner
    assert stolen.get("/").status_code == 302
    assert stolen.cookies["sessionid"].value != signed_in.session.session_key


@pytest.mark.parametrize("door", ["/account/logout", "/admin/logout/"])
def test_a_session_is_over_after_logging_out(client: Client, boss, door: str):
    client.force_login(boss)
    key = str(client.session.session_key)
    stolen = Client()
    stolen.cookies["sessionid"] = key

    client.post(door)

    assert not Session.objects.filter(session_key=key).exists()
    assert stolen.get("/").status_code == 302


def test_next_never_leads_outside(client: Client, owner, boss):
    for outside in OUTSIDE:
        for answer in (
            Client().post(LOGIN, filled_login(next=outside)),
            Client().post("/admin/login/", filled_login(username="boss", next=outside)),
            Client().post("/i18n/setlang/", {"language": "ko", "next": outside}),
            Client().post(
                "/i18n/setlang/", {"language": "ko"}, headers={"referer": outside.strip()}
            ),
            Client().post("/account/logout", {"next": outside}),
            Client().post("/admin/logout/", {"next": outside}),
        ):
            place = answer.headers.get("Location", "/")
            assert re.fullmatch(r"/([a-z0-9][^\\\x00-\x1f]*)?", place), (outside, place)
        signed_in = Client()
        signed_in.force_login(owner)
        for door in (LOGIN, "/account/signup"):
            assert signed_in.get(door, {"next": outside}).headers["Location"] == "/"


def test_next_is_shown_as_text(client: Client):
    page = client.get(LOGIN, {"next": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in page


PAGES = [
    "/",
    "/account/settings",
    "/upload",
    "/exports",
    "/nothing",
    "/admin/",
    "/admin/videos/video/",
    "/v1/docs",
]


@pytest.mark.parametrize("path", [*PAGES, LOGIN])
def test_a_page_may_run_and_load_its_own_things_only(client: Client, boss, path: str):
    client.force_login(boss)
    answer = client.get(path) if path != LOGIN else Client().get(path)
    policy = {
        name: sources
        for name, _, sources in (
            part.strip().partition(" ")
            for part in answer.headers["Content-Security-Policy"].split(";")
        )
    }
    nonce = re.sub(r" 'nonce-[A-Za-z0-9+/=]{22,24}'$", "", policy["script-src"])

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert nonce == policy["form-action"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert ("nonce" in policy["script-src"]) == (path == "/v1/docs")
    # The browser asks these of the page itself.
    page = answer.content.decode()
    assert not re.search(
        r"<[a-z][^>]*\s(style|on[a-z]+|hx-on[a-z:-]*)=", page.partition("<body")[0]
    )
    assert not re.search(r"\s(hx-on|hx-vars|onclick|onload|onerror)[a-z:-]*=", page)
    assert "js:" not in page


def test_a_nonce_is_used_once(client: Client):
    first, second = (client.get("/v1/docs").headers["Content-Security-Policy"] for _ in range(2))

    assert first != second


EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        "/v1/me",
        "/v1/nothing",
        "/v1/schema",
        "/health",
        "/metrics",
        "/i18n/catalog.js",
        "/d/x",
        "/uploads",
    ],
)
def test_every_answer_has_them(client: Client, boss, path: str):
    client.force_login(boss)
    headers = client.get(path).headers

    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "no-store" in headers["Cache-Control"]
    assert "Content-Security-Policy" in headers
    assert "Access-Control-Allow-Origin" not in headers
    assert "Server" not in headers
    assert "X-Powered-By" not in headers


def test_errors_have_them_too(client: Client, owner, settings, monkeypatch: pytest.MonkeyPatch):
    client.force_login(owner)
    client.raise_request_exception = False
    monkeypatch.setattr("exports.web.presenters.count_states", lambda *_args, **_options: 1 / 0)
    broken = client.get("/exports")
    forged = Client(enforce_csrf_checks=True).post("/account/login")
    settings.ALLOWED_HOSTS = ["heimdex.example.org"]
    foreign = client.get("/")

    for answer, status in ((broken, 500), (forged, 403), (foreign, 400)):
        assert answer.status_code == status
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Traceback" not in answer.content.decode()


def test_private_pages_are_not_cached(signed_in: Client, owner):
    video = VideoFactory(owner=owner)
    export = ExportFactory(video=video)
    for path in (f"/videos/{video.pk}", f"/exports/{export.pk}"):
        assert "no-store" in signed_in.get(path).headers["Cache-Control"], path
    # What has an ETag is kept by its own client alone, which asks each time whether it still holds.
    for path in (f"/v1/videos/{video.pk}", f"/v1/exports/{export.pk}"):
        assert signed_in.get(path).headers["Cache-Control"] == "private, no-cache", path


def test_scripts_get_no_eval_from_htmx(signed_in: Client):
    page = signed_in.get("/").content.decode()
    config = re.search(r"name=\"htmx-config\"\s+content='([^']+)'", page)

    assert config
    assert '"allowEval": false' in config[1]
    assert '"selfRequestsOnly": true' in config[1]


def test_no_template_needs_eval_or_inline_scripts():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\s(hx-on|hx-vars)[a-z:-]*=|\bjs:|javascript:", text), path
        assert not re.search(
            r"\son(click|load|error|submit|change|input|key\w+|mouse\w+)=", text
        ), path
        assert not re.search(r"\sstyle=", text), path
        for tag in re.findall(r"<(?:script|style)[^>]*>", text):
            assert " src=" in tag or "CSP_NONCE" in tag, (path, tag)


def test_over_https_cookies_are_the_hosts_own(tmp_path: Path):
    """As deployed: a process of its own, with HEIMDEX_HTTPS, behind a proxy that says the visitor came by HTTPS."""
    code = """
import django; django.setup()
from django.conf import settings
from django.core.management import call_command
from django.test import Client
plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": plain}}
from accounts.models import User
call_command("migrate", verbosity=0)
User.objects.create_user("owner", password="a long pass phrase 42")
plain = Client(headers={"host": "heimdex.example.org"}).get("/account/login")
print(plain.status_code, plain.headers["Location"])
visitor = Client(headers={"host": "heimdex.example.org", "x-forwarded-proto": "https"}, enforce_csrf_checks=True)
page = visitor.get("/account/login")
print(page.headers["Strict-Transport-Security"])
token = page.content.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
login = {"username": "owner", "password": "a long pass phrase 42", "csrfmiddlewaretoken": token}
answer = visitor.post("/account/login", login, headers={"referer": "https://heimdex.example.org/account/login"})
print(answer.status_code)
visitor.post("/i18n/setlang/", {"language": "ko", "csrfmiddlewaretoken": visitor.cookies["__Host-csrftoken"].value},
             headers={"referer": "https://heimdex.example.org/"})
for cookie in visitor.cookies.values():
    print(cookie.OutputString())
print("upgrade-insecure-requests" in page.headers["Content-Security-Policy"])
"""
    environ = {
        "PATH": "/usr/bin:/bin", "HEIMDEX_DATA_DIR": str(tmp_path / "data"), "HEIMDEX_HTTPS": "yes",
        "HEIMDEX_HOSTS": "heimdex.example.org", "HEIMDEX_PROXIES": "1",
        "DJANGO_SETTINGS_MODULE": "heimdex.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    redirect, hsts, status, *cookies, upgrade = done.stdout.strip().splitlines()

    assert redirect == "301 https://heimdex.example.org/account/login"
    assert hsts == "max-age=31536000; includeSubDomains; preload"
    assert (status, upgrade) == ("302", "True")
    by_name = {line.partition("=")[0]: line for line in cookies}
    assert set(by_name) == {"__Host-sessionid", "__Host-csrftoken", "django_language"}
    for name, line in by_name.items():
        assert "Secure" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line
        assert ("HttpOnly" in line) == (name != "__Host-csrftoken")
