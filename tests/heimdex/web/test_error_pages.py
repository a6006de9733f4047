"""Requests that are too much get one answer, wherever it is noticed."""

import pytest
from django.test import Client

from accounts.models import AccessToken
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BOUNDARY = "-----part"


def parts(count, *, filename=""):
    """A multipart body of so many small fields or files."""
    name = f'; filename="{filename}"' if filename else ""
    one = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name={{}}{name}\r\n\r\nx\r\n"
    return ("".join(one.format(f'"f{n}"') for n in range(count)) + f"--{BOUNDARY}--\r\n").encode()


TOO_MANY = pytest.mark.parametrize(
    "body", [parts(10_000), parts(5_000, filename="a.txt")], ids=["fields", "files"]
)
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


@TOO_MANY
def test_the_api_says_413(body):
    _row, plain = AccessToken.make(user=UserFactory.create(), name="x")

    answer = Client().post(
        "/v1/videos", body, content_type=MULTIPART, headers={"Authorization": f"Bearer {plain}"}
    )

    assert (answer.status_code, answer.json()["error_code"]) == (413, "REQUEST_TOO_LARGE")


@TOO_MANY
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_pages_say_413(body, accept):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory.create())
    client.get("/account/settings")  # sets the CSRF cookie, with which the form is looked into

    answer = client.post("/presets", body, content_type=MULTIPART, headers={"Accept": accept})

    assert answer.status_code == 413
    assert answer["Content-Type"].startswith(accept)
    assert b"This is more than may be sent in one request." in answer.content


def test_a_large_form_says_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = Client().post(
        "/account/login", {"username": "x" * 2000, "password": "x"}, headers={"Accept": "text/html"}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("code", "status"), [("REQUEST_TOO_LARGE", 413), ("THROTTLED", 429), ("STORAGE_FULL", 507)]
)
def test_a_refusal_speaks_the_visitors_language(code, status):
    answer = Client().get(
        f"/-/refused/{code}", headers={"Accept": "text/html", "Accept-Language": "ko"}
    )

    assert answer.status_code == status
    assert "요청을 받을 수 없습니다" in answer.content.decode()


def test_no_other_code_is_a_refusal():
    assert Client().get("/-/refused/INTERNAL_ERROR").status_code == 404


def test_who_may_send():
    person = UserFactory.create()
    row, plain = AccessToken.make(user=person, name="x")
    bearer = {"Authorization": f"Bearer {plain}"}
    signed_in = Client()
    signed_in.force_login(person)

    assert signed_in.get("/-/may-send").status_code == 204
    assert Client().get("/-/may-send", headers={"X-Asked-Method": "OPTIONS"}).status_code == 204
    assert Client().get("/-/may-send", headers={"X-Asked-Method": "POST"}).status_code == 401
    assert Client().get("/-/may-send", headers=bearer).status_code == 204
    refused = Client().get("/-/may-send")
    assert (refused.status_code, refused.json()["error_code"]) == (401, "UNAUTHENTICATED")
    page = Client().get("/-/may-send", headers={"Accept": "text/html"})
    assert (page.status_code, page["Location"]) == (302, "/account/login")

    AccessToken.objects.filter(pk=row.pk).update(revoked_at="2020-01-01T00:00Z")
    assert Client().get("/-/may-send", headers=bearer).status_code == 401
    # A wrong token is refused whatever cookies come with it, as in the API.
    assert signed_in.get("/-/may-send", headers=bearer).status_code == 401
