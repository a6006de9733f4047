"""The times of words that a correction put in: asked for with it, found in the sound later. Only this module (besides
`jobs.lease`) writes their `status`.

pending -> processing -> completed | failed
"""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models.functions import Now

from jobs import lease
from jobs.lease import Claim
from mediakit.text.corrections import Replacement, has_new_words
from mediakit.text.transcript import estimate_words
from videos.choices import ACTIVE_SIDE_JOB, SideJobStatus
from videos.corrections.placed import CorrectedLines
from videos.models import Correction, Cue, Video, WordTimes

MAX_SHOWN = 100  # lines of which a page is told at once


def ask_for_times(lines: CorrectedLines) -> None:
    """Queue the corrections that show words without times of their own, once each; in the transaction that made them.

    The sweep sends the message that the rows lack.
    """
    if settings.SPEECH_MODEL == "none":
        return
    asked = WordTimes.objects.filter(correction__video=lines.video)
    known = set(asked.values_list("correction_id", flat=True))
    wanted = {
        row.pk: row
        for index, placed in lines.placed.items()
        for replacement, row in placed.items()
        if row.pk not in known and _is_new(lines, index, replacement)
    }
    WordTimes.objects.bulk_create(
        WordTimes(correction=row, owner_id=lines.video.owner_id, queued_at=Now())
        for row in wanted.values()
    )


def _is_new(lines: CorrectedLines, index: int, replacement: Replacement) -> bool:
    """Whether a replacement has words without times in a line whose other words were timed."""
    words = estimate_words(lines.uncorrected[index]).words
    old = words[replacement.first : replacement.first + replacement.count]
    return bool(old) and not old[0].estimated and has_new_words(old, replacement.text)


def lines_of(lines: CorrectedLines, correction: Correction) -> list[int]:
    """The indexes of the lines that show a correction; none while a later one includes it, or without its words."""
    return sorted(index for index, placed in lines.placed.items() if correction in placed.values())


def finish(claim: Claim[WordTimes], times: Sequence[tuple[int, int]]) -> None:
    """Save the times of a claimed row; the caller's transaction writes the lines. LeaseLostError changes nothing."""
    lease.write(
        claim,
        status=SideJobStatus.COMPLETED,
        claim_token=None,
        progress=100,
        times=[list(each) for each in times],
    )


def drop(claim: Claim[WordTimes]) -> None:
    """Forget a claimed row: its correction does not show. It is asked for again when the correction does."""
    WordTimes.objects.filter(pk=claim.row.pk, claim_token=claim.token).delete()


def waiting_lines(video: Video) -> list[int]:
    """The indexes of the first MAX_SHOWN lines whose new words wait for their times."""
    rows = WordTimes.objects.filter(
        correction__video=video, correction__superseded_by=None, status__in=ACTIVE_SIDE_JOB
    )
    starts = rows.order_by("correction__start_ms").values_list("correction__start_ms", flat=True)
    return list(_indexes_at(video, starts[:MAX_SHOWN]))


def _indexes_at(video: Video, starts: Iterable[int]) -> Iterable[int]:
    """The index of the line at each of some moments in ms."""
    cues = Cue.objects.filter(video=video).order_by("-start_ms", "-index")
    found = {cues.filter(start_ms__lte=at).values_list("index", flat=True).first() for at in starts}
    return sorted(index for index in found if index is not None)
