"""Controls of the pages, switched off."""

from collections.abc import Callable
from typing import Any


def nothing_is_escaped() -> None:
    """Templates write texts as they are."""
    from django.template import base  # noqa: PLC0415 - Django must be set up

    _replace(base, "conditional_escape", str)


def browsers_may_guess() -> None:
    """No answer says nosniff."""
    from django.conf import settings  # noqa: PLC0415

    _replace(settings, "SECURE_CONTENT_TYPE_NOSNIFF", False)


def inline_scripts_run() -> None:
    """The content policy lets inline scripts run."""
    from django.conf import settings  # noqa: PLC0415

    settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"].append("'unsafe-inline'")


def a_cookie_is_enough() -> None:
    """Requests need no CSRF token."""
    from django.middleware.csrf import CsrfViewMiddleware  # noqa: PLC0415

    _replace(CsrfViewMiddleware, "_check_token", lambda _self, _request: None)


def everybody_sees_everything() -> None:
    """Queries for videos do not filter by owner."""
    from videos.models import VideoQuerySet  # noqa: PLC0415

    _replace(VideoQuerySet, "visible_to", lambda self, _user: self.all())


def links_outlive_what_they_rest_on() -> None:
    """A download link works whatever became of its owner's right."""
    from exports import signed_urls  # noqa: PLC0415

    _replace(signed_urls, "is_grant_valid", _true)


def any_host_name_will_do() -> None:
    """Requests for other host names are answered."""
    from django.http import request  # noqa: PLC0415

    _replace(request, "validate_host", _true)


def sessions_keep_their_key() -> None:
    """Logging in goes on under the key that was there before."""
    from django.contrib.sessions.backends.base import SessionBase  # noqa: PLC0415

    _replace(SessionBase, "cycle_key", lambda _self: None)


def next_leads_anywhere() -> None:
    """After a login people are sent wherever the address says."""
    from django.contrib.auth import views  # noqa: PLC0415

    _replace(views, "url_has_allowed_host_and_scheme", _true)


def logs_quote_as_it_comes() -> None:
    """Texts are logged with their line ends and control characters."""
    from heimdex import logs  # noqa: PLC0415

    _replace(logs, "escape_to_one_line", str)


def logs_keep_secrets() -> None:
    """Signatures and tokens are logged."""
    from heimdex import logs  # noqa: PLC0415

    _replace(logs, "redact_secrets", str)


_true: Callable[..., bool] = lambda *_args, **_options: True  # noqa: E731


def _replace(where: Any, name: str, value: Any) -> None:
    if not hasattr(where, name):
        raise AttributeError(f"{where!r} has no {name}: the mutant changes nothing")
    setattr(where, name, value)
