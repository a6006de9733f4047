"""What is written on screen in a video, and the job of reading it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jobs.models import JobAttempt
from videos.models.side_job import SideJob, side_job_constraints
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


class ScreenReading(SideJob):
    """The job of reading the text on screen in a video, once. Only `videos.screen_text.rows` and `jobs.lease` write it.

    `reader` says what read it; it is empty while no machine had the models for it.
    """

    video = models.OneToOneField(
        Video, models.CASCADE, related_name="screen_reading", verbose_name=_("video")
    )
    reader = models.CharField(_("read by"), max_length=40, blank=True, editable=False)

    class Meta(SideJob.Meta):
        verbose_name = _("reading of text on screen")
        verbose_name_plural = _("readings of text on screen")
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="screen_reading_status")]
        constraints = side_job_constraints(
            known="screen_reading_status_known", claimed="screen_reading_claimed_iff"
        )


class ScreenReadingAttempt(JobAttempt):
    """One attempt at reading the text on screen in a video."""

    job = models.ForeignKey(ScreenReading, models.CASCADE, related_name="attempt_history")
