"""Save, change and delete caption presets and uploaded logos."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import HeimdexError
from core.throttles import Throttle
from exports.captions.styles import (
    LOGO_CONTENT_TYPE,
    MAX_PRESETS,
    ShortStyle,
    check_logo,
    has_logo,
    invalid_field,
    logo_key,
    presets_for,
)
from exports.choices import ACTIVE, RETRYABLE
from exports.errors import ExportCode
from exports.finish import files as finish_files
from exports.finish.choice import FinishChoice
from exports.framing.options import parse_options
from exports.models import CaptionPreset, Export
from jobs.work_folders import work_folder
from mediakit.captions.caption_style import CaptionStyle, Overlays
from mediakit.captions.logo import make_logo
from storage import files

LOGOS_PER_USER = Throttle("logos", limit=50, window_s=24 * 3600)


@transaction.atomic
def save_preset(
    user: User,
    *,
    name: str,
    style: ShortStyle,
    is_default: bool = False,
    preset: CaptionPreset | None = None,
) -> CaptionPreset:
    """Save a style under a name, as a new preset or over `preset`. At most one preset of a user is the default.

    Raises INVALID_INPUT for a style without captions, PRESET_NAME_TAKEN, or PRESET_LIMIT.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if style.captions is None:
        raise invalid_field("captions")
    check_logo(user.pk, style.overlays.logo)
    saved = presets_for(user.pk)
    others = saved.exclude(pk=preset.pk) if preset else saved
    if others.filter(name=name).exists():
        raise HeimdexError(ExportCode.PRESET_NAME_TAKEN)
    if preset is None and saved.count() >= MAX_PRESETS:
        raise HeimdexError(ExportCode.PRESET_LIMIT, {"limit": MAX_PRESETS})
    preset = preset or CaptionPreset(owner=user)
    preset.name, preset.is_default = name, is_default
    # A title belongs to one Short, not to a preset.
    preset.style, preset.overlays = (
        style.captions.to_json(),
        {**style.overlays.to_json(), "hook": ""},
    )
    preset.finish = style.finish.to_json()
    preset.framing = style.framing.to_preset_json()
    if is_default:
        others.filter(is_default=True).update(is_default=False)
    try:
        preset.save()
    except IntegrityError as error:
        raise HeimdexError(ExportCode.PRESET_NAME_TAKEN) from error
    return preset


def delete_preset(preset: CaptionPreset) -> None:
    """Delete a preset. Exports made with it keep their own copy of the style."""
    preset.delete()


def changed_style(
    preset: CaptionPreset,
    style: Mapping[str, Any],
    overlays: Mapping[str, Any],
    finish: Mapping[str, Any],
    framing: Mapping[str, Any],
) -> ShortStyle:
    """Return a preset's style with some fields changed. Raises INVALID_INPUT that names the invalid field."""
    try:
        return ShortStyle(
            CaptionStyle.from_json({**preset.style, **style}),
            Overlays.from_json({**preset.overlays, **overlays}),
            finish_files.checked(
                preset.owner_id, FinishChoice.from_json({**preset.finish, **finish})
            ),
            parse_options({**preset.framing, **framing}).for_preset,
        )
    except (ValueError, TypeError) as error:
        raise invalid_field(str(error)) from error


def save_logo(user: User, data: bytes) -> str:
    """Re-encode an uploaded picture, store it, and return the name by which styles refer to it.

    Raises LOGO_INVALID or LOGO_TOO_LARGE (as mediakit's `InputError`), and THROTTLED for more than a user needs in
    a day. One that no preset and no export names is removed after a day.
    """
    LOGOS_PER_USER.check(user.pk)
    with work_folder("logo") as folder:
        made = make_logo(data, folder)
        logo = hashlib.sha256(made.read_bytes()).hexdigest()
        files.save_file(logo_key(user.pk, logo), made, content_type=LOGO_CONTENT_TYPE)
    return logo


@transaction.atomic
def delete_logo(user: User, logo: str) -> None:
    """Delete an uploaded logo. Presets that have it lose it, and a retry of an export goes on without it.

    Raises LOGO_NOT_FOUND, and LOGO_IN_USE while an export with it waits or runs.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # as requests of exports do
    if not re.fullmatch("[0-9a-f]{64}", logo) or not has_logo(user.pk, logo):
        raise HeimdexError(ExportCode.LOGO_NOT_FOUND)
    exports = Export.objects.filter(owner=user, look__overlays__logo=logo)
    if exports.filter(status__in=ACTIVE).exists():
        raise HeimdexError(ExportCode.LOGO_IN_USE)
    for preset in presets_for(user.pk).filter(overlays__logo=logo):
        preset.overlays = {**preset.overlays, "logo": ""}
        preset.save(update_fields=["overlays"])
    for export in exports.filter(status__in=RETRYABLE):
        style = ShortStyle.from_json(export.look)
        without = replace(style, overlays=replace(style.overlays, logo=""))
        Export.objects.filter(pk=export.pk).update(look=without.to_json())
    files.delete(logo_key(user.pk, logo))
