"""Removes the files of expired exports, and orphaned files, which no row refers to.

A file is removed before the row's reference to it. After a crash or a storage error the row therefore still names the
file, and the next run removes it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import TypeVar
from uuid import UUID

from core.errors import HeimdexError
from exports import lifecycle, queries
from exports.captions.styles import logo_key
from exports.choices import ACTIVE, RETRYABLE, ExportStatus
from exports.models import CaptionPreset, Export, FinishFile
from exports.storage_keys import parse_attempt_key
from jobs.killpoints import reach
from storage import files
from storage.files import StoredFile
from storage.sinks import upload_sink
from storage.sinks.upload_stream import UnfinishedUpload
from videos.choices import VideoStatus
from videos.corrections.structure import found_pictures
from videos.models import Proxy, Scene, Transcript, Upload, Video
from videos.queries import as_uuid

logger = logging.getLogger(__name__)

T = TypeVar("T")

ORPHAN_MIN_AGE = timedelta(minutes=5)
"""A younger file may not be complete yet, or its row may not be written yet."""
STILL_MAX_AGE = timedelta(days=1)
STILLS_PER_USER = 1000
"""The newest are kept. A limit is needed because there is a still for every tenth of a second."""
BATCH_ROWS = 500


def remove_file(export: Export) -> None:
    """Remove an export's file and the row's reference to it; a no-op without a file."""
    if export.file_key:
        remove_files([export])


def remove_expired_files(*, at: datetime) -> list[Export]:
    """Remove the files of expired and deleted exports; returns the exports.

    Each batch takes one request to storage and one UPDATE. A file that cannot be removed is logged and does not stop
    the others.
    """
    removed: list[Export] = []
    rows = queries.with_removable_file(at=at).defer(*queries.LARGE_COLUMNS)
    for batch in _batches(rows.iterator(chunk_size=BATCH_ROWS)):
        try:
            remove_files(batch)
        except HeimdexError:
            removed += [
                export
                for export in batch
                if _succeeds(partial(remove_file, export), export.file_key)
            ]
        else:
            removed += batch
    return removed


def remove_files(exports: list[Export]) -> None:
    """Remove the files of exports that have one, in one request to storage, and the rows' references to them."""
    reach("delete_before")
    files.delete(*(export.file_key for export in exports))
    reach("delete_after")
    lifecycle.clear_files(exports)


def orphaned_files(*, at: datetime) -> Iterator[StoredFile]:
    """Stored files that no row refers to, and framing stills older than a day.

    The files are listed before the rows are read. The key of an export's file contains the attempt's token, so the
    rows tell exactly whether the attempt still runs. Other unreferenced files must be older than `ORPHAN_MIN_AGE`.
    """
    for prefix, find_referenced in _REFERENCED.items():
        for batch in _batches(files.listing(prefix)):
            referenced = find_referenced([file.key for file in batch])
            yield from (
                file
                for file in batch
                if _is_stale(file, at)
                or (file.key not in referenced and (_is_attempt(file.key) or _is_old(file, at)))
            )


def surplus_stills() -> Iterator[StoredFile]:
    """All stills of each user but the newest STILLS_PER_USER."""
    by_owner: dict[str, list[StoredFile]] = defaultdict(list)
    for file in files.listing("stills/"):
        by_owner[PurePosixPath(file.key).parts[1]].append(file)
    for stills in by_owner.values():
        newest_first = sorted(stills, key=lambda file: file.modified_at, reverse=True)
        yield from newest_first[STILLS_PER_USER:]


def unfinished_uploads() -> Iterator[UnfinishedUpload]:
    """Unfinished S3 multipart uploads of attempts that no longer run. S3 keeps their bytes but lists no file."""
    found = [item for item in upload_sink.list_unfinished() if item.key.startswith("exports/")]
    referenced = _referenced_exports([item.key for item in found])
    yield from (item for item in found if item.key not in referenced)


def remove_orphaned_files(*, at: datetime) -> list[str]:
    """Remove orphaned files, surplus stills and unfinished uploads; returns their keys.

    A file that cannot be removed is logged and does not stop the others.
    """
    found = {file.key for file in chain(orphaned_files(at=at), surplus_stills())}
    removals = [(key, partial(files.delete, key)) for key in found]
    removals += [(item.key, partial(upload_sink.remove, item)) for item in unfinished_uploads()]
    return [key for key, remove in removals if _succeeds(remove, key)]


def _succeeds(remove: Callable[[], None], key: str) -> bool:
    try:
        remove()
    except HeimdexError:
        logger.warning("file %s could not be removed yet", key, exc_info=True)
        return False
    return True


def _is_attempt(key: str) -> bool:
    """Whether the key names the attempt that made the file, so that the rows alone decide."""
    return parse_attempt_key(key) is not None


def _is_old(file: StoredFile, at: datetime) -> bool:
    # A logo is uploaded before a preset or an export refers to it.
    age = STILL_MAX_AGE if file.key.startswith("logos/") else ORPHAN_MIN_AGE
    return file.modified_at < at - age


def _is_stale(file: StoredFile, at: datetime) -> bool:
    return file.key.startswith("stills/") and file.modified_at < at - STILL_MAX_AGE


def _referenced_exports(keys: list[str]) -> set[str]:
    """Files of running attempts, and files that exports name.

    The queries run in this order, so that the second one finds an attempt that completes in between.
    """
    attempts = {key: attempt for key in keys if (attempt := parse_attempt_key(key))}
    running = Export.objects.filter(
        status=ExportStatus.PROCESSING, pk__in={pk for pk, _ in attempts.values()}
    )
    claimed = set(running.values_list("pk", "claim_token"))
    in_progress = {key for key, attempt in attempts.items() if attempt in claimed}
    return in_progress | set(
        Export.objects.filter(file_key__in=keys).values_list("file_key", flat=True)
    )


def _referenced_sources(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(source_key__in=keys).values_list("source_key", flat=True)
    uploads = Upload.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True)
    return {*videos, *uploads}


def _referenced_captions(keys: list[str]) -> set[str]:
    videos = Video.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    uploads = Upload.objects.filter(captions_key__in=keys).values_list("captions_key", flat=True)
    transcripts = Transcript.objects.filter(file_key__in=keys).values_list("file_key", flat=True)
    return {*videos, *uploads, *transcripts}


def _referenced_thumbnails(keys: list[str]) -> set[str]:
    """Files of running attempts, and files that videos and scenes name; queried in this order, as for exports.

    A scene that a person joined with another names its picture too: undoing brings it back.
    """
    folders = {key: PurePosixPath(key).parent for key in keys}
    video_ids = {pk for folder in folders.values() if (pk := as_uuid(folder.parent.name))}
    running = Video.objects.filter(status=VideoStatus.PROCESSING, pk__in=video_ids)
    claims = running.values_list("pk", "claim_token")
    claimed = {(str(pk), token.hex) for pk, token in claims if token}
    in_progress = {key for key in keys if (folders[key].parent.name, folders[key].name) in claimed}
    videos = Video.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    scenes = Scene.objects.filter(thumbnail_key__in=keys).values_list("thumbnail_key", flat=True)
    return {*in_progress, *videos, *scenes, *found_pictures(video_ids)}


def _referenced_proxies(keys: list[str]) -> set[str]:
    return set(Proxy.objects.filter(file_key__in=keys).values_list("file_key", flat=True))


def _referenced_stills(keys: list[str]) -> set[str]:
    """Stills of existing videos. A still's folder is the id of its video."""
    video_ids = {key: as_uuid(PurePosixPath(key).parent.name) for key in keys}
    ids: set[UUID] = {pk for pk in video_ids.values() if pk}
    existing = set(Video.objects.filter(pk__in=ids).values_list("pk", flat=True))
    return {key for key, pk in video_ids.items() if pk in existing}


def _referenced_logos(keys: list[str]) -> set[str]:
    """Logos of saved presets, and of exports that may still be rendered."""
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


def _referenced_finish_files(keys: list[str]) -> set[str]:
    found = FinishFile.objects.filter(file_key__in=keys)
    return set(found.values_list("file_key", flat=True))


def _none_referenced(_keys: list[str]) -> set[str]:
    """No row refers to the health check's files; it removes them itself unless storage fails."""
    return set()


# For each prefix, the function that returns which of the given keys the rows refer to.
_REFERENCED = {
    "exports/": _referenced_exports,
    "sources/": _referenced_sources,
    "captions/": _referenced_captions,
    "thumbnails/": _referenced_thumbnails,
    "proxies/": _referenced_proxies,
    "stills/": _referenced_stills,
    "logos/": _referenced_logos,
    "finish/": _referenced_finish_files,
    "health/": _none_referenced,
}


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
