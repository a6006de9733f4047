"""Covers of finished Shorts, kept in storage for a day as stills are."""

import logging
import uuid
from collections.abc import Iterable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.errors import HeimdexError
from core.throttles import Throttle
from exports.captions.styles import ShortStyle
from exports.downloads import filenames, signed_urls
from exports.errors import ExportCode
from exports.models import Export
from exports.previews import framing_stills
from exports.rendering.cover_choice import cover_span
from jobs.clock import database_now
from jobs.work_folders import work_folder
from mediakit.errors import MediaError
from mediakit.probing.probe import probe
from mediakit.render.cover import write_cover, write_picture
from storage import files
from storage.files import StoredFile
from storage.serving import BYTES_TYPE, serve_file
from storage.source_reader import open_source

logger = logging.getLogger(__name__)

CONTENT_TYPE = "image/jpeg"
PER_USER = Throttle("covers", limit=30)


def cover_response(request: HttpRequest, export: Export) -> HttpResponseBase:
    """The export's cover as a download. Raises what `cover` raises."""
    name = f"{filenames.download_name(export).removesuffix('.mp4')}.jpg"
    key = cover(export)
    return serve_file(request, key, content_type=BYTES_TYPE, filename=name, attachment=True)


def cover(export: Export) -> str:
    """Return the storage key of the export's cover, which is made first if it is not stored yet.

    With a title, it is taken from the seconds in which the title is shown. Raises EXPORT_EXPIRED or
    EXPORT_NOT_COMPLETED without a file, EXPORT_NOT_FOUND once the video is gone, and THROTTLED as
    `framing_stills.framing_preview` does.
    """
    signed_urls.check_downloadable(export, at=database_now())
    if export.video_id is None:  # with which its stills are removed
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND)
    key = key_of(export)
    framing_stills.make_once(
        key, owner_id=export.owner_id, throttle=PER_USER, make=lambda: _make(export, key)
    )
    return key


def keep_cover(export: Export) -> None:
    """Make the cover of a finished export of a batch, so that the batch's ZIP holds it. What fails is logged only."""
    if export.batch_id is None or export.video_id is None or not export.file_key:
        return
    key = key_of(export)
    try:
        if files.size(key) is None:
            _make(export, key)
    except (HeimdexError, MediaError, OSError):
        logger.warning("the cover of an export could not be made", exc_info=True)


def stored_covers(exports: Iterable[Export]) -> dict[uuid.UUID, StoredFile]:
    """The covers of exports that are stored, by the export's id."""
    keys = {export.pk: key_of(export) for export in exports if export.video_id}
    folders = {f"{key.rpartition('/')[0]}/" for key in keys.values()}
    stored = {file.key: file for folder in folders for file in files.listing(folder)}
    return {pk: stored[key] for pk, key in keys.items() if key in stored}


def key_of(export: Export) -> str:
    """The storage key of the cover of an export that has a file."""
    return f"stills/{export.owner_id}/{export.video_id}/cover-{export.file_sha256[:32]}.jpg"


def _make(export: Export, key: str) -> None:
    """Write the picture that was chosen when the Short was verified; of an older one, the sharpest."""
    time_ms = export.receipt.get("cover_ms")
    with work_folder("still") as folder, open_source(export.file_key) as short:
        out = folder / "cover.jpg"
        if time_ms is not None:
            write_picture(short, time_ms, out=out)
        else:
            info, style = probe(short), ShortStyle.from_json(export.look)
            begins_ms, ends_ms = export.receipt.get("cut_ms") or (0, info.duration_ms)
            write_cover(short, info, out=out, span=cover_span(style, (begins_ms, ends_ms)))
        files.save_file(key, out, content_type=CONTENT_TYPE)
