"""The wiring's own app: system checks and commands that belong to no part of the product."""

from importlib import import_module

from django.apps import AppConfig


class HeimdexConfig(AppConfig):
    """Holds `serve`, the health checks and the template filters."""

    name = "heimdex"
    verbose_name = "Heimdex"

    def ready(self) -> None:
        """Register the system checks, and what a worker process does when it is told to stop."""
        import_module("heimdex.checks")
        import_module("heimdex.worker_signals")
