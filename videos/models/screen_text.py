"""What is written on screen in a video, and the job of reading it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, JobAttempt
from videos.choices import ScreenReadingStatus
from videos.models.video import Video


class ScreenText(models.Model):
    """Lines of text that appear on screen together and stand there, like a cue: `mediakit.screen_text.reading`.

    Lines are divided by line breaks. They are read again with the video's file, never changed.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="screen_texts", verbose_name=_("video")
    )
    index = models.PositiveIntegerField(_("number"))
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    text = models.TextField(_("text"))
    confidence = models.FloatField(_("confidence"))

    class Meta:
        verbose_name = _("text on screen")
        verbose_name_plural = _("texts on screen")
        ordering = ["video", "index"]
        constraints = [
            models.UniqueConstraint(name="screen_text_index_once", fields=["video", "index"]),
            models.CheckConstraint(
                name="screen_text_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ScreenReading(Job):
    """The job of reading the text on screen in a video, once. Only `videos.screen_text.rows` and `jobs.lease` write it.

    `reader` says what read it; it is empty while no machine had the models for it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.OneToOneField(
        Video, models.CASCADE, related_name="screen_reading", verbose_name=_("video")
    )
    # The video's, for the fair order of jobs.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ScreenReadingStatus,
        default=ScreenReadingStatus.PENDING,
        editable=False,
    )
    reader = models.CharField(_("read by"), max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("reading of text on screen")
        verbose_name_plural = _("readings of text on screen")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="screen_reading_status")]
        constraints = [
            models.CheckConstraint(
                name="screen_reading_status_known",
                condition=Q(status__in=ScreenReadingStatus.values),
            ),
            models.CheckConstraint(
                name="screen_reading_claimed_iff",
                condition=Q(status=ScreenReadingStatus.PROCESSING, claim_token__isnull=False)
                | (~Q(status=ScreenReadingStatus.PROCESSING) & Q(claim_token__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The video's title."""
        return self.video.title

    @property
    def stage_text(self) -> str:
        """Empty: it is made in one stage."""
        return ""

    @property
    def is_active(self) -> bool:
        """Whether it is pending or being read."""
        return self.status in {ScreenReadingStatus.PENDING, ScreenReadingStatus.PROCESSING}


class ScreenReadingAttempt(JobAttempt):
    """One attempt at reading the text on screen in a video."""

    job = models.ForeignKey(ScreenReading, models.CASCADE, related_name="attempt_history")
