"""How a shot is framed and why, in words: for the dialog and the receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formatting import exact_clock
from mediakit.framing.crop_plan import Layout, PunchIn, Reason

# From this enlargement on a picture looks soft.
SOFT_ENLARGEMENT = 2.0
SHOWN_ZOOM = 1.05  # rounded it is still more than one


@dataclass(frozen=True, slots=True)
class ShotLine:
    """One shot of a receipt in words. `enlarged` is empty where the picture stays sharp."""

    start: str
    layout: str
    reason: str
    enlarged: str


def shot_line(row: Mapping[str, Any]) -> ShotLine:
    """The line of a shot from its row in the receipt (`mediakit.framing.shot_report`)."""
    enlarged = row["enlargement"]
    soft = _("enlarged %(times).1f×") % {"times": enlarged} if enlarged > SOFT_ENLARGEMENT else ""
    zoom = row.get("zoom", 1.0)  # older receipts say nothing of it, nor of parts
    reason = (
        _("as you wish")
        if row["chosen"]
        else reason_text(row["reason"], row["people"], row["speaker"], zoom=zoom)
    )
    if row.get("punch_in"):
        reason = f"{reason}, {punch_in_text(row['punch_in'])}"
    if row.get("marks_speaker"):
        marked = _("who speaks is marked")
        reason = f"{reason}, {marked}"
    layout = layout_text(row["layout"], is_part=row.get("is_part", False))
    return ShotLine(exact_clock(row["start_ms"]), layout, reason, soft)


def layout_text(layout: Layout, *, is_part: bool = False) -> str:
    """The layout as the dialog calls it; `is_part` for a part of the picture instead of the whole."""
    if layout == "crop":
        return _("Fill the screen")
    if layout == "inset":
        return _("Content above, person below")
    if is_part:
        return _("Part of the picture on blur")
    return (
        _("Whole picture on blur") if layout == "fit" else _("Each person in a part of their own")
    )


def reason_text(reason: Reason, count: int, speaker: str, *, zoom: float = 1.0) -> str:
    """One short sentence; an empty string for plans that were made before reasons were kept.

    `zoom` is how many times closer than needed the window is.
    """
    why = _why(reason, count, speaker)
    if zoom < SHOWN_ZOOM or not why:
        return why
    return _("%(why)s, %(times).1f× closer") % {"why": why, "times": zoom}


def punch_in_text(punch_in: PunchIn) -> str:
    """Why a window is closer than the rest of its shot."""
    return _("to cover a cut") if punch_in == "joins" else _("for emphasis")


def _why(reason: Reason, count: int, speaker: str) -> str:
    people = ngettext("%(count)d person", "%(count)d people", count) % {"count": count}
    if reason == "speaker" and speaker:
        return _("%(people)s, %(name)s speaks") % {"people": people, "name": speaker}
    texts = {
        "speaker": _("%(people)s, the one who speaks") % {"people": people},
        "apart": _("%(people)s, far apart") % {"people": people},
        "group": _("%(people)s, close together") % {"people": people},
        "person": people,
        "subject": _("a subject without a face"),
        "nobody": _("no one was found"),
        "inset": _("a person in a small picture"),
        "text": _("text that would be cut"),
        "changes": _("text that changes, larger"),
        "shown": _("something is held up"),
    }
    return texts.get(reason, "")
