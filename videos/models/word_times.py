"""When the new words of a correction are said."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, JobAttempt
from videos.choices import WordTimesStatus
from videos.models.correction import Correction


class WordTimes(Job):
    """The times of a correction's words in the sound, and the job of finding them.

    `times` has [start_ms, end_ms] for each word of the correction's text; it is empty where the sound does not tell.
    Only `videos.corrections.word_times` and `jobs.lease` write `status`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    correction = models.OneToOneField(
        Correction, models.CASCADE, related_name="word_times", verbose_name=_("correction")
    )
    # The video's, for the fair order of jobs.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=WordTimesStatus,
        default=WordTimesStatus.PENDING,
        editable=False,
    )
    times = models.JSONField(_("times"), default=list, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("times of corrected words")
        verbose_name_plural = _("times of corrected words")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["status", "heartbeat_at"], name="word_times_status_heartbeat")
        ]
        constraints = [
            models.CheckConstraint(
                name="word_times_status_known", condition=Q(status__in=WordTimesStatus.values)
            ),
            models.CheckConstraint(
                name="word_times_claimed_iff_processing",
                condition=Q(status=WordTimesStatus.PROCESSING, claim_token__isnull=False)
                | (~Q(status=WordTimesStatus.PROCESSING) & Q(claim_token__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.correction_id)


class WordTimesAttempt(JobAttempt):
    """One attempt at finding the times of a correction's words."""

    job = models.ForeignKey(WordTimes, models.CASCADE, related_name="attempt_history")
