"""The Django app of the wiring: system checks, and commands that belong to no other app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig

from heimdex import retired_settings


class HeimdexConfig(AppConfig):
    """The app of `serve`, the system checks, health and metrics."""

    name = "heimdex"
    verbose_name = "Heimdex"

    def ready(self) -> None:
        """Register error codes, child confinement, system checks, and the log and heartbeat handlers of workers."""
        retired_settings.warn()
        import_module("heimdex.sandbox_setup").configure()
        import_module(settings.ERROR_CODES)
        import_module("heimdex.checks")
        import_module("workers.signals")
        import_module("workers.heartbeat_file")


class StaticConfig(StaticFilesConfig):
    """Django's static files app, without files that our pages never load.

    Type declarations (`*.d.ts`) are only for the type checker of our scripts. The extensions of django-htmx have
    import statements in comments, which the rewriting of imports would follow. Our htmx is in `static/vendor`.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.d.ts",
        "django_htmx",
        "drf_spectacular_sidecar/redoc",
        "redoc",
    ]
