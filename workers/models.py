"""What worker processes say about themselves, for operators; no job depends on these rows."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WorkerProcess(models.Model):
    """A worker process that was seen within a day. It writes its row every JOB_SWEEP_S and removes it when it stops."""

    name = models.CharField(_("worker"), max_length=100, primary_key=True)
    queues = models.CharField(_("queues"), max_length=200)  # separated by spaces
    jobs_at_once = models.PositiveSmallIntegerField(_("jobs at once"), default=1)
    version = models.CharField(_("version"), max_length=32)
    ffmpeg = models.CharField(_("ffmpeg"), max_length=32, blank=True)
    work_free_bytes = models.PositiveBigIntegerField(_("free room (bytes)"), null=True)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    seen_at = models.DateTimeField(_("last sign of life"), db_default=Now())

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def queue_names(self) -> list[str]:
        """The queues whose jobs it takes."""
        return self.queues.split()


class ToolLimitCount(models.Model):
    """How often a tool was ended by a limit of the sandbox, or killed, in all processes since the tables were made."""

    tool = models.CharField(max_length=32)
    limit = models.CharField(max_length=16)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tool_limit_once", fields=["tool", "limit"]),
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.limit}: {self.count}"
