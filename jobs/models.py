"""The columns of a row that is also a job: its claim, its progress and its error."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.errors import text_for


class Job(models.Model):
    """A row that is processed in the background.

    The row is the job; a queue message only says that there is work. Only `jobs.lease` and an app's `lifecycle` write
    these columns. `claim_token` is the fencing token: it is set exactly while a worker holds the row, and every write
    of the worker requires that it is unchanged.
    """

    status: "models.CharField[str, str]"  # each app declares it, with its own choices

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
