"""One call of a WSGI application with a complete request."""

import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment

# What is larger waits in a temporary file: thousands of slow readers must not fill the memory.
MEMORY_BYTES = 128 * 1024


@dataclass(slots=True)
class Response:
    """An application's response: its body is a file, at the position where the body begins."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: IO[bytes]
    length: int

    def close(self) -> None:
        """Close the body."""
        self.body.close()


class _FileBody:
    """`wsgi.file_wrapper`: a file that is sent without the application's thread."""

    def __init__(self, file: IO[bytes], block_size: int = MEMORY_BYTES) -> None:
        self.file = file
        self.block_size = block_size

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.file.read(self.block_size), b"")

    def close(self) -> None:
        self.file.close()


def make_environ(scope: MutableMapping[str, Any]) -> WSGIEnvironment:
    """The WSGI environment of an ASGI request, without its body."""
    server, port = scope.get("server") or ("localhost", 80)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": _path(scope["raw_path"]),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": _FileBody,
    }
    for name, value in scope["headers"]:
        _add_header(environ, name.decode("latin-1"), value.decode("latin-1"))
    return environ


def call(
    application: WSGIApplication, environ: WSGIEnvironment, body: IO[bytes] | None = None
) -> Response:
    """The application's complete response. A file behind `wsgi.file_wrapper` is not read, so the thread is free."""
    started: list[Any] = []

    def start_response(
        status: str, headers: list[Any], _exc_info: Any = None
    ) -> Callable[..., Any]:
        started[:] = [int(status.split(" ", 1)[0]), headers]
        return lambda _data: None  # `write`, which Django does not use

    errors = io.StringIO()  # Django has its own log
    given = {**environ, "wsgi.input": body or io.BytesIO(), "wsgi.errors": errors}
    chunks = application(given, start_response)
    try:
        status, headers = started
        file, length = _body_of(chunks, headers)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    encoded = [(n.lower().encode("latin-1"), v.strip().encode("latin-1")) for n, v in headers]
    return Response(status, encoded, file, length)


def _body_of(chunks: Iterable[bytes], headers: list[tuple[str, str]]) -> tuple[IO[bytes], int]:
    sizes = [int(value) for name, value in headers if name.lower() == "content-length"]
    if isinstance(chunks, _FileBody) and sizes:
        if getattr(chunks.file, "opens_as_read", False):
            return chunks.file, sizes[0]
        try:
            # A descriptor of its own: the application closes the file when the call ends.
            return os.fdopen(os.dup(chunks.file.fileno()), "rb"), sizes[0]
        except OSError:
            pass  # no file of the system
    spool = tempfile.SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - the response closes it
    for chunk in chunks:
        spool.write(chunk)
    length = spool.tell()
    spool.seek(0)
    return spool, length


def _path(raw: bytes) -> str:
    """The decoded path of a request's target, in the bytes-as-latin-1 form of WSGI."""
    if not raw.startswith(b"/"):  # `GET http://host/path`, as to a proxy
        raw = urlsplit(raw).path or b"/"
    return unquote_to_bytes(raw).decode("latin-1")


def _add_header(environ: WSGIEnvironment, name: str, value: str) -> None:
    if "_" in name:  # `X_Forwarded_For` would be taken for `X-Forwarded-For`
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    if key in environ:
        separator = "; " if key == "HTTP_COOKIE" else ","
        value = f"{environ[key]}{separator}{value}"
    environ[key] = value
