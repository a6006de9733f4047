"""What people do with saved presets: keep, change, delete; and the logos that presets show."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from core.errors import HeimdexError
from exports.captions.styles import (
    LOGO_TYPE,
    MOST_PRESETS,
    Look,
    check_logo,
    logo_key,
    presets_of,
    refused,
)
from exports.errors import ExportCode
from exports.models import CaptionPreset
from jobs.work_folders import work_folder
from mediakit.captions.caption_style import CaptionStyle, Overlays
from mediakit.captions.logo import make_logo
from storage import files


@transaction.atomic
def save_preset(
    user: User,
    *,
    name: str,
    look: Look,
    is_default: bool = False,
    preset: CaptionPreset | None = None,
) -> CaptionPreset:
    """Keep a look under a name, as a new preset or in the place of one; at most one is the default.

    INVALID_INPUT for a look without captions, PRESET_NAME_TAKEN, or PRESET_LIMIT.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if look.style is None:
        raise refused("captions")
    check_logo(user.pk, look.overlays.logo)
    mine = presets_of(user.pk)
    others = mine.exclude(pk=preset.pk) if preset else mine
    if others.filter(name=name).exists():
        raise HeimdexError(ExportCode.PRESET_NAME_TAKEN)
    if preset is None and mine.count() >= MOST_PRESETS:
        raise HeimdexError(ExportCode.PRESET_LIMIT, {"limit": MOST_PRESETS})
    preset = preset or CaptionPreset(owner=user)
    preset.name, preset.is_default = name, is_default
    # The title is what one Short says, not how Shorts look.
    preset.style, preset.overlays = look.style.to_json(), {**look.overlays.to_json(), "hook": ""}
    if is_default:
        others.filter(is_default=True).update(is_default=False)
    try:
        preset.save()
    except IntegrityError as error:
        raise HeimdexError(ExportCode.PRESET_NAME_TAKEN) from error
    return preset


def delete_preset(preset: CaptionPreset) -> None:
    """Forget a preset. Exports that were made with it keep their own copy."""
    preset.delete()


def changed_look(
    preset: CaptionPreset, style: Mapping[str, Any], overlays: Mapping[str, Any]
) -> Look:
    """A preset's look with some of it changed; INVALID_INPUT names a field that cannot be used."""
    try:
        return Look(
            CaptionStyle.from_json({**preset.style, **style}),
            Overlays.from_json({**preset.overlays, **overlays}),
        )
    except (ValueError, TypeError) as error:
        raise refused(str(error)) from error


def save_logo(user: User, data: bytes) -> str:
    """Draw an uploaded picture anew and keep it; returns the name by which looks show it.

    Raises LOGO_INVALID or LOGO_TOO_LARGE (as mediakit's `InputError`).
    """
    with work_folder("logo") as folder:
        made = make_logo(data, folder)
        logo = hashlib.sha256(made.read_bytes()).hexdigest()
        files.save_file(logo_key(user.pk, logo), made, content_type=LOGO_TYPE)
    return logo
