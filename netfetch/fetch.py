"""Fetches the file behind a link as a stream of bytes, within bounds.

1. The link is parsed and its name looked up, once. If any of its addresses is not allowed, no connection is made.
2. The connection goes to one of exactly these addresses. `Host`, SNI and certificate are those of the name.
3. A redirect begins again at 1, at most three times, and never from https to http.

It uses no proxy of the environment, sends no cookie and no credential, and decompresses no response.
"""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpcore

from netfetch.deadline import Deadline, Limits
from netfetch.errors import FetchError, FetchErrorCode
from netfetch.pinned_backend import PinnedBackend
from netfetch.resolver import PUBLIC, Network
from netfetch.url import Link

MAX_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_TRANSIENT_STATUSES = {408, 425, 429, 500, 502, 503, 504}
_HEADERS = {
    "User-Agent": "Heimdex",
    "Accept": "video/*, application/octet-stream;q=0.9, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


@dataclass(frozen=True, slots=True)
class _Response:
    """A response's status and headers (lower-case names), and its body as an iterator of chunks."""

    link: Link
    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]


class Download:
    """A file that is being received.

    `length` is the size in bytes that the server announced, or None; `content_type` is in lower case,
    without parameters.
    """

    def __init__(self, response: _Response, *, max_bytes: int) -> None:
        self.length = _length(response.headers)
        self.content_type = (
            response.headers.get("content-type", "").partition(";")[0].strip().lower()
        )
        self.received = 0
        self._chunks = response.chunks
        self._max_bytes = max_bytes
        self._buffer = b""
        self._error: FetchError | None = None
        if self.length is not None and self.length > max_bytes:
            raise _too_large(max_bytes)

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end, when all announced bytes have come.

        Raises FETCH_TOO_LARGE, FETCH_TOO_SLOW, FETCH_INTERRUPTED or FETCH_STOPPED, and the same
        again when called again.
        """
        data = self.peek()[:size]
        self._buffer = self._buffer[size:]
        return data

    def peek(self) -> bytes:
        """Return the next bytes of `read`: at least one, unless at the end. Raises the errors of `read`."""
        if self._error:
            raise self._error
        if not self._buffer:
            try:
                self._buffer = self._next()
            except FetchError as error:
                self._error = error
                raise
        return self._buffer

    def _next(self) -> bytes:
        with _translate_body_errors():
            chunk = next(self._chunks, b"")
        self.received += len(chunk)
        if self.received > self._max_bytes:
            raise _too_large(self._max_bytes)
        return chunk


@contextlib.contextmanager
def open_link(
    link: Link, *, limits: Limits, should_stop: Callable[[], bool], network: Network = PUBLIC
) -> Iterator[Download]:
    """Yield the file behind a link; the connection is closed with the block.

    Raises FetchError: FETCH_LINK_INVALID, FETCH_ADDRESS_REFUSED, FETCH_NOT_REACHABLE, FETCH_NOT_TRUSTED (the
    certificate), FETCH_TOO_MANY_REDIRECTS, FETCH_REDIRECT_INSECURE, FETCH_HTTP_STATUS with `status`,
    FETCH_ANSWER_INVALID, FETCH_TOO_LARGE, FETCH_TOO_SLOW, FETCH_STOPPED.
    """
    deadline = Deadline(limits, should_stop)
    for _ in range(MAX_REDIRECTS + 1):
        with _request(link, limits=limits, deadline=deadline, network=network) as response:
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location:
                _check(response)
                deadline.body_begins()
                yield Download(response, max_bytes=limits.max_bytes)
                return
        link = _redirect_target(link, location)
    raise FetchError(FetchErrorCode.FETCH_TOO_MANY_REDIRECTS, "too many redirects")


@contextlib.contextmanager
def _request(
    link: Link, *, limits: Limits, deadline: Deadline, network: Network
) -> Iterator[_Response]:
    """Request one link and read the response's head; the connection is closed with the block."""
    backend = PinnedBackend(network.addresses_of(link, deadline), deadline)
    pool = httpcore.ConnectionPool(
        ssl_context=network.tls() if link.scheme == "https" else None,
        max_connections=1,
        network_backend=backend,
        retries=0,
    )
    url = httpcore.URL(scheme=link.scheme, host=link.host, port=link.port, target=link.target)
    headers = [("Host", link.authority), *_HEADERS.items()]
    extensions = {"timeout": {"connect": limits.connect_s, "write": limits.connect_s}}
    with contextlib.ExitStack() as stack:
        stack.enter_context(pool)
        with (
            _translate_head_errors(),
            deadline.for_response(),
        ):
            head = stack.enter_context(
                pool.stream("GET", url, headers=headers, extensions=extensions)
            )
        yield _Response(link, head.status, _decode_headers(head.headers), head.iter_stream())


@contextlib.contextmanager
def _translate_head_errors() -> Iterator[None]:
    """Translate errors of the HTTP library before the body. Hides the cause: it may name addresses and headers."""
    try:
        yield
    except httpcore.ProtocolError:
        raise FetchError(FetchErrorCode.FETCH_ANSWER_INVALID, "not an answer in HTTP") from None
    except (httpcore.NetworkError, httpcore.TimeoutException) as error:
        if any(isinstance(reason, ssl.SSLCertVerificationError) for reason in error.args):
            raise FetchError(
                FetchErrorCode.FETCH_NOT_TRUSTED, "its certificate is not valid"
            ) from None
        raise FetchError(
            FetchErrorCode.FETCH_NOT_REACHABLE, "no connection", is_transient=True
        ) from None


@contextlib.contextmanager
def _translate_body_errors() -> Iterator[None]:
    """Translate errors of the HTTP library in the body: the connection broke, or fewer bytes came than announced."""
    try:
        yield
    except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
        raise FetchError(
            FetchErrorCode.FETCH_INTERRUPTED, "it broke off", is_transient=True
        ) from None


def _decode_headers(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by lower-case name; of a header that occurs twice, the last."""
    return {
        name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in headers
    }


def _redirect_target(link: Link, location: str) -> Link:
    target = link.join(location)
    if link.scheme == "https" and target.scheme != "https":
        raise FetchError(FetchErrorCode.FETCH_REDIRECT_INSECURE, "redirected from https to http")
    return target


def _check(response: _Response) -> None:
    """Refuse any response except a 200 with an unencoded body."""
    if response.status != 200:
        raise FetchError(
            FetchErrorCode.FETCH_HTTP_STATUS,
            f"status {response.status}",
            is_transient=response.status in _TRANSIENT_STATUSES,
            status=response.status,
        )
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FetchError(
            FetchErrorCode.FETCH_ANSWER_INVALID, "compressed although the request did not accept it"
        )


def _length(headers: dict[str, str]) -> int | None:
    """Return the announced length. The HTTP library has refused invalid and contradictory values."""
    if "transfer-encoding" in headers:
        return None
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _too_large(limit: int) -> FetchError:
    return FetchError(FetchErrorCode.FETCH_TOO_LARGE, "larger than allowed", limit_bytes=limit)
