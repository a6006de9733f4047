"""Controls of the pages, switched off."""

from collections.abc import Callable

from tests.mutants.patching import replace


def templates_do_not_escape() -> None:
    """Templates do not escape texts."""
    from django.template import base  # noqa: PLC0415 - Django must be set up

    replace(base, conditional_escape=str)


def nosniff_is_not_sent() -> None:
    """Answers have no nosniff header."""
    from django.conf import settings  # noqa: PLC0415

    replace(settings, SECURE_CONTENT_TYPE_NOSNIFF=False)


def inline_scripts_are_allowed() -> None:
    """The content security policy allows inline scripts."""
    from django.conf import settings  # noqa: PLC0415

    settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"].append("'unsafe-inline'")


def csrf_tokens_are_not_checked() -> None:
    """Requests need no CSRF token."""
    from django.middleware.csrf import CsrfViewMiddleware  # noqa: PLC0415

    replace(CsrfViewMiddleware, _check_token=lambda _self, _request: None)


def videos_are_not_filtered_by_owner() -> None:
    """Queries for videos do not filter by owner."""
    from videos.models import VideoQuerySet  # noqa: PLC0415

    replace(VideoQuerySet, visible_to=lambda self, _user: self.all())


def download_grants_never_end() -> None:
    """A download link works after its grant has ended."""
    from exports.downloads import signed_urls  # noqa: PLC0415

    replace(signed_urls, is_grant_valid=_true)


def host_names_are_not_checked() -> None:
    """Requests for other host names are answered."""
    from django.http import request  # noqa: PLC0415

    replace(request, validate_host=_true)


def sessions_keep_their_key() -> None:
    """A login keeps the earlier session key."""
    from django.contrib.sessions.backends.base import SessionBase  # noqa: PLC0415

    replace(SessionBase, cycle_key=lambda _self: None)


def next_urls_are_not_checked() -> None:
    """A login redirects to any URL in the address."""
    from django.contrib.auth import views  # noqa: PLC0415

    replace(views, url_has_allowed_host_and_scheme=_true)


def log_texts_are_not_escaped() -> None:
    """Texts are logged with their line breaks and control characters."""
    from heimdex.observability import logs  # noqa: PLC0415

    replace(logs, escape_to_one_line=str)


def log_secrets_are_not_redacted() -> None:
    """Signatures and tokens are logged."""
    from heimdex.observability import logs  # noqa: PLC0415

    replace(logs, redact_secrets=str)


def storage_has_no_quota() -> None:
    """A user may store any amount."""
    from videos.uploads import quota  # noqa: PLC0415

    replace(quota, check_room=lambda *_args, **_options: None)


def reading_tokens_write() -> None:
    """A token that may only read is accepted for every method."""
    from accounts.api import authentication  # noqa: PLC0415

    replace(authentication, SAFE_METHODS=("GET", "POST", "PUT", "PATCH", "DELETE"))


def closed_sign_up_is_open() -> None:
    """The service makes accounts where sign-up is closed."""
    from accounts import services  # noqa: PLC0415

    replace(services, check_signup_open=lambda: None)


def bodies_have_no_limit() -> None:
    """A request's body may have any size."""
    from heimdex.web import application  # noqa: PLC0415

    replace(application, body_limit=lambda _path: 2**62)


_true: Callable[..., bool] = lambda *_args, **_options: True  # noqa: E731
