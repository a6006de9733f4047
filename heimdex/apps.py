"""The wiring's own app: system checks and commands that belong to no part of the product."""

from django.apps import AppConfig


class HeimdexConfig(AppConfig):
    """Holds `serve`, the health checks and the template filters."""

    name = "heimdex"
    verbose_name = "Heimdex"
