"""The glossary of a person: names and words as they are to be written in what is heard."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Glossary(models.Model):
    """The terms of a person's library, the most important first; `videos.transcripts.glossary` writes them."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="glossary",
        verbose_name=_("owner"),
    )
    terms = models.JSONField(_("terms"), default=list)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("glossary")
        verbose_name_plural = _("glossaries")

    def __str__(self) -> str:
        return str(self.owner)
