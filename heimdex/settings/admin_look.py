"""How the admin looks: the product's name, mark and accent colour instead of the theme's own."""

from django.http import HttpRequest
from django.templatetags.static import static

# Lightness, chroma: the accent of the pages in the theme's steps, hue 266.
_ACCENT = {
    "50": "97.4% .013",
    "100": "94.4% .029",
    "200": "89.6% .058",
    "300": "81.8% .103",
    "400": "74.2% .131",
    "500": "58.5% .205",
    "600": "50% .221",
    "700": "43.2% .199",
    "800": "37.5% .163",
    "900": "33.8% .122",
    "950": "24.6% .08",
}


def _mark(_request: HttpRequest) -> str:
    return static("img/favicon.svg")


UNFOLD = {
    "SITE_TITLE": "Heimdex",
    "SITE_HEADER": "Heimdex",
    "SITE_ICON": _mark,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _mark}],
    "COLORS": {"primary": {step: f"oklch({value} 266)" for step, value in _ACCENT.items()}},
}
