"""Transcripts as files to download."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpResponse

from core.errors import HeimdexError
from mediakit.subtitles import writers
from mediakit.text.transcript import Cue
from storage.serving import content_disposition
from videos.errors import VideoCode
from videos.models import Transcript
from videos.transcripts import rows as transcript_rows


@dataclass(frozen=True, slots=True)
class Kind:
    """A format to download: its content type, and what writes it."""

    content_type: str
    write: Callable[[Iterable[Cue]], str]


KINDS = {
    "txt": Kind("text/plain", writers.write_txt),
    "srt": Kind("application/x-subrip", writers.write_srt),
    "vtt": Kind("text/vtt", lambda cues: writers.write_vtt(cues, word_times=True)),
}


def transcript_file(transcript: Transcript, kind: str) -> HttpResponse:
    """Return one transcript, in use or not, as a file. TRANSCRIPT_NOT_FOUND for an unknown kind, NO_TRANSCRIPT while it
    has not been read.
    """
    if kind not in KINDS:
        raise HeimdexError(VideoCode.TRANSCRIPT_NOT_FOUND)
    cues = transcript_rows.timed_cues(transcript)
    if not cues:
        raise HeimdexError(VideoCode.NO_TRANSCRIPT)
    response = HttpResponse(
        KINDS[kind].write(cues), content_type=f"{KINDS[kind].content_type}; charset=utf-8"
    )
    response["Content-Disposition"] = content_disposition(
        file_name(transcript.video.title, kind, language=transcript.language), attachment=True
    )
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def file_name(title: str, kind: str, *, language: str = "") -> str:
    """Return the name of a downloaded transcript: `Talk.en.srt`."""
    return ".".join(part for part in (title[:100], language, kind) if part)
