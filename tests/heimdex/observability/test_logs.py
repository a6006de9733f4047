"""Log lines carry no signatures or tokens, and one line is written for what changed or went wrong."""

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from heimdex.observability.logs import RequestLogMiddleware, redact_secrets


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("GET /d/abc:def?x=1", "GET /d/…?x=1"),
        ("https://s3/x?X-Amz-Signature=aaa&X-Amz-Date=b", "https://s3/x?X-Amz-Signature=…&X-Amz-Date=…"),
        ("token=hdx_secret rest", "token=… rest"),
        ("nothing secret", "nothing secret"),
    ],
)  # fmt: skip
def test_secrets_are_blanked(line, shown):
    assert redact_secrets(line) == shown


@pytest.mark.parametrize(
    ("method", "status", "lines"), [("GET", 200, 0), ("GET", 503, 1), ("POST", 302, 1)]
)
def test_one_line_for_what_changed_or_went_wrong(caplog, method, status, lines):
    answer = RequestLogMiddleware(lambda _request: HttpResponse(status=status))

    with caplog.at_level(logging.INFO, logger="heimdex.request"):
        answer(RequestFactory().generic(method, "/somewhere"))

    assert len(caplog.records) == lines


def test_a_path_cannot_write_lines_of_its_own(caplog):
    answer = RequestLogMiddleware(lambda _request: HttpResponse(status=404))

    with caplog.at_level(logging.INFO, logger="heimdex.request"):
        answer(RequestFactory().post("/v1/videos/a%0Aforged%00line"))

    assert "POST /v1/videos/a%0Aforged%00line 404" in caplog.records[0].getMessage()
