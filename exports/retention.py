"""Removing files: of exports whose time is over, and those that no row names any more.

A file goes first and the row's reference after it, so that a crash or a silent storage leaves a row that the next
run takes up again, never a forgotten file.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import PurePosixPath
from uuid import UUID

from core.errors import HeimdexError
from exports import lifecycle, queries
from exports.captions.styles import logo_key
from exports.choices import ACTIVE, RETRYABLE, ExportStatus
from exports.models import CaptionPreset, Export
from exports.storage_keys import attempt_of
from jobs.killpoints import reach
from storage import files
from storage.files import StoredFile
from storage.sinks import upload_sink
from storage.sinks.upload_stream import Leftover
from videos.choices import VideoStatus
from videos.models import Scene, Upload, Video
from videos.queries import as_uuid

logger = logging.getLogger(__name__)

ORPHAN_AGE = timedelta(minutes=5)
"""A file younger than this may lie a moment before the row that names it, or be half written."""
STILL_AGE = timedelta(days=1)
BATCH = 500


def remove_file(export: Export) -> None:
    """Remove an export's file and the row's reference to it; a no-op without a file."""
    if export.file_key:
        reach("delete_before")
        files.delete(export.file_key)
        reach("delete_after")
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
    """Stored files that no row names, and framing stills older than a day.

    The files are listed before the rows are asked. What a running attempt stores bears its token, so for exports and
    thumbnails the row tells exactly whether the file can still come to count; whatever else no row names is left
    alone for a few minutes.
    """
    for prefix, named in _NAMED.items():
        for batch in _batches(files.listing(prefix)):
            wanted = named([file.key for file in batch])
            yield from (
                file
                for file in batch
                if _is_stale(file, at)
                or (file.key not in wanted and (_is_attempt(file.key) or _is_old(file, at)))
            )


def unfinished() -> Iterator[Leftover]:
    """Uploads in parts of attempts that are not going on any more: S3 keeps their bytes, and lists them nowhere."""
    found = [item for item in upload_sink.leftovers() if item.key.startswith("exports/")]
    wanted = _exports([item.key for item in found])
    yield from (item for item in found if item.key not in wanted)


def remove_orphans(*, at: datetime) -> list[str]:
    """Remove every orphan, and what is left of unfinished uploads; tells their keys.

    One that cannot be removed does not keep the others.
    """
    removals = [(file.key, partial(files.delete, file.key)) for file in orphans(at=at)]
    removals += [(item.key, partial(upload_sink.remove, item)) for item in unfinished()]
    return [key for key, remove in removals if _done(remove, key)]


def _done(remove: Callable[[], None], key: str) -> bool:
    try:
        remove()
    except HeimdexError:
        logger.warning("orphaned file %s could not be removed yet", key, exc_info=True)
        return False
    return True


def _is_attempt(key: str) -> bool:
    """Whether the key says which attempt made the file: then the rows alone decide."""
    return attempt_of(key) is not None


def _is_old(file: StoredFile, at: datetime) -> bool:
    # A logo is uploaded before anything names it.
    age = STILL_AGE if file.key.startswith("logos/") else ORPHAN_AGE
    return file.modified_at < at - age


def _is_stale(file: StoredFile, at: datetime) -> bool:
    return file.key.startswith("stills/") and file.modified_at < at - STILL_AGE


def _exports(keys: list[str]) -> set[str]:
    """Files of attempts that are going on, and those that count.

    Asked in this order: an attempt that ends well in between is found by the second question.
    """
    attempts = {key: attempt for key in keys if (attempt := attempt_of(key))}
    running = Export.objects.filter(
        status=ExportStatus.PROCESSING, pk__in={pk for pk, _ in attempts.values()}
    )
    held = set(running.values_list("pk", "claim_token"))
    going_on = {key for key, attempt in attempts.items() if attempt in held}
    return going_on | set(
        Export.objects.filter(file_key__in=keys).values_list("file_key", flat=True)
    )


def _sources(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    uploads = Upload.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True)
    return {*videos, *uploads}


def _captions(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    uploads = Upload.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    return {*videos, *uploads}


def _thumbnails(keys: list[str]) -> set[str]:
    """Those of runs that are going on, and those that count; asked in this order, as for exports."""
    folders = {key: PurePosixPath(key).parent for key in keys}
    running = Video.objects.filter(
        status=VideoStatus.PROCESSING,
        pk__in={pk for folder in folders.values() if (pk := as_uuid(folder.parent.name))},
    )
    held = {(str(pk), token.hex) for pk, token in running.values_list("pk", "claim_token") if token}
    going_on = {key for key in keys if (folders[key].parent.name, folders[key].name) in held}
    videos = Video.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    scenes = Scene.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    return {*going_on, *videos, *scenes}


def _stills(keys: list[str]) -> set[str]:
    """Stills are a cache: each belongs to the video whose id is its folder."""
    owners = {key: as_uuid(PurePosixPath(key).parent.name) for key in keys}
    ids: set[UUID] = {pk for pk in owners.values() if pk}
    there = set(Video.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return {key for key, pk in owners.items() if pk in there}


def _logos(keys: list[str]) -> set[str]:
    """Logos that a saved preset shows, or an export that may still be made (again)."""
    names = {PurePosixPath(key).stem for key in keys}
    shown = set(
        CaptionPreset.objects.filter(overlays__logo__in=names).values_list(
            "owner_id", "overlays__logo"
        )
    )
    shown |= set(
        Export.objects.filter(
            status__in=(*ACTIVE, *RETRYABLE), look__overlays__logo__in=names
        ).values_list("owner_id", "look__overlays__logo")
    )
    return {logo_key(owner_id, logo) for owner_id, logo in shown}


def _nothing(_keys: list[str]) -> set[str]:
    """The health check removes its own file, unless storage goes away in between."""
    return set()


_NAMED = {
    "exports/": _exports,
    "sources/": _sources,
    "captions/": _captions,
    "thumbnails/": _thumbnails,
    "stills/": _stills,
    "logos/": _logos,
    "health/": _nothing,
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
