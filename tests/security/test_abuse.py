"""Requests that no browser sends, as bytes to the running server: each is refused or answered, none breaks anything."""

import base64
import contextlib
import itertools
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import User
from exports.models import Export
from storage import files
from tests.factories import ExportFactory, UploadFactory, VideoFactory
from videos.models import Upload, Video

BYTES = bytes(range(256)) * 16
TOKEN = "a" * 32
# status, headers in small letters, body
Answer = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Answer]

RANGES = [
    "bytes=0-", "bytes=-1", "bytes=-0", "bytes=--1", "bytes=-1-", "bytes=5-2", "bytes=4096-", "bytes=0-99999999999999",
    "bytes=99999999999999999999999999999999-", "bytes=-99999999999999999999999999999999",
    "bytes=0x10-0x20",
    "bytes=1e3-2e3", "bytes=٣-٤", "bytes=0-0,0-0", "bytes=0-1,1-2,2-3", "bytes=" + ",".join(["0-"] * 1300), "bytes=",
    "bytes", "=0-1", "items=0-1", "bytes=0-1;bytes=2-3", "bytes = 0 - 1", "bytes=\t0-1", "none", "bytes=NaN-Infinity",
    "bytes=0-1\x01", "bytes=+1-+2", "bytes=1.5-2.5", "bytes=18446744073709551615-18446744073709551616",
]  # fmt: skip
HOSTS = [
    "evil.invalid", "evil.invalid:80", "127.0.0.1@evil.invalid", "evil.invalid#127.0.0.1", "127.0.0.1.evil.invalid",
    "127.0.0.1:80:80", "127.0.0.1:-1", "127.0.0.1/../x", "127.0.0.1, evil.invalid", "[::1",
    "[::1]:x", "..", ".127.0.0.1", "", " ", "x" * 5_000, "é", "127.0.0.1\x00.evil.invalid", "<script>",
    "localhost evil",
]  # fmt: skip
NUMBERS = [
    "", "-1", "+1", "1.0", "1e3", "0x10", " ", "٣", "NaN", "99999999999999999999999999999999", "9" * 18, "1,1", "1 1",
    "18446744073709551616", "-0", "null", "1;", "①",
]  # fmt: skip
METADATA = [
    "filename", "filename !!!", "filename /w==", "filename 7aCA", "filename " + base64.b64encode(b"a\0b").decode(),
    ",,,",
    "filename dC5tcDQ=,filename dC5tcDQ=", " filename  dC5tcDQ= ", "filename dC5tcDQ", "title " + "QUFB" * 2_000,
    "filename " + base64.b64encode(b"../../x.mp4").decode(), "language " + base64.b64encode(b"xx'\"").decode(), "=",
    "\x7f",
    "filename " + base64.b64encode("😀".encode("utf-16")).decode(), *(f"key{n} dg==" for n in range(3)),
]  # fmt: skip

LINES = [
    "GET http://evil.invalid/account/login HTTP/1.1",
    "GET //evil.invalid/%2f.. HTTP/1.1",
    "GET /\\evil.invalid HTTP/1.1",
    "GET /%00 HTTP/1.1",
    "GET /%ff%fe/%c0%ae%c0%ae/ HTTP/1.1",
    "GET /static/../../etc/passwd HTTP/1.1",
    "GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
    "GET /static/..%5c..%5cetc/passwd HTTP/1.1",
    "GET /?" + "a=1&" * 5_000 + " HTTP/1.1",
    "GET /?q=%00&sort=%27&page=99999999999999999999999999&status=%ff HTTP/1.1",
    "GET /exports?page=-1&state=%00 HTTP/1.1",
    "GET /v1/videos?page=NaN&page_size=-1&status=%00 HTTP/1.1",
    "GET /v1/videos?page_size=99999999999999999999999999 HTTP/1.1",
    "GET /account/login?next=//evil.invalid HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "CONNECT evil.invalid:443 HTTP/1.1",
    "TRACE / HTTP/1.1",
    "PROPFIND / HTTP/1.1",
    "get / HTTP/1.1",
    "GET / HTTP/9.9",
    "GET /",
    "GET",
    "\x16\x03\x01",
]


@pytest.fixture
def cookie(client: Client, owner: User) -> str:
    """What the owner's browser sends."""
    client.force_login(owner)
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={TOKEN}"


@pytest.fixture
def ask(site: str, cookie: str) -> Ask:
    """Send exactly these bytes as a request and read the response."""
    address = urlsplit(site)

    def send(
        line: str,
        *headers: str,
        host: str | None = "127.0.0.1",
        body: bytes = b"",
        owner: bool = True,
        patience_s: int = 20,
    ) -> Answer:
        lines = [line, "Connection: close", *headers]
        lines += [f"Host: {host}"] if host is not None else []
        lines += [f"Cookie: {cookie}", f"X-CSRFToken: {TOKEN}"] if owner else []
        lines += [f"Content-Length: {len(body)}"] if body else []
        head = "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")
        with socket.create_connection((address.hostname, address.port), timeout=patience_s) as link:
            with contextlib.suppress(OSError):  # it need not listen to the end
                link.sendall(head + body)
            return _read(link)

    return send


def _read(link: socket.socket) -> Answer:
    said = b""
    with contextlib.suppress(ConnectionResetError, TimeoutError):
        while chunk := link.recv(65536):
            said += chunk
    if not said:  # hung up with our bytes unread, or waits for what was announced: nothing was done
        return 400, {}, b""
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), headers, body


@pytest.fixture
def video(owner: User) -> Video:
    made = VideoFactory.create(owner=owner)
    files.save_bytes(made.source_key, BYTES, content_type="video/mp4")
    return made


@pytest.fixture
def export(owner: User, video: Video) -> Export:
    made = ExportFactory.create(video=video, completed=True)
    files.save_bytes(made.file_key, BYTES, content_type="video/mp4")
    return made


@pytest.fixture
def upload(owner: User) -> Upload:
    return UploadFactory.create(owner=owner)


def test_any_range_is_the_part_the_whole_or_refused(ask: Ask, video: Video, export: Export):
    for path in (f"/videos/{video.pk}/source", f"/exports/{export.pk}/download"):
        for requested in RANGES:
            status, headers, body = ask(f"GET {path} HTTP/1.1", f"Range: {requested}")
            assert status in {200, 206, 400, 416, 431}, requested
            if status == 206:
                first, _, last = headers["content-range"][6:].partition("/")[0].partition("-")
                assert body == BYTES[int(first) : int(last) + 1], requested
            elif status == 200:
                assert body == BYTES, requested


def test_ranges_sent_twice_and_conditions_that_lie(ask: Ask, export: Export):
    path = f"GET /exports/{export.pk}/play HTTP/1.1"
    for headers in (
        ("Range: bytes=0-1", "Range: bytes=2-3"),
        ("Range: bytes=0-1", "If-Range: " + "x" * 3_000),
        ("Range: bytes=0-1", "If-Range: Thu, 99 Foo 9999 99:99:99 GMT"),
        ("If-Modified-Since: Thu, 01 Jan 99999 00:00:00 GMT",),
        ("If-None-Match: " + '"a",' * 500,),
        ("If-Match: *", "If-Unmodified-Since: x"),
    ):
        assert ask(path, *headers)[0] in {200, 206, 304, 400, 412}, headers


def test_another_host_name_is_refused(ask: Ask, settings):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    paths = ("/account/login", "/v1/me", "/health", "/static/css/base.css", "/d/x")
    for host, path in itertools.product(HOSTS, paths):
        status, headers, body = ask(f"GET {path} HTTP/1.1", host=host)
        assert status == 400, (host, path)
        assert "location" not in headers
        assert b"evil.invalid" not in body


def test_the_host_is_taken_from_nowhere_else(ask: Ask, settings, export: Export):
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    for header in (
        "X-Forwarded-Host: evil.invalid",
        "X-Forwarded-Server: evil.invalid",
        "X-Host: evil.invalid",
        "X-Original-URL: /admin/",
        "X-Rewrite-URL: /admin/",
        "Forwarded: host=evil.invalid;proto=https",
        "X-Forwarded-Proto: https, javascript",
        "X-Forwarded-Prefix: //evil.invalid",
        "X-Forwarded-Port: 99999999",
        "X-Forwarded-For: " + "1.2.3.4, " * 500,
        "X-Script-Name: //evil.invalid",
    ):
        status, _, body = ask(f"GET /v1/exports/{export.pk} HTTP/1.1", header)
        assert status == 200, header
        assert b'"http://127.0.0.1/d/' in body
        assert b"evil.invalid" not in body
        status, headers, _ = ask("GET /account/settings HTTP/1.1", header, owner=False)
        assert (status, headers["location"]) == (302, "/account/login?next=/account/settings")


def test_odd_request_lines(ask: Ask):
    for line in LINES:
        status, headers, body = ask(line)
        assert status < 500, line
        assert b"root:" not in body
        assert "evil.invalid" not in headers.get("location", "")


def test_headers_that_are_too_much(ask: Ask):
    for headers in (
        ("X-Long: " + "x" * 300_000,),
        tuple(f"X-{n}: {n}" for n in range(3_000)),
        ("Cookie: " + "; ".join(f"c{n}=v" for n in range(3_000)),),
        ("Cookie: sessionid=" + "x" * 9_000,),
        ("Cookie: sessionid=\x00\x7f'\"; csrftoken=%00; django_language=../../etc",),
        ("Cookie: messages=" + "e30:" * 500,),
        ("Accept-Language: " + "xx-yy;q=0.1," * 900,),
        ("Accept-Language: en-" + "x" * 2_000,),
        ("Accept: " + "a/b," * 900,),
        ("Accept: */*;q=NaN", "Accept-Encoding: gzip;q=x"),
        ("Authorization: Bearer " + "\x00" * 10,),
        ("Authorization: Bearer " + "é" * 2_000,),
        ("Content-Length: -1",),
        ("Content-Length: 99999999999999999999999",),
        ("Content-Length: 1", "Content-Length: 2"),
        ("Content-Type: ; charset=nonsense",),
        (
            "HX-Request: true",
            "HX-Current-URL: javascript:x",
            "HX-Target: \x01",
            "HX-History-Restore-Request: x",
        ),
        (" folded: x",),
        ("No-Colon",),
    ):
        for path in ("/", "/v1/me"):
            status, *_ = ask(f"GET {path} HTTP/1.1", *headers, patience_s=1)
            assert status in {
                200,
                302,
                400,
                401,
                406,
                413,
                431,
            }, headers[0][:60]


def test_bodies_that_are_too_much_or_not_what_they_say(ask: Ask, video: Video):
    rename = f"POST /videos/{video.pk}/rename HTTP/1.1"
    api = f"PATCH /v1/videos/{video.pk} HTTP/1.1"
    form = "Content-Type: application/x-www-form-urlencoded"
    parts = "Content-Type: multipart/form-data; boundary=x"
    for line, kind, body in (
        (rename, form, b"title=" + b"x" * 17_000_000),
        (rename, form, b"a=1&" * 5_000),
        (rename, form, b"title=%ED%A0%80%00%ff"),
        (rename, "Content-Type: multipart/form-data", b"x"),
        (rename, "Content-Type: multipart/form-data; boundary=" + "y" * 300, b"x"),
        (rename, parts, b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nno end'),
        (
            rename,
            parts,
            b'--x\r\nContent-Disposition: form-data; name="f"; filename="'
            + b"z" * 9_000
            + b'"\r\n\r\n1\r\n--x--',
        ),
        (
            rename,
            parts,
            b"--x\r\n"
            + b"\r\n--x\r\n".join([b'Content-Disposition: form-data; name="a"\r\n\r\n1'] * 2_000)
            + b"\r\n--x--",
        ),
        (rename, "Content-Type: application/x-www-form-urlencoded; charset=utf-7", b"title=+ADw-"),
        (rename, "Content-Type: application/x-www-form-urlencoded; charset=hex", b"title=zz"),
        (api, "Content-Type: application/json", b"[" * 100_000),
        (api, "Content-Type: application/json", b'{"title": ' + b"1" * 100_000 + b"}"),
        (api, "Content-Type: application/json", b'{"title": NaN}'),
        (api, "Content-Type: application/json; charset=utf-7", b"{}"),
        (api, "Content-Type: application/json; charset=base64", b"{}"),
        (api, "Content-Type: application/json", b"\xff\xfe{\x00}\x00"),
        (
            api,
            "Content-Type: application/xml",
            b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
        ),
        (
            f"POST /v1/videos/{video.pk}/export-short HTTP/1.1",
            "Content-Type: application/json",
            b'{"start_s": 1e400, "end_s": -1e-400}',
        ),
    ):
        status, _, answer = ask(line, kind, body=body)
        assert status in {200, 302, 400, 413, 415, 422}, (kind, body[:60], status)
        assert b"root:" not in answer


def test_another_method_in_a_header_changes_nothing(ask: Ask, video: Video, export: Export):
    for header in (
        "X-HTTP-Method-Override: DELETE",
        "X-Method-Override: DELETE",
        "X-HTTP-Method: DELETE",
    ):
        for path in (f"/v1/videos/{video.pk}", f"/v1/exports/{export.pk}", f"/videos/{video.pk}"):
            assert ask(f"GET {path}?_method=DELETE HTTP/1.1", header)[0] == 200
            assert ask(f"POST {path} HTTP/1.1", header, body=b"_method=DELETE")[0] in {405, 415}

    assert Video.objects.count() == Export.objects.count() == 1


def test_uploads_with_numbers_that_are_none(ask: Ask, upload: Upload):
    tus = "Tus-Resumable: 1.0.0"
    kind = "Content-Type: application/offset+octet-stream"
    for number in NUMBERS:
        status, *_ = ask(
            "POST /uploads HTTP/1.1",
            tus,
            f"Upload-Length: {number}",
            "Upload-Metadata: filename dC5tcDQ=",
        )
        assert status in {400, 413, 422}, number
        status, *_ = ask(
            f"PATCH /uploads/{upload.pk} HTTP/1.1", tus, kind, f"Upload-Offset: {number}", body=b"x"
        )
        assert status in {400, 409, 422}, number
    for version in ("", "0", "1.0.0, 2.0.0", "x" * 1_000):
        assert (
            ask("POST /uploads HTTP/1.1", f"Tus-Resumable: {version}", "Upload-Length: 1")[0] == 412
        )
    status, *_ = ask(
        f"PATCH /uploads/{upload.pk} HTTP/1.1", tus, kind, "Upload-Offset: 0", body=b"x" * 1_001
    )
    assert status in {400, 413, 422}, "more than was announced"

    upload.refresh_from_db()
    assert upload.offset_bytes <= upload.size_bytes
    assert Upload.objects.count() == 1


def test_uploads_with_metadata_that_are_none(ask: Ask):
    begin = ("POST /uploads HTTP/1.1", "Tus-Resumable: 1.0.0", "Upload-Length: 10")
    for metadata in METADATA:
        status, _, body = ask(*begin, f"Upload-Metadata: {metadata}")
        assert status in {201, 400, 422}, (metadata, body)

    for made in Upload.objects.all():
        assert "/" not in made.filename
        assert made.filename.isprintable()


def test_a_method_in_a_header_is_for_uploads_and_needs_the_token(
    ask: Ask, upload: Upload, cookie: str
):
    tus = ("Tus-Resumable: 1.0.0", "X-HTTP-Method-Override: DELETE")
    forged = ask(f"POST /uploads/{upload.pk} HTTP/1.1", *tus, f"Cookie: {cookie}", owner=False)
    assert forged[0] == 403
    assert (
        ask(f"POST /uploads/{upload.pk} HTTP/1.1", tus[0], "X-HTTP-Method-Override: PURGE")[0]
        == 405
    )
    assert Upload.objects.count() == 1

    assert ask(f"POST /uploads/{upload.pk} HTTP/1.1", *tus)[0] == 204
