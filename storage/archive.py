"""ZIP archives of stored files that are made while they are sent: no copy on disk, and their size is known before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, cast

from django.http import HttpRequest, StreamingHttpResponse
from zipstream.ng import ZipStream

from storage import files
from storage.serving import BYTES_TYPE, CHUNK, content_disposition


@dataclass(frozen=True, slots=True)
class Member:
    """A stored file in an archive: its name there, its key and its size in bytes."""

    name: str
    key: str
    size_bytes: int


def serve_archive(
    request: HttpRequest,
    members: Sequence[Member],
    texts: Mapping[str, str],
    *,
    filename: str,
) -> StreamingHttpResponse:
    """Return the response to a GET or HEAD request for an archive of stored files and of texts by their names.

    Nothing is compressed: videos are already. A file that changes its size or vanishes while it is sent ends the
    connection, so that the client knows that the archive is not whole.
    """
    archive = ZipStream(sized=True)
    for name, text in texts.items():
        archive.add(text.encode("utf-8"), name)
    for member in members:
        archive.add(files.read_chunks(member.key), member.name, size=member.size_bytes)
    headers = {
        "Content-Length": str(len(archive)),
        "Content-Disposition": content_disposition(filename, attachment=True),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if request.method == "HEAD":
        return StreamingHttpResponse(headers=headers, content_type=BYTES_TYPE)
    body = _Body(archive)
    response = StreamingHttpResponse(body, headers=headers, content_type=BYTES_TYPE)
    # A server with `wsgi.file_wrapper` reads it itself, as fast as the client takes it.
    response.file_to_stream, response.block_size = cast("IO[bytes]", body), CHUNK  # type: ignore[attr-defined] # as FileResponse has
    return response


class _Body:
    """The bytes of an archive, for iteration or `read`. Nothing is open before they are asked for."""

    opens_as_read = True  # it may be read after the application's call has ended

    def __init__(self, archive: ZipStream) -> None:
        self._chunks: Iterator[bytes] = iter(archive)
        self._rest = b""

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(CHUNK):
            yield chunk

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def close(self) -> None:
        """Django calls it when the application's call ends; the server may go on reading."""
