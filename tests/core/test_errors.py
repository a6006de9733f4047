"""One table of errors, one shape in the API, whatever went wrong."""

import json

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import Http404
from django.utils import translation
from rest_framework import exceptions

from core.api.errors import api_error, handle_exception
from core.errors import CoreCode, HeimdexError, text_for
from core.http import error_response
from mediakit.errors import InputError, MediaErrorCode, ToolError
from tests.factories import UserFactory
from videos.errors import VideoCode


def test_parameters_are_filled_in_and_a_missing_one_does_not_fail():
    assert "182.5" in text_for("SCENE_TOO_LONG", {"scene_duration_s": 182.5, "max_duration_s": 180})
    assert "…" in text_for("SCENE_TOO_LONG", {})


def test_an_unknown_code_gets_the_general_sentence():
    assert text_for("NEVER_HEARD_OF") == text_for("INTERNAL_ERROR")


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (HeimdexError(VideoCode.VIDEO_BUSY), "VIDEO_BUSY", 409),
        (InputError(MediaErrorCode.EMPTY_FILE, "empty"), "EMPTY_FILE", 422),
        (InputError(MediaErrorCode.UNKNOWN_QUALITY, "new"), "INTERNAL_ERROR", 500),
        (exceptions.NotAuthenticated(), "UNAUTHENTICATED", 401),
        (exceptions.MethodNotAllowed("PUT"), "METHOD_NOT_ALLOWED", 405),
        (exceptions.ParseError(), "INVALID_INPUT", 422),
        (Http404(), "NOT_FOUND", 404),
        (OperationalError("database or disk is full"), "STORAGE_FULL", 507),
        (OperationalError("connection refused"), "DATABASE_UNAVAILABLE", 503),
        (InterfaceError("connection already closed"), "DATABASE_UNAVAILABLE", 503),
        (ZeroDivisionError(), "INTERNAL_ERROR", 500),
    ],
)
def test_any_exception_becomes_one_of_ours(error, code, status):
    found = api_error(error)

    assert (found.code.name, found.status) == (code, status)


def test_our_tools_failures_show_no_tool_words():
    found = api_error(ToolError("ffmpeg failed", tool="ffmpeg", tail="secret path"))

    assert found.code == CoreCode.TOOL_FAILED
    assert "secret path" not in json.dumps([found.message, found.details])


def test_validation_names_the_field():
    error = exceptions.ValidationError({"start_s": ["A valid number is required."]})

    assert api_error(error).message == "start_s: A valid number is required."


def test_a_body_that_cannot_be_read_is_named():
    assert "body" in api_error(exceptions.ParseError("JSON parse error")).message


def test_throttled_says_when_to_come_back():
    response = handle_exception(exceptions.Throttled(wait=4.2), {})

    assert (response.status_code, response.headers["Retry-After"]) == (429, "5")


def test_unexpected_errors_are_logged_and_say_nothing_about_themselves(caplog):
    response = handle_exception(ZeroDivisionError("inner words"), {})

    assert response.data["error_code"] == "INTERNAL_ERROR"
    assert "inner words" not in json.dumps(response.data)
    assert "unexpected error" in caplog.text


def test_the_shape():
    body = json.loads(error_response(HeimdexError(VideoCode.SCENE_NOT_FOUND)).content)

    assert set(body) == {"error_code", "message", "details"}


def test_the_sentence_follows_the_readers_language():
    error = HeimdexError(CoreCode.NOT_FOUND)
    with translation.override("en"):
        assert error.message == "There is nothing here."


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
