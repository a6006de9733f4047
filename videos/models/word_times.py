"""When the new words of a correction are said."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import JobAttempt
from videos.models.correction import Correction
from videos.models.side_job import SideJob, side_job_constraints
from videos.models.video import Video


class WordTimes(SideJob):
    """The times of a correction's words in the sound, and the job of finding them.

    `times` has [start_ms, end_ms] for each word of the correction's text; it is empty where the sound does not tell.
    Only `videos.corrections.word_times` and `jobs.lease` write `status`.
    """

    correction = models.OneToOneField(
        Correction, models.CASCADE, related_name="word_times", verbose_name=_("correction")
    )
    times = models.JSONField(_("times"), default=list, editable=False)

    class Meta(SideJob.Meta):
        verbose_name = _("times of corrected words")
        verbose_name_plural = _("times of corrected words")
        indexes = [
            models.Index(fields=["status", "heartbeat_at"], name="word_times_status_heartbeat")
        ]
        constraints = side_job_constraints(
            known="word_times_status_known", claimed="word_times_claimed_iff_processing"
        )

    def __str__(self) -> str:
        return str(self.correction_id)

    @property
    def video(self) -> Video:
        """The video of the correction."""
        return self.correction.video


class WordTimesAttempt(JobAttempt):
    """One attempt at finding the times of a correction's words."""

    job = models.ForeignKey(WordTimes, models.CASCADE, related_name="attempt_history")
