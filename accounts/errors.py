"""Error codes of accounts."""

from django.utils.translation import gettext_lazy as _

from core.errors import ErrorCode


class AccountCode(ErrorCode):
    """Errors of signing in and up."""

    LOGIN_THROTTLED = 429, _("Too many wrong passwords. Wait %(minutes)s minutes, then try again.")
    SIGNUP_THROTTLED = 429, _("Too many new accounts from your address. Try again in an hour.")
    SIGNUP_CLOSED = 403, _("New accounts are made by an administrator on this installation.")
