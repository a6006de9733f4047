"""The Django app of the worker processes."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkersConfig(AppConfig):
    """The tables of workers."""

    name = "workers"
    verbose_name = _("Workers")
    default_auto_field = "django.db.models.BigAutoField"
