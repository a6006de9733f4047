"""Fetches a model's files from its maker's address; goes on from the bytes of an interrupted fetch."""

import os
from pathlib import Path

import httpx

from mediakit.model_store.catalog import Address
from mediakit.model_store.transfer import SourceFailedError, Transfer

TIMEOUT = httpx.Timeout(60.0, connect=8.0)
RETRY_FROM_START = 416


def fetch(source: Address, transfer: Transfer) -> None:
    """Fetch all files of the source into the transfer's folder. Raises SourceFailedError, StoppedError, OSError."""
    done = 0
    with httpx.Client(follow_redirects=True, timeout=TIMEOUT) as client:
        for name in source.files:
            target = transfer.folder / name
            if not target.exists():
                try:
                    _download(client, f"{source.url}/{name}", target, transfer, done)
                except httpx.HTTPError as error:
                    raise SourceFailedError(_reason(error)) from error
            done += target.stat().st_size
            transfer.on_bytes(done)


def _download(
    client: httpx.Client, url: str, target: Path, transfer: Transfer, before: int
) -> None:
    """Download one file. Its unfinished bytes stay after a break; `before` is the size of earlier files."""
    part = target.with_name(f"{target.name}.part")
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    # Compressed, the bytes that came would not be those of the file.
    with client.stream("GET", url, headers={**headers, "Accept-Encoding": "identity"}) as response:
        if response.status_code == RETRY_FROM_START and have:
            part.unlink()
            _download(client, url, target, transfer, before)
            return
        response.raise_for_status()
        goes_on = response.status_code == httpx.codes.PARTIAL_CONTENT
        with part.open("ab" if goes_on else "wb") as file:
            for chunk in response.iter_raw():
                transfer.check()
                file.write(chunk)
                transfer.on_bytes(before + file.tell())
            file.flush()
            os.fsync(file.fileno())
    part.replace(target)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"status {error.response.status_code}"
    return str(error) or type(error).__name__
