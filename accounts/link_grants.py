"""What a link that needs no login rests on: somebody's being logged in, or one of their access tokens.

A grant is a short text inside a signed link. It is looked at whenever the link is used, and ends with what it rests on:
logging out, a new password or a switched-off account end the first kind, revoking the token ends the second.
"""

import re

from django.utils.crypto import constant_time_compare

from accounts.models import AccessToken, User

_DIGEST_LENGTH = 24  # hex digits: 96 bits of a keyed hash
_SESSION = re.compile(r"s(\d{1,10})-([0-9a-f]{24})")
_TOKEN = re.compile(r"t(\d{1,18})")


def grant_of(user: User, *, token: AccessToken | None = None) -> str:
    """The grant for a link that is made for a person now; by a script if it came with a token."""
    if token is not None:
        return f"t{token.pk}"
    return f"s{user.link_epoch}-{_password_digest(user)}"


def still_holds(grant: str, owner: User) -> bool:
    """Whether what the grant rests on is still there; False for what is no grant and for one of somebody else's."""
    if not owner.is_active:
        return False
    if found := _SESSION.fullmatch(grant):
        same_password = constant_time_compare(found[2], _password_digest(owner))
        return int(found[1]) == owner.link_epoch and same_password
    if found := _TOKEN.fullmatch(grant):
        return AccessToken.objects.filter(
            pk=int(found[1]), user_id=owner.pk, revoked_at=None
        ).exists()
    return False


def _password_digest(user: User) -> str:
    """Changes with the password, and tells nothing about it."""
    return user.get_session_auth_hash()[:_DIGEST_LENGTH]
