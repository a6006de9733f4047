"""The captions of an export as a file to download."""

from django.http import HttpResponse

from core.errors import CoreCode, HeimdexError
from exports.captions import styles
from exports.downloads import filenames
from exports.models import Export
from storage.serving import content_disposition

CONTENT_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt", "txt": "text/plain"}


def caption_file(export: Export, kind: str) -> HttpResponse:
    """Return the captions of the exported range as a download of `kind` "srt", "vtt" or "txt".

    Raises NOT_FOUND for another kind, and NO_CAPTIONS when the range has no speech.
    """
    if kind not in CONTENT_TYPES:
        raise HeimdexError(CoreCode.NOT_FOUND)
    response = HttpResponse(
        styles.caption_text(export, kind), content_type=f"{CONTENT_TYPES[kind]}; charset=utf-8"
    )
    name = f"{filenames.download_name(export).removesuffix('.mp4')}.{kind}"
    response.headers["Content-Disposition"] = content_disposition(name, attachment=True)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
