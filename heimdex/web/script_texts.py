"""The texts of the pages' scripts in a language, as a script that a browser keeps until they change."""

import hashlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class ScriptTexts:
    """Django's catalogue for scripts (`gettext` and others), and a version that changes with it."""

    script: bytes
    version: str


@cache
def script_texts(language: str) -> ScriptTexts:
    """The texts in one of the product's languages."""
    request = HttpRequest()
    request.method = "GET"
    with translation.override(language):
        response = JavaScriptCatalog.as_view()(request)
    assert isinstance(response, HttpResponse)  # noqa: S101 - it streams nothing
    return ScriptTexts(
        response.content, hashlib.blake2s(response.content, digest_size=6).hexdigest()
    )


@require_safe
def script_catalog(request: HttpRequest) -> HttpResponse:
    """The texts in `?language=`, else the reader's. With their version in `?v=` a browser may keep them for a year."""
    asked = request.GET.get("language", "")
    is_known = asked in dict(settings.LANGUAGES)
    texts = script_texts(asked if is_known else translation.get_language() or "en")
    response = HttpResponse(texts.script, content_type='text/javascript; charset="utf-8"')
    if is_known and request.GET.get("v") == texts.version:
        response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response
