"""Makes a stored source readable for ffmpeg: as a local path, or as a loopback URL that reads S3 in ranges.

ffmpeg never gets a storage address or a credential. A source is never copied as a whole: cutting 30 s out of three
hours reads about the bytes of 30 s.
"""

import contextlib
import logging
import re
import secrets
import socket
import threading
from collections.abc import Generator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from core.errors import HeimdexError
from mediakit.errors import MediaError, StoppedError
from storage import files, local, s3
from storage.errors import StorageCode

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024
MIN_BLOCK_BYTES = 256 * 1024
MAX_BLOCK_BYTES = 8 * 1024**2
MAX_TRIES = 3
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@contextlib.contextmanager
def open_source(key: str) -> Iterator[str]:
    """Yield a stored file's local path, or the URL of a reader that runs until the block ends.

    Raises SOURCE_MISSING when the file does not exist, and STORAGE_UNAVAILABLE when S3 failed during the block,
    whether or not the tool failed by it.
    """
    size = files.size(key)
    if size is None:
        raise HeimdexError(StorageCode.SOURCE_MISSING)
    if local.is_local():
        # The root may lie behind a link; nothing in it may be one, and mediakit refuses that.
        yield str(local.root().resolve() / local.path_of(key).relative_to(local.root()))
        return
    with RangedReader(key, size) as reader:
        try:
            yield reader.url
        except StoppedError:
            raise
        except MediaError as exc:
            if reader.failed:
                raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE) from exc
            raise
        if reader.failed:
            raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)


class RangedReader:
    """HTTP server for one stored object, at a random path of a loopback port, while the context is open.

    Range requests become ranged reads of S3. The size of a block read from S3 is a quarter of what the connection has
    sent so far: little is wasted when ffmpeg closes it, and long reads need few requests. `bytes_read` counts the bytes
    from S3; `failed` tells whether a read from S3 failed for good.
    """

    def __init__(self, key: str, size: int) -> None:
        self.size = size
        self.bytes_read = 0
        self.failed = False
        self._key = key
        self._remote = s3.remote()
        self._path = f"/{secrets.token_urlsafe(24)}"
        self._count_lock = threading.Lock()
        self._closed = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )

    @property
    def url(self) -> str:
        """The URL of the object."""
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        logger.debug("read %d of %d bytes of %s", self.bytes_read, self.size, self._key)

    def has(self, path: str) -> bool:
        """Whether a request's path is the object's path."""
        return secrets.compare_digest(path.encode(), self._path.encode())

    def read(self, start: int, end: int) -> Generator[bytes, None, None]:
        """Yield the bytes from `start` to `end` (exclusive) in chunks; stops early when S3 fails `MAX_TRIES` times."""
        taken, tries = 0, 0
        while start + taken < end and not self._closed.is_set():
            block = min(max(taken // 4, MIN_BLOCK_BYTES), MAX_BLOCK_BYTES, end - start - taken)
            before = taken
            try:
                for chunk in self._block(start + taken, block):
                    taken += len(chunk)
                    yield chunk
            except (BotoCoreError, Boto3Error, ClientError, HTTPError, OSError) as exc:
                tries = 1 if taken > before else tries + 1
                logger.warning("reading %s at %d: %s", self._key, start + taken, exc)
                if tries >= MAX_TRIES:
                    self.failed = True
                    return

    def _block(self, start: int, length: int) -> Iterator[bytes]:
        client, bucket = self._remote
        byte_range = f"bytes={start}-{start + length - 1}"
        body = client.get_object(Bucket=bucket, Key=self._key, Range=byte_range)["Body"]
        with contextlib.closing(body):
            left = length
            while left:
                chunk = body.read(min(CHUNK, left))
                if not chunk:
                    raise OSError(f"S3 ended {left} bytes early")
                left -= len(chunk)
                with self._count_lock:
                    self.bytes_read += len(chunk)
                yield chunk


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, reader: RangedReader) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reader = reader

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: ffmpeg closes connections early as a matter of course."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 3600  # a busy encoder may leave a connection alone for long

    def setup(self) -> None:
        # Bytes in the send buffer are wasted when ffmpeg closes the connection.
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CHUNK)
        super().setup()

    def do_HEAD(self) -> None:
        self._begin()

    def do_GET(self) -> None:
        span = self._begin()
        if span is None:
            return
        left = span[1] - span[0]
        with contextlib.closing(self.server.reader.read(*span)) as chunks:
            for chunk in chunks:
                self.wfile.write(chunk)
                left -= len(chunk)
        self.close_connection = self.close_connection or left > 0

    def _begin(self) -> tuple[int, int] | None:
        """Send the response's head. Return the range of bytes to send as the body, or None after an error."""
        reader, header = self.server.reader, self.headers.get("Range", "")
        if not reader.has(self.path):
            self._refuse(404)
            return None
        start, end = _parse_range(header, reader.size) or (0, reader.size)
        if start >= end:
            self._refuse(416)
            return None
        is_part = _parse_range(header, reader.size) is not None
        self.send_response(206 if is_part else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - start))
        if is_part:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{reader.size}")
        self.end_headers()
        return start, end

    def _refuse(self, status: int) -> None:
        self.send_response(status)
        if status == 416:
            self.send_header("Content-Range", f"bytes */{self.server.reader.size}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing: the path is a secret."""


def _parse_range(header: str, size: int) -> tuple[int, int] | None:
    """Return start and end (exclusive) of ffmpeg's `bytes=a-` or `bytes=a-b`; None for the whole file."""
    found = _RANGE.fullmatch(header)
    if not found:
        return None
    last = int(found[2]) + 1 if found[2] else size
    return int(found[1]), min(last, size)
