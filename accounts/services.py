"""Operations on accounts: sign up, save a language, authenticate and revoke tokens."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse

from accounts.forms import NAME_TAKEN, SignupForm
from accounts.models import AccessToken, User, looks_taken, token_hash
from accounts.policy import check_signup_open
from jobs.advisory_lock import advisory_lock

LAST_USE_INTERVAL = timedelta(minutes=1)


def sign_up(form: SignupForm) -> User | None:
    """Create the account of a valid form; None, with an error in it, if its name was taken meanwhile.

    Raises SIGNUP_CLOSED where sign-up is closed. One name at a time is checked and saved.
    """
    check_signup_open()
    user: User = form.save(commit=False)
    with transaction.atomic():
        advisory_lock("sign-up")
        if not looks_taken(user.username):
            user.save()
            return user
    form.add_error("username", NAME_TAKEN)
    return None


def save_language(user: User | AnonymousUser, *, language: str) -> None:
    """Save a signed-in user's language; an unsupported one changes nothing."""
    if user.is_authenticated and language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk).update(language=language)


def set_language_cookie(response: HttpResponse, *, language: str) -> None:
    """Set the language cookie, which signed-out pages use too; an empty language deletes it."""
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


def authenticate_token(plain: str, *, at: datetime) -> AccessToken | None:
    """The token with its owner, or None when it is unknown, revoked or expired or the owner is inactive.

    The time of last use is written at most once per LAST_USE_INTERVAL, so that not every request writes.
    """
    rows = AccessToken.objects.select_related("user").order_by()
    found = list(rows.valid(at=at).filter(hash=token_hash(plain), user__is_active=True))
    if not found:
        return None
    token = found[0]
    stale_before = at - LAST_USE_INTERVAL
    if token.last_used_at is None or token.last_used_at <= stale_before:
        is_stale = Q(last_used_at=None) | Q(last_used_at__lte=stale_before)
        AccessToken.objects.filter(is_stale, pk=token.pk).update(last_used_at=at)
    return token


def request_deletion(user: User, *, at: datetime) -> None:
    """End a user's access at once; `exports.retention.users` deletes the user with everything of theirs soon after."""
    user.is_active = False
    user.delete_requested_at = at
    user.save(update_fields=["is_active", "delete_requested_at"])  # ends the download links


def revoke_token(user: User, token_id: int, *, at: datetime) -> bool:
    """Revoke one of the user's tokens; False when the user has no such token that is still valid."""
    rows = AccessToken.objects.filter(pk=token_id, user=user, revoked_at=None)
    return bool(rows.update(revoked_at=at))


def revoke_all_tokens(user: User, *, at: datetime) -> int:
    """Revoke every token of a user; returns how many were valid or expired until now."""
    return AccessToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
