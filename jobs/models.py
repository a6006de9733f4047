"""The columns of a row that is also a job (its claim, its progress and its error), and of one attempt at it."""

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.errors import text_for


class Job(models.Model):
    """A row that is processed in the background.

    The row is the job; a queue message only says that there is work. Only `jobs.lease` and an app's `lifecycle` write
    these columns. `claim_token` is the fencing token: it is set exactly while a worker holds the row, and every write
    of the worker requires that it is unchanged.
    """

    status: "models.CharField[str, str]"  # each app declares it, with its own choices
    attempt_history: Any  # and a model of its own for attempts, related by this name

    stage = models.CharField(_("stage"), max_length=24, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress (percent)"), default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    claim_token = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, editable=False)
    queued_at = models.DateTimeField(_("queued at"), null=True, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    error_code = models.CharField(_("error code"), max_length=48, blank=True, editable=False)
    error_params = models.JSONField(_("error details"), default=dict, blank=True, editable=False)
    tool_output = models.TextField(_("the tool's last lines"), blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_put_back(self) -> bool:
        """Whether it waits again: a worker had begun with it and handed it back, or was lost."""
        return self.status == "pending" and self.started_at is not None

    @property
    def error_message(self) -> str:
        """Why it failed, in the reader's language, at most 500 characters; empty when it did not."""
        return text_for(self.error_code, self.error_params)[:500] if self.error_code else ""


class AttemptOutcome(models.TextChoices):
    """How an attempt ended."""

    RUNNING = "running", _("Running")
    COMPLETED = "completed", _("Completed")
    RETRIED = "retried", _("Failed, tried again")
    FAILED = "failed", _("Failed")
    HANDED_BACK = "handed_back", _("Handed back, the worker stopped")
    LOST = "lost", _("Worker lost")
    CANCELLED = "cancelled", _("Cancelled")


class JobAttempt(models.Model):
    """One attempt at a job; only `jobs.attempts` writes it. Each app adds `job`, the foreign key to its own rows."""

    id = models.UUIDField(primary_key=True, editable=False)  # the claim token
    number = models.PositiveSmallIntegerField(_("attempt"))
    worker = models.CharField(_("worker"), max_length=100)
    outcome = models.CharField(
        _("outcome"), max_length=16, choices=AttemptOutcome, default=AttemptOutcome.RUNNING
    )
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    ended_at = models.DateTimeField(_("ended at"), null=True)
    stage = models.CharField(_("stage"), max_length=24, blank=True)
    error_code = models.CharField(_("error code"), max_length=48, blank=True)
    error_params = models.JSONField(_("error details"), default=dict, blank=True)
    tool_output = models.TextField(_("the tool's last lines"), blank=True)

    class Meta:
        abstract = True
        ordering = ["-started_at"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [
            # The failures of the last hours, and no row besides.
            models.Index(
                fields=["-ended_at"],
                condition=models.Q(outcome=AttemptOutcome.FAILED),
                name="%(class)s_failed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}, {self.worker}"

    @property
    def error_message(self) -> str:
        """Why it ended, in the reader's language, at most 500 characters; empty without an error."""
        return text_for(self.error_code, self.error_params)[:500] if self.error_code else ""
