"""Shared by the dialog and the preset views: the context of the style fields, and the uploaded logo."""

import json
from collections import defaultdict
from typing import Any

from django.http import HttpRequest

from accounts.http import request_user
from core.errors import HeimdexError, media_code
from exports.captions import presets, styles
from exports.receipts.script_labels import letters_with_scripts
from exports.web.forms.style import StyleForm
from mediakit.captions.caption_style import PRESETS
from mediakit.captions.letter_coverage import LetterCoverage, letter_coverage
from mediakit.conformance.rules import MAX_LETTERS_NAMED
from mediakit.errors import MediaError
from videos.models import Video


def uploaded_logo(request: HttpRequest, form: StyleForm) -> str | None:
    """Save the logo uploaded with the form and return its name; None without one.

    Raises LOGO_INVALID or LOGO_TOO_LARGE.
    """
    upload = form.cleaned_data.get("logo_file")
    if not upload:
        return None
    try:
        return presets.save_logo(request_user(request), upload.read())
    except MediaError as error:
        raise HeimdexError(media_code(error.code), {"fields": {"logo_file": []}}) from error


def missing_letters_context(
    video: Video, *, start_ms: int, end_ms: int, captions: str, title: str
) -> dict[str, Any]:
    """Return the template context that names the letters of captions and title that no font can draw."""
    cues = styles.cues_for(video, start_ms, end_ms) if captions not in {"", styles.OFF} else ()
    return {
        "caption_letters": letters_with_scripts(_missing(letter_coverage(cues))),
        "title_letters": letters_with_scripts(_missing(letter_coverage((), title))),
    }


def _missing(coverage: LetterCoverage) -> str:
    return coverage.missing_letters[:MAX_LETTERS_NAMED]


def style_context(form: StyleForm) -> dict[str, Any]:
    """Return the template context of the style fields.

    `style_values` is JSON: for each preset, by the value of its radio button, the values of its style's fields.
    """
    selected = str(form["captions"].value() or styles.OFF)
    built_in: list[dict[str, Any]] = []
    saved: list[dict[str, Any]] = []
    saved_ids = {str(row.pk) for row in form.saved}
    for value, label in form.fields["captions"].choices:  # type: ignore[attr-defined]
        card = {"value": value, "label": label, "checked": value == selected}
        (saved if value in saved_ids else built_in).append(card)
    style_by_value = {
        styles.OFF: styles.ShortStyle(),
        **{name: styles.ShortStyle(captions) for name, captions in PRESETS.items()},
        **{str(row.pk): styles.style_of_preset(row) for row in form.saved},
    }
    values = {
        value: {
            **(style.captions.to_json() if style.captions else {}),
            **style.overlays.to_json(),
            "framing": style.framing.to_preset_json(),
        }
        for value, style in style_by_value.items()
    }
    return {
        "style_form": form,
        "built_in_styles": built_in,
        "saved_styles": saved,
        "style_values": json.dumps(values),
        "saved_logos": _saved_logos(form),
    }


def _saved_logos(form: StyleForm) -> list[dict[str, str]]:
    """Return the logos of saved presets, each with the names of those that have it."""
    names: dict[str, list[str]] = defaultdict(list)
    for preset in form.saved:
        if logo := preset.overlays.get("logo"):
            names[logo].append(f"“{preset.name}”")
    return [{"name": logo, "presets": ", ".join(of)} for logo, of in names.items()]
