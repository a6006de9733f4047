"""Every URL for every kind of user: its status, no changes by safe methods, and hidden objects of other users."""

import re
import secrets
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.clips import make_clip
from tests.factories import UserFactory
from tests.security.admin_routes import ADMIN_ROUTES
from tests.security.api_routes import API_ROUTES
from tests.security.calls import Call, Route
from tests.security.environment import (
    AUDIENCES,
    SeedData,
    body_of,
    fingerprint,
    make_seed_data,
    missing_ids,
    routes,
    undone,
)
from tests.security.routes import PAGE_ROUTES, ROUTES

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.no_cover,
    pytest.mark.usefixtures("templates_as_deployed"),
]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSED = {302, 401, 403, 404, 405, 412, 415}
GROUPS = pytest.mark.parametrize(
    "table", [API_ROUTES, PAGE_ROUTES, ADMIN_ROUTES], ids=["api", "pages", "admin"]
)
_TYPES = {"form": "", "json": "application/json", "bytes": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(
        tmp_path_factory.mktemp("clip") / "talk.mp4", seconds=1, size=(160, 90), channels=0
    )


@pytest.fixture
def seed(settings, clip: Path) -> SeedData:
    settings.DATA_DIR.mkdir()
    return make_seed_data(clip)


def key_of(name: str, pattern: str) -> str:
    """How the table names a route: by its name, and where several share none, by its pattern."""
    return f"/{pattern}" if name == "admin:?" else name


def send(
    client: Client, call: Call, path: str, *, extra: dict[str, str] | None = None
) -> HttpResponse:
    """Make the call as a test client does it."""
    headers = {**call.headers, **(extra or {})}
    method = getattr(client, call.method.lower())
    if call.method in {"GET", "HEAD", "OPTIONS"}:
        return method(path, **headers)
    if call.kind == "form" and call.method == "POST":
        return method(path, call.data, **headers)
    data = b"some bytes" if call.kind == "bytes" else call.data
    return method(path, data, content_type=_TYPES[call.kind] or "text/plain", **headers)


def test_every_route_is_in_the_table():
    found = {key_of(name, pattern) for name, pattern in routes()}

    assert found - set(ROUTES) == set(), "say in tests/security/routes.py who may use these"
    assert set(ROUTES) - found == set(), "these are gone"


@GROUPS
def test_everybody_gets_what_the_table_says(seed: SeedData, table: dict[str, Route]):
    visitors = {audience: seed.client(audience) for audience in AUDIENCES}
    before = fingerprint()
    wrong = []
    for name, entry in table.items():
        path = entry.path.format(**seed.ids)
        for call in entry.calls:
            for (audience, client), expected in zip(visitors.items(), call.expected, strict=True):
                with undone(seed, client):
                    answer = send(client, call, path)
                    body_of(answer)
                    same = call.method != "GET" or fingerprint() == before
                call_name = f"{call.method} {name} as {audience}"
                if answer.status_code != expected:
                    wrong.append(f"{call_name}: {answer.status_code}, not {expected}")
                if not same:
                    wrong.append(f"{call_name} changed something")
                if audience == "anonymous" and expected == 302 != call.expected[2]:
                    wrong += [] if "/login" in answer["Location"] else [f"{call_name} leads away"]

    assert not wrong, "\n".join(wrong)


@GROUPS
def test_no_other_method_does_anything(seed: SeedData, table: dict[str, Route]):
    admin = table is ADMIN_ROUTES
    client = seed.client("staff" if admin else "owner")
    # The admin shows its page whatever the method; that changes nothing.
    allowed, methods = (REFUSED | {200}, ("POST",)) if admin else (REFUSED, METHODS)
    before = fingerprint()
    wrong = []
    for name, entry in table.items():
        path = entry.path.format(**seed.ids)
        for method in set(methods) - {call.method for call in entry.calls}:
            with undone(seed, client):
                answer = client.generic(method, path)
                body_of(answer)
                same = fingerprint() == before
            if answer.status_code not in allowed or not same:
                wrong.append(f"{method} {name}: {answer.status_code} {'' if same else 'CHANGED'}")
            if method == "GET" and table is PAGE_ROUTES and answer.status_code != 405:
                wrong.append(f"GET {name}: {answer.status_code}, not 405")

    assert not wrong, "\n".join(wrong)


@GROUPS
def test_nothing_changes_by_a_cookie_alone(seed: SeedData, table: dict[str, Route]):
    """A request that another site makes a browser send carries the cookie, but no token: 403."""
    asking = "staff" if table is ADMIN_ROUTES else "owner"
    client = seed.client(asking, enforce_csrf_checks=True)
    before = fingerprint()
    wrong = []
    for name, entry in table.items():
        path = entry.path.format(**seed.ids)
        for call in entry.calls:
            if call.method in {"GET", "HEAD", "OPTIONS"} or name == "api:?":
                continue
            with undone(seed, client):
                answer = send(client, call, path)
                same = fingerprint() == before
            if answer.status_code != 403 or not same:
                wrong.append(f"{call.method} {name}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)


def test_a_token_needs_no_csrf_token_and_a_bad_one_is_not_saved_by_the_cookie(seed: SeedData):
    path = f"/v1/videos/{seed.video.pk}"
    good = {"HTTP_AUTHORIZATION": f"Bearer {seed.plain_token}"}
    bad = {"HTTP_AUTHORIZATION": "Bearer hdx_wrong"}
    call = Call("PATCH", (0,) * 4, {"title": "New"}, "json")

    script = Client(enforce_csrf_checks=True)
    assert send(script, call, path, extra=good).status_code == 200
    browser = seed.client("owner", enforce_csrf_checks=True)
    assert send(browser, call, path, extra=bad).status_code == 401
    assert send(browser, call, path).status_code == 403


def test_a_page_does_not_know_tokens(seed: SeedData):
    """Pages are for browsers: a token opens the API only."""
    answer = Client().get("/", headers={"authorization": f"Bearer {seed.plain_token}"})

    assert answer.status_code == 302


@pytest.mark.parametrize("audience", ["other", "staff"])
@pytest.mark.parametrize("table", [API_ROUTES, PAGE_ROUTES], ids=["api", "pages"])
def test_other_users_objects_look_like_missing_ones(
    seed: SeedData, table: dict[str, Route], audience: str
):
    """The same status, headers and body, but for the id itself."""
    client = seed.client(audience)
    nothing = missing_ids(seed)
    wrong, compared = [], 0
    for name, entry in table.items():
        if "{" not in entry.path or name == "exports:file":  # a link is its own key
            continue
        for call in entry.calls:
            foreign = _answer(seed, client, call, entry.path, seed.ids)
            missing = _answer(seed, client, call, entry.path, nothing)
            compared += 1
            if foreign != missing:
                wrong.append(f"{call.method} {name}:\n{foreign}\n{missing}")

    assert not wrong, "\n".join(wrong)
    assert compared > 10


def _answer(
    seed: SeedData, client: Client, call: Call, path: str, ids: dict[str, str]
) -> tuple[int, str, str]:
    """An answer without what differs from request to request."""
    with undone(seed, client):
        answer = send(client, call, path.format(**ids))
        body = body_of(answer)
    body = re.sub(r'(csrfmiddlewaretoken" value=")[^"]+', r"\1", body)
    headers = "\n".join(
        f"{name}: {value}"
        for name, value in answer.headers.items()
        if name not in {"Content-Length", "Expires", "Last-Modified"}
    )
    for value in filter(lambda value: len(value) > 6, ids.values()):
        body, headers = body.replace(value, "ID"), headers.replace(value, "ID")
    return answer.status_code, headers, body


def test_staff_without_permissions_sees_nothing(seed: SeedData):
    client = Client()
    client.force_login(UserFactory(is_staff=True))
    refused = {
        name: client.get(entry.path.format(**seed.ids)).status_code
        for name, entry in ADMIN_ROUTES.items()
        if name.endswith(
            ("_changelist", "_change", "_delete", "_add", "_history", "_play", "_thumbnail")
        )
    }

    del refused["admin:password_change"]
    assert {name: code for name, code in refused.items() if code not in {403, 404}} == {}


def test_a_guessed_link_is_not_found(seed: SeedData):
    for guess in (secrets.token_urlsafe(40), seed.ids["link"][:-1], f"{seed.export.pk.hex}.s0-0"):
        assert Client().get(f"/d/{guess}").status_code == 404
