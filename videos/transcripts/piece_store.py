"""Keeps what speech recognition hears, piece by piece, so that a worker that takes over goes on from there."""

from dataclasses import replace

from django.db import transaction
from django.db.models.functions import Now

from core.errors import HeimdexError
from jobs import lease
from jobs.db_retry import retry_on_db_loss
from jobs.killpoints import reach
from jobs.lease import Claim
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.stored_words import words_from_json, words_to_json
from videos.choices import HEARING_STAGES, VideoStatus
from videos.errors import VideoCode
from videos.models import TranscriptPiece, Video
from videos.policy import storable


class PieceStore:
    """The pieces of a claimed video."""

    def __init__(self, claim: Claim[Video]) -> None:
        self._claim = claim

    def load(self) -> tuple[HeardPiece, ...]:
        """Return the pieces of this attempt and of earlier ones, in order."""
        rows = TranscriptPiece.objects.filter(video=self._claim.row).order_by("start_ms")
        return tuple(_piece(row) for row in rows)

    def add(self, piece: HeardPiece) -> bool:
        """Store a piece; returns whether to go on, which a person may have ended.

        Raises LeaseLostError, and then stores nothing, when another worker has the video.
        """
        goes_on = retry_on_db_loss(lambda: self._add(piece))
        reach("piece_after")
        return goes_on

    def _add(self, piece: HeardPiece) -> bool:
        words = [replace(word, text=storable(word.text)) for word in piece.words]
        values = {
            "end_ms": piece.end_ms,
            "language": piece.language[:16],
            "words": words_to_json(words),
            "estimated": [at for at, word in enumerate(words) if word.estimated],
        }
        with transaction.atomic():
            lease.write(self._claim, heard_ms=piece.end_ms, heartbeat_at=Now())
            # Stored already if only the database's answer to an earlier call was lost.
            TranscriptPiece.objects.update_or_create(
                video=self._claim.row, start_ms=piece.start_ms, defaults=values
            )
            return not Video.objects.filter(pk=self._claim.row.pk, hearing_stopped=True).exists()


def end_hearing(video: Video) -> Video:
    """End speech recognition with the piece that is being heard: what was heard becomes the transcript.

    NOT_HEARING when nothing is being heard.
    """
    active = Video.objects.filter(pk=video.pk, status=VideoStatus.PROCESSING)
    heard = active.filter(stage__in=HEARING_STAGES, heard_ms__isnull=False)
    if not heard.update(hearing_stopped=True, updated_at=Now()):
        raise HeimdexError(VideoCode.NOT_HEARING)
    video.refresh_from_db()
    return video


def _piece(row: TranscriptPiece) -> HeardPiece:
    estimated = set(row.estimated)
    words = tuple(
        replace(word, estimated=at in estimated)
        for at, word in enumerate(words_from_json(row.words, estimated=False))
    )
    return HeardPiece(row.start_ms, row.end_ms, row.language, words)
