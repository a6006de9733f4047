"""The speech and face models of the machines of this installation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from mediakit.model_store.catalog import MODELS, REGISTRY_LABEL
from videos.choices import ModelStatus

SOURCE_LABELS = {REGISTRY_LABEL: _("the Python package registry")}


class MachineModel(models.Model):
    """What one machine last said about a speech or face model in its data folder.

    Pages and the admin read these rows, never a disk: the model is on the machine of a worker.
    """

    machine = models.CharField(_("machine"), max_length=100)
    name = models.CharField(_("model"), max_length=32)
    status = models.CharField(_("status"), max_length=16, choices=ModelStatus)
    source = models.CharField(_("source"), max_length=100, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    done_bytes = models.PositiveBigIntegerField(_("received (bytes)"), default=0)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    error = models.CharField(_("why not"), max_length=500, blank=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["name", "machine"]
        constraints = [
            models.UniqueConstraint(name="model_once_a_machine", fields=["machine", "name"])
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.machine})"

    @property
    def title(self) -> str:
        """The model's title, which no one translates."""
        return MODELS[self.name].title if self.name in MODELS else self.name

    @property
    def source_text(self) -> str:
        """Where it comes from, in the reader's language; addresses are the same in all."""
        return str(SOURCE_LABELS.get(self.source, self.source))

    @property
    def percent(self) -> int:
        """How much of it is there, 0 to 100."""
        return min(100, self.done_bytes * 100 // max(1, self.size_bytes))
