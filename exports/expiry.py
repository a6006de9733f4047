"""Removing files: of exports whose time is over, and those that no row names any more.

A file goes first and the row's reference after it, so that a crash or a silent storage leaves a row that the next
run takes up again, never a forgotten file.
"""

import logging
import math
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from uuid import UUID

from django.conf import settings

from exports import lifecycle, queries
from exports.models import Export
from heimdex.errors import HeimdexError
from storage import files
from storage.files import StoredFile
from videos.models import Scene, Upload, Video

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(hours=1)
STILL_AGE = timedelta(days=1)
BATCH = 500
WORK_FOLDERS = ("export-*", "still-*")


def remove_file(export: Export) -> None:
    """Remove an export's file and the row's reference to it; a no-op without a file."""
    if export.file_key:
        files.delete(export.file_key)
        lifecycle.forget_file(export)


def expire(*, at: datetime) -> list[Export]:
    """Remove the files of expired and deleted exports; one that cannot be removed does not keep the others."""
    gone = []
    for export in queries.with_lapsed_file(at=at).iterator(chunk_size=BATCH):
        try:
            remove_file(export)
        except HeimdexError:
            logger.warning("file of export %s could not be removed yet", export.pk, exc_info=True)
        else:
            gone.append(export)
    return gone


def orphans(*, at: datetime) -> Iterator[StoredFile]:
    """Stored files that no row names and that are older than an hour, and framing stills older than a day.

    The files are listed before the rows are asked, and a row is written within minutes of its file: what is younger
    than an hour may belong to work that is still going on.
    """
    for prefix, named in _NAMED.items():
        old = (file for file in files.listing(prefix) if file.modified_at < at - ORPHAN_AGE)
        for batch in _batches(old):
            wanted = named([file.key for file in batch])
            yield from (file for file in batch if file.key not in wanted or _is_stale(file, at))


def remove_orphans(*, at: datetime) -> list[StoredFile]:
    """Remove every orphan; one that cannot be removed does not keep the others."""
    gone = []
    for file in orphans(at=at):
        try:
            files.delete(file.key)
        except HeimdexError:
            logger.warning("orphaned file %s could not be removed yet", file.key, exc_info=True)
        else:
            gone.append(file)
    return gone


def abandoned_work(*, at: datetime) -> list[Path]:
    """Working folders of this machine that a killed process left behind: older than any attempt may take."""
    age = max(ORPHAN_AGE, timedelta(seconds=2 * settings.EXPORT_TIMEOUT_MOST_S))
    before = (at - age).timestamp()
    folders = [path for kind in WORK_FOLDERS for path in settings.WORK_DIR.glob(kind)]
    return [path for path in folders if _modified(path) < before]


def remove_abandoned_work(*, at: datetime) -> list[Path]:
    """Remove them."""
    folders = abandoned_work(at=at)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return folders


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # its owner has just removed it
        return math.inf


def _is_stale(file: StoredFile, at: datetime) -> bool:
    return file.key.startswith("stills/") and file.modified_at < at - STILL_AGE


def _exports(keys: list[str]) -> set[str]:
    return set(Export.objects.filter(file_key__in=keys).values_list("file_key", flat=True))


def _sources(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    uploads = Upload.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True)
    return {*videos, *uploads}


def _captions(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    uploads = Upload.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    return {*videos, *uploads}


def _thumbnails(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    scenes = Scene.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    return {*videos, *scenes}


def _stills(keys: list[str]) -> set[str]:
    """Stills are a cache: each belongs to the video whose id is its folder."""
    owners = {key: queries.as_uuid(PurePosixPath(key).parent.name) for key in keys}
    ids: set[UUID] = {pk for pk in owners.values() if pk}
    there = set(Video.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return {key for key, pk in owners.items() if pk in there}


_NAMED = {
    "exports/": _exports,
    "sources/": _sources,
    "captions/": _captions,
    "thumbnails/": _thumbnails,
    "stills/": _stills,
}


def _batches(items: Iterable[StoredFile]) -> Iterator[list[StoredFile]]:
    batch: list[StoredFile] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
