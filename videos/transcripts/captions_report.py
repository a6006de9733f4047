"""The report of how a video's captions file was read, for its page and the API."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import formatting
from core.errors import HeimdexError, from_media
from mediakit.errors import InputError
from mediakit.subtitles.formats import CaptionsReading, read_captions
from mediakit.text.transcript import Cue
from storage import files as storage_files
from videos import policy
from videos.errors import CAPTIONS_REASONS, VideoCode
from videos.models import Video

FIRST_LINES = 3


def report_of(
    reading: CaptionsReading, cues: Sequence[Cue], *, shift_ms: int, duration_ms: int
) -> dict[str, Any]:
    """Return the report as JSON. `cues` are those of the reading, `shift_ms` earlier."""
    fault = next((fault for fault in reading.faults if not fault.clamped), None)
    return {
        "encoding": reading.encoding,
        "bad_characters": reading.bad_characters,
        "dropped": reading.dropped,
        "clamped": reading.clamped,
        "after_end": sum(cue.start_ms >= duration_ms for cue in cues),
        "shift_ms": shift_ms,
        "first_fault_line": fault.line if fault else None,
        "first_fault_reason": fault.reason if fault else "",
        "first_lines": first_lines(reading),
    }


def first_lines(reading: CaptionsReading) -> list[str]:
    """Return the text of the first cues or lines, by which a wrong encoding is seen."""
    first = (reading.cues or reading.lines)[:FIRST_LINES]
    return [" ".join(each.text.split())[:200] for each in first]


def preview_lines(video: Video, *, encoding: str) -> list[str]:
    """Return the first lines of the video's stored captions file, read in that encoding or a detected one.

    CAPTIONS_INVALID when nothing can be read so, NO_CAPTIONS_FILE without a file, STORAGE_* when storage fails.
    """
    if not video.captions_key:
        raise HeimdexError(VideoCode.NO_CAPTIONS_FILE)
    data = storage_files.read_bytes(video.captions_key, limit=settings.CAPTIONS_MAX_BYTES)
    try:
        reading = read_captions(
            data,
            filename=video.captions_filename,
            language=video.language_wanted,
            encoding=policy.clean_encoding(encoding),
            untimed=True,
        )
    except InputError as error:
        raise from_media(error) from error
    return first_lines(reading)


def report_sentences(report: dict[str, Any]) -> list[str]:
    """Return what the reader of a video's page should know about its captions file; empty if all was read."""
    bad, dropped, clamped = (report.get(k, 0) for k in ("bad_characters", "dropped", "clamped"))
    after, shift_ms = report.get("after_end", 0), report.get("shift_ms", 0)
    return [
        sentence
        for count, sentence in (
            (bad, _bad_characters(bad)),
            (dropped, _dropped(dropped, report)),
            (clamped, _clamped(clamped)),
            (after, _after_end(after)),
            (shift_ms, _shifted(shift_ms)),
        )
        if count
    ]


def _bad_characters(count: int) -> str:
    return ngettext(
        "%(count)s character could not be read and was left out.",
        "%(count)s characters could not be read and were left out.",
        count,
    ) % {"count": count}


def _dropped(count: int, report: dict[str, Any]) -> str:
    reason = report.get("first_fault_reason", "")
    words = {
        "count": count,
        "line": report.get("first_fault_line"),
        "reason": str(CAPTIONS_REASONS.get(reason, reason)),
    }
    return (
        ngettext(
            "%(count)s caption was left out (line %(line)s: %(reason)s).",
            "%(count)s captions were left out (the first in line %(line)s: %(reason)s).",
            count,
        )
        % words
    )


def _clamped(count: int) -> str:
    return ngettext(
        "%(count)s caption began before the video and was shortened.",
        "%(count)s captions began before the video and were shortened.",
        count,
    ) % {"count": count}


def _after_end(count: int) -> str:
    return ngettext(
        "%(count)s caption comes after the end of the video and was left out.",
        "%(count)s captions come after the end of the video and were left out.",
        count,
    ) % {"count": count}


def _shifted(shift_ms: int) -> str:
    clock = formatting.duration(shift_ms)
    return _("The file's clock starts at %(clock)s: all captions were moved earlier by that.") % {
        "clock": clock
    }
