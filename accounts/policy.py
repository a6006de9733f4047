"""Permissions of accounts: each function returns or raises, or is a limit on attempts."""

from django.conf import settings

from accounts.errors import AccountCode
from core.errors import HeimdexError
from core.throttles import Throttle


def check_signup_open() -> None:
    """Raise SIGNUP_CLOSED where only administrators create accounts."""
    if not settings.SIGNUP_OPEN:
        raise HeimdexError(AccountCode.SIGNUP_CLOSED)


def failed_logins() -> Throttle:
    """The failed logins of one address over all user names; django-axes counts those of one name."""
    limit = 10 * settings.AXES_FAILURE_LIMIT
    return Throttle("failed-logins", limit=limit, window_s=_cooloff_s())


def password_entries() -> Throttle:
    """The password entries of a signed-in user, right or wrong, so that a stolen session cannot guess the password."""
    return Throttle("password-entries", limit=settings.AXES_FAILURE_LIMIT, window_s=_cooloff_s())


def signups() -> Throttle:
    """The new accounts of one address."""
    return Throttle("signups", limit=settings.SIGNUPS_PER_HOUR, window_s=3600)


def password_resets() -> Throttle:
    """The links for forgotten passwords that one address asks for."""
    return Throttle("password-resets", limit=settings.SIGNUPS_PER_HOUR, window_s=3600)


def _cooloff_s() -> int:
    return int(settings.AXES_COOLOFF_TIME * 3600)
