"""Users: accounts, access tokens, limits, language."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Connect the signal receivers."""
        import_module("accounts.signals")
