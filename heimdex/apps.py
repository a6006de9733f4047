"""The wiring's own app: system checks and commands that belong to no part of the product."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig

from heimdex import retired_settings


class HeimdexConfig(AppConfig):
    """Holds `serve`, the health checks and the template filters."""

    name = "heimdex"
    verbose_name = "Heimdex"

    def ready(self) -> None:
        """Make every error code known, confine children, register the checks and what a worker logs and writes."""
        retired_settings.warn()
        import_module("heimdex.sandbox_setup").configure()
        import_module(settings.ERROR_CODES)
        import_module("heimdex.checks")
        import_module("workers.signals")
        import_module("workers.heartbeat_file")


class StaticConfig(StaticFilesConfig):
    """Django's, without files that our pages never load.

    Types (`*.d.ts`) are for the checker of our scripts.
    django-htmx' extensions hold import statements in comments, which the rewriting of imports takes for real ones;
    our htmx lies in `static/vendor`.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.d.ts",
        "django_htmx",
        "drf_spectacular_sidecar/redoc",
        "redoc",
    ]
