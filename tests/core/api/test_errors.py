"""Any exception of an API view becomes the error JSON."""

import json

import pytest
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions

from core.api.errors import api_error, handle_exception
from core.errors import CoreCode, HeimdexError
from mediakit.errors import InputError, MediaErrorCode, ToolError
from videos.errors import VideoCode


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
def test_any_exception_becomes_a_public_error(error, code, status):
    found = api_error(error)

    assert (found.code.name, found.status) == (code, status)


def test_a_tools_failure_hides_its_output():
    found = api_error(ToolError("ffmpeg failed", tool="ffmpeg", tail="secret path"))

    assert found.code == CoreCode.TOOL_FAILED
    assert "secret path" not in json.dumps([found.message, found.details])


def test_validation_names_the_field():
    error = exceptions.ValidationError({"start_s": ["A valid number is required."]})

    assert api_error(error).message == "start_s: A valid number is required."


def test_an_unreadable_body_is_named():
    assert "body" in api_error(exceptions.ParseError("JSON parse error")).message


def test_throttled_has_a_retry_after_header():
    response = handle_exception(exceptions.Throttled(wait=4.2), {})

    assert (response.status_code, response.headers["Retry-After"]) == (429, "5")


def test_unexpected_errors_are_logged_and_hide_their_text(caplog):
    response = handle_exception(ZeroDivisionError("inner words"), {})

    assert response.data["error_code"] == "INTERNAL_ERROR"
    assert "inner words" not in json.dumps(response.data)
    assert "unexpected error" in caplog.text
