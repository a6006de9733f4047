"""The demo account: its password is made once and kept beside the data, so that every start can show it."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from accounts.models import User

USERNAME = "demo"


def make() -> User:
    """The demo account, made when it is not there."""
    user, new = User.objects.get_or_create(username=USERNAME)
    if new:
        plain = secrets.token_urlsafe(9)
        handle = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(plain)
        user.set_password(plain)
        user.save(update_fields=["password"])
    return user


def password() -> str:
    """The demo account's password; empty when there is no such account or its password was changed."""
    user = User.objects.filter(username=USERNAME, is_active=True).first()
    try:
        plain = _file().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""
    return plain if user is not None and user.check_password(plain) else ""


def _file() -> Path:
    return Path(settings.DATA_DIR) / "demo-password"
