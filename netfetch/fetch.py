"""Fetch what a link leads to, as bytes to read, within bounds.

1. The link is taken apart and its name looked up, once. Unless every address is allowed, nothing is connected to.
2. The connection goes to exactly such an address. `Host`, SNI and certificate are the name's.
3. A redirect begins again at 1, at most three times, and never leads from https to http.

No proxy of the environment is used, no cookie and no credential is sent, and no answer is unpacked.
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
    """The head of an answer with status, headers (lower-case names) and its body to come."""

    link: Link
    status: int
    headers: dict[str, str]
    chunks: Iterator[bytes]


class Download:
    """The bytes of a file on their way.

    `length` is what the server announced, None when it did not; `content_type` is lower case and without parameters.
    """

    def __init__(self, answer: _Response, *, max_bytes: int) -> None:
        self.length = _length(answer.headers)
        self.content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        self.received = 0
        self._chunks = answer.chunks
        self._max_bytes = max_bytes
        self._rest = b""
        self._failed: FetchError | None = None
        if self.length is not None and self.length > max_bytes:
            raise _too_large(max_bytes)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end, when all that was announced has come.

        FETCH_TOO_LARGE, FETCH_TOO_SLOW, FETCH_INTERRUPTED, FETCH_STOPPED; the same again when asked again.
        """
        data = self.peek()[:size]
        self._rest = self._rest[size:]
        return data

    def peek(self) -> bytes:
        """What `read` will give next, at least one byte of it; as `read` in all else."""
        if self._failed:
            raise self._failed
        if not self._rest:
            try:
                self._rest = self._next()
            except FetchError as error:
                self._failed = error
                raise
        return self._rest

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
    """What a link leads to, while the block lasts; FetchError says why not.

    FETCH_LINK_INVALID, FETCH_ADDRESS_REFUSED, FETCH_NOT_REACHABLE, FETCH_NOT_TRUSTED (the certificate),
    FETCH_TOO_MANY_REDIRECTS, FETCH_REDIRECT_INSECURE, FETCH_HTTP_STATUS with `status`, FETCH_ANSWER_INVALID,
    FETCH_TOO_LARGE, FETCH_TOO_SLOW, FETCH_STOPPED.
    """
    deadline = Deadline(limits, should_stop)
    for _ in range(MAX_REDIRECTS + 1):
        with _request(link, limits=limits, deadline=deadline, network=network) as answer:
            location = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not location:
                _check(answer)
                deadline.body_begins()
                yield Download(answer, max_bytes=limits.max_bytes)
                return
        link = _redirect_target(link, location)
    raise FetchError(FetchErrorCode.FETCH_TOO_MANY_REDIRECTS, "too many redirects")


@contextlib.contextmanager
def _request(
    link: Link, *, limits: Limits, deadline: Deadline, network: Network
) -> Iterator[_Response]:
    """Ask for one link and read the head of the answer; the connection is closed with the block."""
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
            response = stack.enter_context(
                pool.stream("GET", url, headers=headers, extensions=extensions)
            )
        yield _Response(
            link, response.status, _decode_headers(response.headers), response.iter_stream()
        )


@contextlib.contextmanager
def _translate_head_errors() -> Iterator[None]:
    """What the HTTP library raises before the body begins. The cause is cut off: it may name addresses and headers."""
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
    """What it raises after that: the connection broke, or less came than was announced."""
    try:
        yield
    except (httpcore.ProtocolError, httpcore.NetworkError, httpcore.TimeoutException):
        raise FetchError(
            FetchErrorCode.FETCH_INTERRUPTED, "it broke off", is_transient=True
        ) from None


def _decode_headers(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; of one that comes twice, the last."""
    return {
        name.decode("latin-1").lower(): value.decode("utf-8", "replace") for name, value in headers
    }


def _redirect_target(link: Link, location: str) -> Link:
    target = link.join(location)
    if link.scheme == "https" and target.scheme != "https":
        raise FetchError(FetchErrorCode.FETCH_REDIRECT_INSECURE, "redirected from https to http")
    return target


def _check(answer: _Response) -> None:
    """A plain 200 with a body as it is."""
    if answer.status != 200:
        raise FetchError(
            FetchErrorCode.FETCH_HTTP_STATUS,
            f"status {answer.status}",
            is_transient=answer.status in _TRANSIENT_STATUSES,
            status=answer.status,
        )
    if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FetchError(
            FetchErrorCode.FETCH_ANSWER_INVALID, "packed although that was not asked for"
        )


def _length(headers: dict[str, str]) -> int | None:
    """The announced length. The HTTP library has refused what is no number, and what contradicts itself."""
    if "transfer-encoding" in headers:
        return None
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _too_large(limit: int) -> FetchError:
    return FetchError(FetchErrorCode.FETCH_TOO_LARGE, "larger than allowed", limit_bytes=limit)
