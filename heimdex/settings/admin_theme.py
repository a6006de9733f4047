"""The admin theme: the product's name, mark and accent colour, and nothing inline that a strict policy forbids."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static


def _mark(_request: HttpRequest) -> str:
    return static("img/favicon.svg")


def _sheet(_request: HttpRequest) -> str:
    return static("css/admin.css")


def _fonts(_request: HttpRequest) -> str:
    return static("css/fonts.css")  # the theme's own font has no Hangul


def _script(_request: HttpRequest) -> str:
    return static("js/admin/admin.js")


def _no_inline_colours(_request: HttpRequest) -> dict[str, Any]:
    return {}  # css/admin.css has them


UNFOLD = {
    "SITE_TITLE": "Heimdex",
    "SITE_HEADER": "Heimdex",
    "SITE_ICON": _mark,
    "ENVIRONMENT": "heimdex.startup.sandbox_setup.admin_notice",
    "DASHBOARD_CALLBACK": "heimdex.observability.front_page.dashboard",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    "COLORS": _no_inline_colours,
    "STYLES": [_fonts, _sheet],
    "SCRIPTS": [_script],
}
