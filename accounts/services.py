"""What people and scripts do with accounts: make one, choose a language, make, use and revoke tokens."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import HttpResponse

from accounts.forms import SignupForm
from accounts.models import AccessToken, User, token_hash
from accounts.policy import check_signup_open

LAST_USE_EVERY = timedelta(minutes=1)


def sign_up(form: SignupForm) -> User:
    """The new account of a valid form. Raises SIGNUP_CLOSED where sign-up is closed."""
    check_signup_open()
    user: User = form.save()
    return user


def choose_language(user: User | AnonymousUser, *, language: str) -> None:
    """Store a signed-in person's language; one we do not speak changes nothing."""
    if user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


def remember_language(response: HttpResponse, *, language: str) -> None:
    """Keep a language for the signed-out pages too; an empty one forgets the choice."""
    if not language:
        response.delete_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            path=settings.LANGUAGE_COOKIE_PATH,
            domain=settings.LANGUAGE_COOKIE_DOMAIN,
        )
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def use_token(plain: str, *, at: datetime) -> AccessToken | None:
    """The token, with its owner, when it is not revoked and the owner's account is switched on; else None.

    The last use is written at most once a minute, so that a busy script does not write with every request.
    """
    rows = AccessToken.objects.select_related("user").order_by()
    known = list(rows.filter(hash=token_hash(plain), revoked_at=None, user__is_active=True))
    if not known:
        return None
    token = known[0]
    stale = at - LAST_USE_EVERY
    if token.last_used_at is None or token.last_used_at <= stale:
        unused = Q(last_used_at=None) | Q(last_used_at__lte=stale)
        AccessToken.objects.filter(unused, pk=token.pk).update(last_used_at=at)
    return token


def revoke_token(user: User, token_id: int, *, at: datetime) -> bool:
    """End one of a person's tokens; False when there is no such token of theirs that still works."""
    rows = AccessToken.objects.filter(pk=token_id, user=user, revoked_at=None)
    return bool(rows.update(revoked_at=at))
