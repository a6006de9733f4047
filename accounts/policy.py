"""What people may do with accounts: return, or raise."""

from django.conf import settings

from core.errors import HeimdexError


def check_signup_open() -> None:
    """Refuse with SIGNUP_CLOSED where an administrator makes the accounts."""
    if not settings.SIGNUP_OPEN:
        raise HeimdexError("SIGNUP_CLOSED")
