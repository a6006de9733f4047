"""Grants inside signed download links: each ties the link to its owner's session state or to one access token.

A grant is a short text inside a signed link, and is checked whenever the link is used. A session grant ends when the
owner logs out, changes the password or is deactivated; a token grant ends when the token is revoked.
"""

import re

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import AccessToken, User

_DIGEST_LENGTH = 24  # hex digits: 96 bits of a keyed hash
_SESSION = re.compile(r"s(\d{1,10})-([0-9a-f]{24})")
_TOKEN = re.compile(r"t(\d{1,18})")


def make_grant(user: User, *, token: AccessToken | None = None) -> str:
    """The grant for a new link: a token grant when the request came with a token, else a session grant."""
    if token is not None:
        return f"t{token.pk}"
    return f"s{user.link_epoch}-{_password_digest(user)}"


def is_grant_valid(grant: str, owner: User) -> bool:
    """Whether the grant is valid for this owner; False for malformed text and for another user's grant."""
    if not owner.is_active:
        return False
    if found := _SESSION.fullmatch(grant):
        same_password = constant_time_compare(found[2], _password_digest(owner))
        return int(found[1]) == owner.link_epoch and same_password
    if found := _TOKEN.fullmatch(grant):
        tokens = AccessToken.objects.valid(at=timezone.now())
        return tokens.filter(pk=int(found[1]), user_id=owner.pk).exists()
    return False


def _password_digest(user: User) -> str:
    """A keyed hash that changes with the password and does not reveal it."""
    return user.get_session_auth_hash()[:_DIGEST_LENGTH]
