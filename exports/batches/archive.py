"""A batch as one ZIP: its Shorts, their captions and covers, and a manifest as JSON and CSV."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.errors import HeimdexError
from exports.batches.naming import archive_name, file_names
from exports.batches.queries import with_files
from exports.captions import styles
from exports.errors import ExportCode
from exports.models import Batch, Export
from exports.post_texts import post_texts
from exports.previews.covers import stored_covers
from mediakit.suggestions.post_text import PostText
from storage.archive import Member, serve_archive

# The columns of the manifest's CSV, in this order.
COLUMNS = (
    *(
        "number",
        "file",
        "cover",
        "status",
        "title",
        "video",
        "start_s",
        "end_s",
        "duration_s",
        "ratio",
    ),
    *("description", "hashtags", "size_bytes", "sha256", "rules_broken", "error"),
)


def archive_response(request: HttpRequest, batch: Batch, *, at: datetime) -> HttpResponseBase:
    """Return the batch's finished Shorts as one download. EXPORT_NOT_COMPLETED while none has a file.

    What failed, or has no file any more, is in the manifest only.
    """
    exports = list(batch.exports.filter(deleted_at=None).order_by("batch_number"))
    ready = with_files(exports, at=at)
    if not ready:
        raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED)
    names = dict(zip((e.pk for e in ready), file_names(batch.name_template, ready), strict=True))
    posts = post_texts(exports)
    covers = stored_covers(ready)
    pictures = {pk: f"{names[pk]}.jpg" for pk in covers}
    entries = [
        _entry(e, names.get(e.pk, ""), posts[e.pk], cover=pictures.get(e.pk, "")) for e in exports
    ]
    texts = {"manifest.json": _json(batch, entries), "manifest.csv": _csv(entries)}
    for export in ready:
        if export.caption_cues:
            texts[f"{names[export.pk]}.srt"] = styles.caption_text(export, "srt")
    members = [
        Member(f"{names[export.pk]}.mp4", export.file_key, export.file_size_bytes or 0)
        for export in ready
    ]
    members += [
        Member(pictures[pk], picture.key, picture.size_bytes) for pk, picture in covers.items()
    ]
    return serve_archive(request, members, texts, filename=archive_name(batch.title))


def _entry(export: Export, name: str, post: PostText, *, cover: str) -> dict[str, Any]:
    return {
        "number": export.batch_number,
        "file": f"{name}.mp4" if name else "",
        "cover": cover,
        "export_id": str(export.pk),
        "status": export.status,
        "title": export.title,
        "description": post.description,
        "hashtags": list(post.hashtags),
        "video": export.video_title,
        "ranges": [
            {"start_s": low / 1000, "end_s": high / 1000} for low, high in export.kept_ranges
        ],
        "start_s": export.start_ms / 1000,
        "end_s": export.end_ms / 1000,
        "duration_s": (export.duration_ms or 0) / 1000,
        "ratio": export.aspect_ratio,
        "size_bytes": export.file_size_bytes or 0,
        "sha256": export.file_sha256,
        "rules_broken": [r["name"] for r in export.receipt.get("rules", ()) if not r["ok"]],
        "error": export.error_code,
        "receipt": export.receipt,
    }


def _json(batch: Batch, entries: Sequence[dict[str, Any]]) -> str:
    manifest = {"batch_id": str(batch.pk), "title": batch.title, "files": entries}
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _csv(entries: Sequence[dict[str, Any]]) -> str:
    target = io.StringIO()
    rows = csv.DictWriter(target, COLUMNS, extrasaction="ignore")
    rows.writeheader()
    for entry in entries:
        rows.writerow({name: _cell(entry[name]) for name in COLUMNS})
    return target.getvalue()


def _cell(value: Any) -> Any:
    """A cell's value: lists as words, and no text that a spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = " ".join(value) if isinstance(value, list) else value
    return f"'{text}" if isinstance(text, str) and text[:1] in {"=", "+", "-", "@"} else text
