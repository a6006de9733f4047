"""What the sources of models share: the report of progress, and the errors of a fetch."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mediakit.errors import MediaError, MediaErrorCode, StoppedError

CHUNK_BYTES = 1 << 20


class ModelFetchError(MediaError):
    """A model could not be fetched from any of its sources; the message has each source's reason."""

    code = MediaErrorCode.MODEL_FETCH_FAILED


class SourceFailedError(Exception):
    """One source did not give the files; the next one is tried."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where one source's files go, and the callbacks of the fetch.

    `on_bytes` gets the bytes that are here so far. `folder` is kept after an interruption, so that the next attempt
    goes on from what is in it.
    """

    folder: Path
    on_bytes: Callable[[int], None]
    should_stop: Callable[[], bool]

    def check(self) -> None:
        """Raise StoppedError when a stop was requested."""
        if self.should_stop():
            raise StoppedError("the fetch of a model was stopped")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def verify(folder: Path, files: Mapping[str, str]) -> None:
    """Check each file's SHA-256. A wrong file is removed, so that it is fetched again. Raises SourceFailedError."""
    for name, expected in files.items():
        found = sha256_of(folder / name)
        if found != expected:
            (folder / name).unlink()
            raise SourceFailedError(f"{name} is another file than it should be: SHA-256 {found}")
