"""What the dialog and the pages of presets share: the part of the form about looks, and a logo that came with it."""

import json
from typing import Any

from django.http import HttpRequest

from accounts.http import request_user
from core.errors import HeimdexError, media_code
from exports.captions import presets, styles
from exports.web.style_form import LookForm
from mediakit.captions.caption_style import PRESETS
from mediakit.errors import MediaError


def uploaded_logo(request: HttpRequest, form: LookForm) -> str | None:
    """Keep the logo that came with the form, if one did; raises LOGO_INVALID or LOGO_TOO_LARGE."""
    upload = form.cleaned_data.get("logo_file")
    if not upload:
        return None
    try:
        return presets.save_logo(request_user(request), upload.read())
    except MediaError as error:
        raise HeimdexError(media_code(error.code), {"fields": {"logo_file": []}}) from error


def look_context(form: LookForm) -> dict[str, Any]:
    """What the part of the dialog about looks needs."""
    chosen = str(form["captions"].value() or styles.OFF)
    built_in: list[dict[str, Any]] = []
    saved: list[dict[str, Any]] = []
    own = {str(row.pk) for row in form.saved}
    for value, label in form.fields["captions"].choices:  # type: ignore[attr-defined]
        card = {"value": value, "label": label, "checked": value == chosen}
        (saved if value in own else built_in).append(card)
    looks_by_name = {
        styles.OFF: styles.Look(),
        **{name: styles.Look(style) for name, style in PRESETS.items()},
        **{str(row.pk): styles.look_of(row) for row in form.saved},
    }
    shown = {
        name: {**(one.style.to_json() if one.style else {}), **one.overlays.to_json()}
        for name, one in looks_by_name.items()
    }
    return {"look": form, "looks": built_in, "saved_looks": saved, "look_styles": json.dumps(shown)}
