"""Pieces of a transcript that speech recognition has heard so far."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from videos.models.video import Video


class TranscriptPiece(models.Model):
    """What speech recognition heard in 10 to 30 seconds of a video, stored when it was heard.

    A worker that takes over goes on after the last piece. When the transcript is done, the pieces are deleted.
    `words` is what `mediakit.text.stored_words` reads; `estimated` holds the places in it of words whose times are
    estimated.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="pieces", verbose_name=_("video"))
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    language = models.CharField(_("language"), max_length=16, blank=True)
    words = models.JSONField(_("words"), default=list)
    estimated = models.JSONField(_("words with estimated times"), default=list)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("transcript piece")
        verbose_name_plural = _("transcript pieces")
        ordering = ["video", "start_ms"]
        constraints = [
            models.UniqueConstraint(name="piece_start_once", fields=["video", "start_ms"]),
            models.CheckConstraint(
                name="piece_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} {self.start_ms}"
