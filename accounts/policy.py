"""Permissions of accounts: each function returns or raises."""

from django.conf import settings

from accounts.errors import AccountCode
from core.errors import HeimdexError


def check_signup_open() -> None:
    """Raise SIGNUP_CLOSED where only administrators create accounts."""
    if not settings.SIGNUP_OPEN:
        raise HeimdexError(AccountCode.SIGNUP_CLOSED)
