"""Types and helpers that both sinks share: stream, state and result of an upload."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.errors import HeimdexError

CHUNK = 128 * 1024
INCOMING = "incoming/"

State = dict[str, Any]
ProgressCallback = Callable[[int, State], None]
"""Called often while bytes arrive, with the offset and its state; an exception from it ends the append."""


class Stream(Protocol):
    """A readable stream of bytes, such as the body of a request."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end; raises OSError when the client disconnected."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """Result of an append: the bytes stored so far, the matching state, and the error that ended it early."""

    offset: int
    state: State
    error: HeimdexError | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """Stored bytes of an unfinished upload: its final key and start time, and where the bytes lie."""

    key: str
    since: datetime
    size_bytes: int = 0
    stored_key: str = ""
    multipart_id: str = ""


def folder(key: str) -> str:
    """Return the folder of an upload's bytes until it is complete."""
    return f"{INCOMING}{key}/"


def key_of(stored_key: str) -> str:
    """Return the final key of bytes that lie under `incoming/`."""
    return stored_key.removeprefix(INCOMING).rpartition("/")[0]


def chunks(stream: Stream, length: int) -> Iterator[bytes]:
    """Yield up to `length` bytes of a stream in chunks; ends early when the client disconnects."""
    while length > 0:
        try:
            chunk = stream.read(min(CHUNK, length))
        except OSError:
            return
        if not chunk:
            return
        length -= len(chunk)
        yield chunk
