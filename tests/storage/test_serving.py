"""Files as answers: parts, conditions, names, and redirects that expire."""

import contextlib
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import RequestFactory
from django.utils.http import http_date, parse_http_date

from core.errors import HeimdexError
from storage import files
from storage.serving import CHUNK, content_disposition, serve_file
from tests.services import Bucket, free_port

# A closed response makes Django look at the connection that an earlier test may have left open.
pytestmark = pytest.mark.django_db

KEY = "exports/1/a.mp4"
DATA = bytes(range(256)) * 4


@pytest.fixture
def stored() -> bytes:
    files.save_bytes(KEY, DATA, content_type="video/mp4")
    return DATA


def _get(method: str = "GET", **headers: str):
    request = getattr(RequestFactory(), method.lower())("/file", headers=headers)
    return serve_file(request, KEY, content_type="video/mp4")


def _body(response) -> bytes:
    with contextlib.closing(response):
        return b"".join(response) if response.streaming else response.content


def test_the_whole_file(stored: bytes):
    response = _get()

    assert response.status_code == 200
    assert _body(response) == stored
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("range_header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=1000-", 1000, 1024),
        ("bytes=1000-999999", 1000, 1024),
        ("bytes=-24", 1000, 1024),
        ("bytes=-5000", 0, 1024),
        ("bytes=0-", 0, 1024),
    ],
)
def test_a_part(stored: bytes, range_header: str, start: int, end: int):
    response = _get(Range=range_header)

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{end - 1}/1024"
    assert response["Content-Length"] == str(end - start)
    assert _body(response) == stored[start:end]


@pytest.mark.parametrize("range_header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_part_outside_the_file(stored: bytes, range_header: str):
    response = _get(Range=range_header)

    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"


@pytest.mark.parametrize(
    "range_header",
    [
        "bytes=9-3",
        "bytes=-",
        "bytes=a-b",
        "lines=1-2",
        "bytes=0-1,5-6",
        "bytes",
        "bytes=" + "9" * 40,
    ],
)
def test_what_is_no_range_is_ignored(stored: bytes, range_header: str):
    response = _get(Range=range_header)

    assert response.status_code == 200
    assert _body(response) == stored


def test_a_large_file_comes_in_small_chunks():
    files.save_bytes(KEY, b"x" * (3 * CHUNK + 5), content_type="video/mp4")

    response = _get(Range="bytes=1-")

    with contextlib.closing(response):
        assert [len(chunk) for chunk in response] == [CHUNK, CHUNK, CHUNK, 4]


def test_the_file_is_closed_even_when_it_is_not_read(stored: bytes):
    response = _get()

    response.close()

    with pytest.raises(ValueError, match="closed file"):
        list(response)


def test_head_has_the_same_headers_and_no_body(stored: bytes):
    whole, part = _get("HEAD"), _get("HEAD", Range="bytes=0-9")

    assert (whole.status_code, whole["Content-Length"], whole.content) == (200, "1024", b"")
    assert (part.status_code, part["Content-Length"], part.content) == (206, "10", b"")


def test_an_unchanged_file_is_not_sent_again(stored: bytes):
    first = _get("HEAD")

    assert _get(**{"If-None-Match": first["ETag"]}).status_code == 304
    assert _get(**{"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert _get("HEAD", **{"If-None-Match": '"another"'}).status_code == 200


def test_a_part_of_the_same_version_only(stored: bytes):
    first = _get("HEAD")
    older = http_date(parse_http_date(first["Last-Modified"]) - 60)

    for condition, status in (
        (first["ETag"], 206),
        (first["Last-Modified"], 206),
        ('"another"', 200),
        (older, 200),
    ):
        response = _get("HEAD", **{"Range": "bytes=0-9", "If-Range": condition})
        assert response.status_code == status


def test_a_file_that_is_not_there():
    with pytest.raises(HeimdexError, match="SOURCE_MISSING"):
        _get()


def test_a_browser_may_keep_it_for_a_while(stored: bytes):
    response = serve_file(
        RequestFactory().head("/file"), KEY, content_type="image/jpeg", cache_s=60
    )

    assert response["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("", "attachment"),
        ("a talk.mp4", 'attachment; filename="a talk.mp4"'),
        ("café.mp4", "attachment; filename=\"cafe.mp4\"; filename*=UTF-8''caf%C3%A9.mp4"),
        (
            "강연 3.mp4",
            "attachment; filename=\"3.mp4\"; filename*=UTF-8''%EA%B0%95%EC%97%B0%203.mp4",
        ),
        ("한국어", "attachment; filename=\"file\"; filename*=UTF-8''%ED%95%9C%EA%B5%AD%EC%96%B4"),
        ('a"b\\c', "attachment; filename=\"a_b_c\"; filename*=UTF-8''a%22b%5Cc"),
        ("a\r\nSet-Cookie: b=c", 'attachment; filename="aSet-Cookie: b=c"'),
        (
            "강연 - 0.05-0.10.mp4",
            "attachment; filename=\"0.05-0.10.mp4\"; filename*=UTF-8''%EA%B0%95%EC%97%B0%20-%200.05-0.10.mp4",
        ),
    ],
)
def test_names_of_downloads(name: str, expected: str):
    assert content_disposition(name, attachment=True) == expected


@pytest.fixture
def link(on_s3: Bucket, stored: bytes) -> str:
    response = serve_file(
        RequestFactory().get("/file"),
        KEY,
        content_type="video/mp4",
        filename="강연.mp4",
        attachment=True,
    )
    assert response.status_code == 302
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    return response["Location"]


@pytest.mark.services
def test_s3_redirects_to_a_signed_address(link: str):
    answer = httpx.get(link, headers={"Range": "bytes=10-19"})

    assert answer.status_code == 206
    assert answer.content == DATA[10:20]
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "%EA%B0%95%EC%97%B0.mp4" in answer.headers["Content-Disposition"]
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]


@pytest.mark.services
def test_only_the_signed_object_and_words_are_reachable(link: str):
    assert httpx.get(link.replace("a.mp4", "b.mp4")).status_code == 403
    assert httpx.get(link.replace("video%2Fmp4", "text%2Fhtml")).status_code == 403
    assert httpx.get(link.partition("?")[0]).status_code >= 400


@pytest.mark.services
def test_the_link_ends(on_s3: Bucket, stored: bytes, time_machine):
    time_machine.move_to("2020-01-01 00:00:00+00:00")
    link = serve_file(RequestFactory().get("/file"), KEY, content_type="video/mp4")["Location"]

    assert httpx.get(link).status_code == 403


def test_browsers_are_sent_to_the_public_endpoint(settings):
    inside = Bucket(f"http://127.0.0.1:{free_port()}", "heimdex", "test:tester", "secret")
    settings.STORAGES = {**settings.STORAGES, "default": inside.storage()}
    settings.S3_PUBLIC_ENDPOINT_URL = "https://files.example.org"

    response = serve_file(RequestFactory().get("/file"), KEY, content_type="video/mp4", link_s=60)

    assert response["Location"].startswith("https://files.example.org/heimdex/exports/1/a.mp4?")
    assert "X-Amz-Expires=60" in response["Location"]
