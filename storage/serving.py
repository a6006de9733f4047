"""Serves a stored file over HTTP: from the local disk with ranges, or by a redirect to a signed S3 URL.

The caller has checked that the user may read the file.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe

from core.errors import HeimdexError
from storage import local, s3
from storage.errors import StorageCode
from storage.failures import translate_errors

CHUNK = 128 * 1024
# The type of downloads that are bytes: generated API clients know no other one.
BYTES_TYPE = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
# A stored file that is opened as a page may show itself and do nothing else.
_INLINE_CSP = (
    "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox"
)
_DOWNLOAD_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"


def serve_file(
    request: HttpRequest,
    key: str,
    *,
    content_type: str,
    filename: str = "",
    attachment: bool = False,
    cache_s: int = 0,
    link_s: int | None = None,
) -> HttpResponseBase:
    """Return the response to a GET or HEAD request for a stored file.

    Local: 200, 206, 304 or 416; a browser may cache it for `cache_s` seconds and revalidates it after that. S3: a
    redirect to a URL that is valid for `link_s` seconds (default: STORAGE_LINK_S) and sets content type and name.
    Raises SOURCE_MISSING when a local file does not exist.
    """
    disposition = content_disposition(filename, attachment=attachment)
    if not local.is_local():
        expires_s = link_s or settings.STORAGE_LINK_S
        return _redirect(key, expires_s, content_type=content_type, disposition=disposition)
    with translate_errors():
        try:
            file = local.path_of(key).open("rb")
        except (FileNotFoundError, IsADirectoryError) as exc:
            raise HeimdexError(StorageCode.SOURCE_MISSING) from exc
    response = _local_response(request, file)
    if response.status_code != 304:
        response["Content-Type"] = content_type
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _DOWNLOAD_CSP if attachment else _INLINE_CSP
    response["Cache-Control"] = f"private, max-age={cache_s}" if cache_s else "private, no-cache"
    return response


def content_disposition(filename: str, *, attachment: bool) -> str:
    """Return the header's value by RFC 6266: the name in ASCII for old programs, and in UTF-8 for all others."""
    kind = "attachment" if attachment else "inline"
    name = "".join(c for c in filename if unicodedata.category(c) not in {"Cc", "Cs"})
    if not name:
        return kind
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[\\"%/]', "_", plain).strip(" -") or "file"
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _redirect(key: str, expires_s: int, *, content_type: str, disposition: str) -> HttpResponseBase:
    with translate_errors():
        address = s3.signed_url(
            key, expires_s=expires_s, content_type=content_type, disposition=disposition
        )
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _local_response(request: HttpRequest, file: IO[bytes]) -> HttpResponseBase:
    facts = os.fstat(file.fileno())
    size, modified = facts.st_size, int(facts.st_mtime)
    etag = f'"{facts.st_mtime_ns:x}-{size:x}"'
    response = _whole_or_part(request, file, size=size, etag=etag, modified=modified)
    response["ETag"] = etag
    response["Last-Modified"] = http_date(modified)
    response["Accept-Ranges"] = "bytes"
    return response


def _whole_or_part(
    request: HttpRequest, file: IO[bytes], *, size: int, etag: str, modified: int
) -> HttpResponseBase:
    unchanged = get_conditional_response(request, etag, modified, None)
    if unchanged is not None:
        file.close()
        return unchanged
    span = _requested_range(request, size=size, etag=etag, modified=modified)
    if span is not None and span[0] >= span[1]:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = span or (0, size)
    headers = {"Content-Length": str(end - start)}
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if span else 200
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    part = _Part(file, start, end)
    response = StreamingHttpResponse(part, status=status, headers=headers)
    # A server with `wsgi.file_wrapper` sends it itself and has its thread back at once.
    response.file_to_stream, response.block_size = part, CHUNK  # type: ignore[attr-defined] # as FileResponse has
    return response


def _requested_range(
    request: HttpRequest, *, size: int, etag: str, modified: int
) -> tuple[int, int] | None:
    """Return the requested range as start and end (exclusive); None for the whole file.

    start >= end means that the range lies outside of the file. A header that is not one single byte range, or that is
    for another version of the file (`If-Range`), requests the whole file.
    """
    condition = request.headers.get("If-Range", "")
    if condition and condition != etag and parse_http_date_safe(condition) != modified:
        return None
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:  # the last n bytes
        return max(0, size - int(found[2])), size if int(found[2]) else 0
    start = int(found[1])
    last = int(found[2]) if found[2] else size - 1
    return None if last < start and found[2] else (start, min(last + 1, size))


class _Part:
    """A part of an open file, for iteration in chunks or `read`. `close` closes the file, even if nothing was read."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file = file
        self._left = end - start
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK):
            yield chunk

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end of the range."""
        chunk = self._file.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def fileno(self) -> int:
        """Return the file's descriptor, which stands at the start of the range until the first read."""
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()
