"""Which picture of a Short is its cover: chosen among pictures that the verification decodes anyway."""

import logging
from pathlib import Path

from django.conf import settings

from exports.captions.styles import ShortStyle
from exports.models import Export
from mediakit.conformance.verification import Stills
from mediakit.cutting.cut_time import Span
from mediakit.media_info import MediaInfo
from mediakit.render.cover import EyeMeter, choose_cover
from mediakit.render.short import ShortSpec, cut_place

logger = logging.getLogger(__name__)


def cover_span(style: ShortStyle, cut_ms: Span) -> Span:
    """The range of the file in ms that its cover is of: its cut without cards, with a title while that is shown."""
    begins_ms, ends_ms = cut_ms
    titled = style.overlays.hook.strip()
    return begins_ms, min(ends_ms, begins_ms + style.overlays.hook_ms) if titled else ends_ms


def stills_of(export: Export, info: MediaInfo, spec: ShortSpec, folder: Path) -> Stills:
    """What the verification is to leave in a folder for `choose`."""
    cut_ms = cut_place(info, spec).span_ms
    return Stills(folder, cover_span(ShortStyle.from_json(export.look), cut_ms))


def choose(folder: Path) -> int | None:
    """When the picture for the cover is shown, in ms; None without any. A cover is never worth a failed export."""
    try:
        return choose_cover(folder, _eye_meter())
    except Exception:
        logger.exception("no cover could be chosen")
        return None


def _eye_meter() -> EyeMeter | None:
    from mediakit.framing.analysis.people.eyes import make_eye_meter  # noqa: PLC0415 - OpenCV, which the web never needs

    model = Path(settings.FACE_MODEL) if settings.FACE_MODEL else None
    return make_eye_meter(model, settings.FACE_MODEL_SHA256)
