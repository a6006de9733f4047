"""Errors of views become responses, and htmx gets fragments."""

import json
from types import SimpleNamespace
from typing import cast

import pytest
from django.db import OperationalError, connection
from django.http import Http404, HttpResponse

from core.errors import HeimdexError
from core.http import as_heimdex_error, error_response, handle_errors, json_errors, wants_partial
from mediakit.errors import InputError, MediaErrorCode
from tests.factories import UserFactory
from videos.errors import VideoCode


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Http404(), "NOT_FOUND"),
        (OperationalError("database or disk is full"), "STORAGE_FULL"),
        (OperationalError("connection refused"), "DATABASE_UNAVAILABLE"),
        (OSError("No space left on device"), "INTERNAL_ERROR"),
    ],
)
def test_an_exception_of_django_becomes_one_of_ours(error, code):
    assert as_heimdex_error(error).code.name == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (HeimdexError(VideoCode.VIDEO_BUSY), "VIDEO_BUSY"),
        (InputError(MediaErrorCode.EMPTY_FILE, "empty"), "EMPTY_FILE"),
    ],
)
def test_errors_of_a_view_are_answered_as_json(rf, error, code):
    @json_errors
    def view(_request):
        raise error

    response = cast("HttpResponse", view(rf.get("/")))

    assert response.status_code in {409, 422}
    assert json.loads(response.content)["error_code"] == code


def test_other_exceptions_of_a_view_are_not_caught(rf):
    @json_errors
    def view(_request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        view(rf.get("/"))


def test_a_view_may_have_every_exception_answered_and_logged(rf, caplog):
    @handle_errors(
        lambda _request, error: HttpResponse(error.code.name, status=error.status),
        catch=(Exception,),
    )
    def view(_request):
        raise ZeroDivisionError("inner words")

    response = cast("HttpResponse", view(rf.get("/")))

    assert (response.status_code, response.content) == (500, b"INTERNAL_ERROR")
    assert "unexpected error" in caplog.text


class Htmx(SimpleNamespace):
    """What django-htmx puts on a request."""

    def __bool__(self):
        return self.htmx


@pytest.mark.parametrize(
    ("htmx", "boosted", "restored", "partial"),
    [
        (True, False, False, True),
        (False, False, False, False),
        (True, True, False, False),
        (True, False, True, False),
    ],
)
def test_only_a_plain_htmx_request_wants_a_fragment(rf, htmx, boosted, restored, partial):
    request = rf.get("/")
    request.htmx = Htmx(htmx=htmx, boosted=boosted, history_restore_request=restored)

    assert wants_partial(request) is partial


def test_the_error_json():
    body = json.loads(error_response(HeimdexError(VideoCode.SCENE_NOT_FOUND)).content)

    assert set(body) == {"error_code", "message", "details"}


@pytest.mark.django_db(transaction=True)
def test_a_page_says_that_the_database_is_away(client):
    client.force_login(UserFactory())
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE videos_video RENAME TO elsewhere")
        try:
            page = client.get("/")
        finally:
            cursor.execute("ALTER TABLE elsewhere RENAME TO videos_video")

    assert page.status_code == 503
    assert "The server&#x27;s database does not answer" in page.content.decode()
