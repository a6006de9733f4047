"""The words of an export as a file to download."""

from django.http import HttpResponse

from core.errors import CoreCode, HeimdexError
from exports import filenames
from exports.captions import styles
from exports.models import Export
from storage.serving import content_disposition

TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "txt": "text/plain"}


def caption_file(export: Export, kind: str) -> HttpResponse:
    """What is said in exactly the exported range, as SRT, VTT or text; NOT_FOUND or NO_CAPTIONS."""
    if kind not in TYPES:
        raise HeimdexError(CoreCode.NOT_FOUND)
    answer = HttpResponse(
        styles.caption_text(export, kind), content_type=f"{TYPES[kind]}; charset=utf-8"
    )
    name = f"{filenames.download_name(export).removesuffix('.mp4')}.{kind}"
    answer.headers["Content-Disposition"] = content_disposition(name, attachment=True)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
