"""Logs: one line for an event whatever it quotes, and no key to anything in any of them."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import NoReturn

import httpx
import pytest
from django.test import Client

from accounts.link_grants import make_grant
from accounts.models import AccessToken
from exports.downloads import signed_urls
from exports.models import Export
from heimdex.observability.logs import logging_config
from jobs.clock import database_now
from storage import files
from tests.factories import ExportFactory
from tests.security.strings import HOSTILE_NAMES, HOSTILE_TEXTS

FORMATS = pytest.mark.parametrize("log_format", ["console", "json"])


Written = Callable[[str, str], io.StringIO]


@pytest.fixture
def logged(settings) -> Iterator[Written]:
    """Sets up the product's own logging in a format and from a level; what it writes is in the answer."""
    root = logging.getLogger()
    before = root.handlers[:]

    def start(log_format: str, level: str) -> io.StringIO:
        logging_config(log_format=log_format, level=level)
        stream = io.StringIO()
        (handler,) = root.handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
        return stream

    yield start
    logging_config(log_format=settings.LOG_FORMAT, level=settings.LOG_LEVEL)
    root.handlers[:] = before


def raised(*words: str) -> ValueError:
    """An error that was raised, with its trace."""
    try:
        fail(*words)
    except ValueError as error:
        return error


def fail(*words: str) -> NoReturn:
    raise ValueError(*words)


def events(stream: io.StringIO) -> list[str]:
    """The written lines that are events: those of traces are set apart."""
    lines = stream.getvalue().split("\n")
    assert lines.pop() == ""
    return [line for line in lines if not line.startswith("  | ")]


@FORMATS
def test_an_event_is_one_line(logged: Written, log_format: str):
    written = logged(log_format, "INFO")
    log = logging.getLogger("heimdex.test")

    for text in (*HOSTILE_TEXTS, *HOSTILE_NAMES, "\ud800"):
        written.seek(0)
        written.truncate()
        log.info("refused %s", text)
        log.info("%s", text, extra={"title": text, "names": [text]})
        log.error("it broke on %r", text, exc_info=raised(text))

        found = events(written)
        assert len(found) == 3, found
        assert written.getvalue().replace("\n", "").isprintable()
        if log_format == "json":
            assert [json.loads(line)["level"] for line in found] == ["info", "info", "error"]
        else:
            assert all("heimdex.test" in line for line in found)


@FORMATS
def test_secrets_are_in_no_line(logged: Written, log_format: str):
    written = logged(log_format, "INFO")
    log = logging.getLogger("heimdex.test")
    secrets = ("hdx_" + "s" * 43, "/d/abc.s0-12:1a2b:sig")

    log.warning("refused %s and %s", *secrets)
    log.warning("refused", extra={"token": secrets[0], "all": secrets})
    log.error("failed", exc_info=raised(*secrets))

    assert "sig" not in written.getvalue()
    assert "sss" not in written.getvalue()
    assert "hdx_…" in written.getvalue()


@FORMATS
def test_a_running_server_writes_no_signature(  # noqa: PLR0917 - fixtures
    site: str, owner, settings, monkeypatch: pytest.MonkeyPatch, logged: Written, log_format: str
):
    """Every way a link can end: served, forged, ended, wrong method, wrong host, and an error of ours on the way."""
    export = ExportFactory(video__owner=owner, completed=True)
    files.save_bytes(export.file_key, b"bytes", content_type="video/mp4")
    token, plain = AccessToken.make(user=owner, name="script")
    grant = make_grant(owner, token=token)
    link = signed_urls.download_url(export, grant=grant, at=database_now())
    signature = link.rpartition(":")[2]
    written = logged(log_format, "DEBUG")
    for name in ("asyncio", "playwright", "httpx", "httpcore", "django.template"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.ERROR)

    with httpx.Client(base_url=site) as visitor:
        assert visitor.get(link).content == b"bytes"
        assert visitor.post(link).status_code in {403, 405}
        assert visitor.get(f"{link}x").status_code == 404
        assert visitor.get(f"/elsewhere{link}?link={link}&token={plain}").status_code == 404
        settings.ALLOWED_HOSTS = ["heimdex.example.org"]
        assert visitor.get(link).status_code == 400
        assert visitor.get(link, headers={"host": f"evil.invalid{link}"}).status_code == 400
        settings.ALLOWED_HOSTS = ["*"]
        files.delete(export.file_key)
        assert visitor.get(link).status_code == 404
        monkeypatch.setattr(signed_urls, "check_downloadable", lambda *_args, **_options: 1 / 0)
        assert visitor.get(link).status_code == 500
        Export.objects.filter(pk=export.pk).update(expires_at="2020-01-01T00:00Z")
        headers = {"authorization": f"Bearer {plain}"}
        assert visitor.get(f"/v1/exports/{export.pk}", headers=headers).status_code == 404

    said = written.getvalue()
    assert "ZeroDivisionError" in said, "the error is in the log, with its trace"
    assert "/d/…" in said
    assert signature not in said
    assert plain not in said


@pytest.mark.django_db
def test_the_server_that_people_run_keeps_no_list_of_requests():
    """uvicorn writes none by itself; a path is written by our own line only, which blanks it."""
    Client().get("/d/anything")

    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
