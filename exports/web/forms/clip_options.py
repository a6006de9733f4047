"""A clip's options in the export dialog: what the form opens with, and what is kept of it on the clip."""

import json
from typing import Any

from core.errors import HeimdexError
from exports.captions.styles import ShortStyle, resolve_style, without_missing_files
from exports.framing import options as framing_options
from exports.web.forms.export import ExportForm
from exports.web.forms.style import StyleForm
from videos.models import Clip

_FIELDS = {
    "strategy": "aspect_ratio_strategy",
    "quality": "output_quality",
    "audio_track": "audio_track",
    "reduce_noise": "reduce_noise",
}
_STYLE_FIELDS = ("captions", "caption_style", "overlays", "finish")


def initial_values(clip: Clip) -> dict[str, Any]:
    """The export form's initial values; a field without an option of the clip is left out."""
    options = clip.options
    values = {field: options[name] for field, name in _FIELDS.items() if name in options}
    if "aspect_ratio" in options:
        values["aspect_ratios"] = [options["aspect_ratio"]]
    if "framing" in options:
        values["framing"] = framing_options.parse_options(options["framing"]).to_request_json()
    return values


def chosen_style(owner_id: int, clip: Clip) -> ShortStyle | None:
    """The clip's caption style and overlays; None when it has none, or when its preset is gone."""
    captions, style, overlays, finish = (clip.options.get(name) for name in _STYLE_FIELDS)
    if captions is None and not style and not overlays and not finish:
        return None
    try:
        found = resolve_style(owner_id, captions, style=style, overlays=overlays, finish=finish)
    except HeimdexError:
        return None
    return without_missing_files(owner_id, found)


def options_of(form: ExportForm, style_form: StyleForm, *, logo: str | None) -> dict[str, Any]:
    """What valid forms ask for, as the options of a clip. `logo` names a logo that was uploaded with them."""
    given = form.cleaned_data
    options = {name: given[field] for field, name in _FIELDS.items()}
    options["aspect_ratio"] = given["aspect_ratios"][0]
    options["framing"] = json.loads(given["framing"] or "null")
    options |= style_form.to_request(logo=logo)
    return {name: value for name, value in options.items() if value not in (None, {})}
