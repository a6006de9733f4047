"""What both kinds of sink share: the stream they read, the state they keep, what they answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from core.errors import HeimdexError

CHUNK = 128 * 1024
INCOMING = "incoming/"

State = dict[str, Any]
ProgressCallback = Callable[[int, State], None]
"""Called often while bytes arrive, with an offset and the state that belongs to it; what it raises ends the append."""


class Stream(Protocol):
    """What bytes are read from: the body of a request."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end; OSError when the client is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """How far an upload is now, in bytes from its start, and why it is not as far as was hoped."""

    offset: int
    state: State
    error: HeimdexError | None = None


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """Bytes of an upload that is not finished: the key they were meant for, and where they lie."""

    key: str
    since: datetime
    size_bytes: int = 0
    stored_key: str = ""
    multipart_id: str = ""


def folder(key: str) -> str:
    """Where an upload's bytes lie until they are whole."""
    return f"{INCOMING}{key}/"


def key_of(stored_key: str) -> str:
    """The key that bytes under `incoming/` were meant for."""
    return stored_key.removeprefix(INCOMING).rpartition("/")[0]


def chunks(stream: Stream, length: int) -> Iterator[bytes]:
    """Up to `length` bytes of a stream; ends early, without a word, when the client is gone."""
    while length > 0:
        try:
            chunk = stream.read(min(CHUNK, length))
        except OSError:
            return
        if not chunk:
            return
        length -= len(chunk)
        yield chunk
