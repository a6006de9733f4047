"""The Django app of the wiring: system checks, and commands that belong to no other app."""

from importlib import import_module

from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from heimdex.startup import retired_settings


class HeimdexConfig(AppConfig):
    """The app of `serve`, the system checks, health and metrics."""

    name = "heimdex"
    verbose_name = "Heimdex"

    def ready(self) -> None:
        """Register the Celery application, error codes, confinement, system checks, and the handlers of workers."""
        retired_settings.warn()
        count_limit = import_module("workers.registry").count_limit
        import_module("heimdex.startup.sandbox_setup").configure(on_limit=count_limit)
        import_module("heimdex.celery")  # tasks belong to it from their first import on
        import_module(settings.ERROR_CODES)
        import_module("heimdex.startup.checks")
        import_module("workers.signals")
        import_module("workers.heartbeat_file")


class LoginAttemptsConfig(AxesConfig):  # type: ignore[misc] # axes has no types
    """django-axes, under a name that operators know."""

    verbose_name = _("Login attempts")
