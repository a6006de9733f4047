"""What an export looks like besides its framing: captions, title, bar, logo; and the text it shows.

All of it is copied onto the export when it is accepted, so that nothing done to the video's transcript or to a
saved preset afterwards changes it.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.errors import CoreCode, HeimdexError
from exports.choices import Strategy
from exports.errors import ExportCode
from exports.framing_options import FramingOptions, apply_options
from exports.models import CaptionPreset, Export
from mediakit.captions import pagination
from mediakit.captions.caption_style import PRESETS, BurnIn, CaptionStyle, Overlays, TimedRegion
from mediakit.captions.face_regions import faces_on_canvas, shift_plan
from mediakit.framing.crop_plan import CropPlan, RangeAnalysis
from mediakit.media_info import MediaInfo
from mediakit.subtitles.formats import write_srt, write_txt, write_vtt
from mediakit.text.transcript import Cue, Word
from storage import files
from videos import shot_analyses
from videos.models import Cue as StoredCue
from videos.models import Video
from videos.queries import as_uuid

OFF = "off"
LOGO_TYPE = "image/png"
WRITERS = {"srt": write_srt, "vtt": write_vtt, "txt": write_txt}
MOST_PRESETS = 30
NO_OVERLAYS = Overlays()


@dataclass(frozen=True, slots=True)
class Look:
    """What is asked for: captions in a style, or none, and what else is drawn."""

    style: CaptionStyle | None = None
    overlays: Overlays = NO_OVERLAYS

    def to_json(self) -> dict[str, Any]:
        """As an export keeps it."""
        return {
            "style": self.style.to_json() if self.style else None,
            "overlays": self.overlays.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Look":
        """Read back what an export keeps; nothing is drawn for an export that has none."""
        if not data:
            return cls()
        style = CaptionStyle.from_json(data["style"]) if data.get("style") else None
        return cls(style, Overlays.from_json(data.get("overlays") or {}))

    @property
    def name(self) -> str:
        """The preset's name; empty without captions."""
        return self.style.preset if self.style else ""


def wanted_look(
    owner_id: int,
    captions: str | None,
    *,
    style: Mapping[str, Any] | None = None,
    overlays: Mapping[str, Any] | None = None,
) -> Look:
    """The look that is asked for, from a preset's name or the id of a saved one, with what is changed about it.

    Without a word about captions it is the person's own default preset, or nothing. INVALID_INPUT names the field
    that cannot be used.
    """
    base = _base(owner_id, captions)
    try:
        if base.style is not None and style:
            base = replace(base, style=CaptionStyle.from_json({**base.style.to_json(), **style}))
        if overlays:
            changed = Overlays.from_json({**base.overlays.to_json(), **overlays})
            base = replace(base, overlays=changed)
    except (ValueError, TypeError) as error:
        raise refused(str(error)) from error
    check_logo(owner_id, base.overlays.logo)
    return base


def _base(owner_id: int, captions: str | None) -> Look:
    if captions is None:
        chosen = presets_of(owner_id).filter(is_default=True).first()
        return look_of(chosen) if chosen else Look()
    if captions in {"", OFF}:
        return Look()
    if captions in PRESETS:
        return Look(PRESETS[captions])
    return look_of(get_preset(owner_id, captions))


def refused(field: str) -> HeimdexError:
    """INVALID_INPUT for a field of a look."""
    return HeimdexError(
        CoreCode.INVALID_INPUT, {"fields": {field: [_("This value cannot be used.")]}}
    )


def look_of(preset: CaptionPreset) -> Look:
    """A saved preset as a look."""
    return Look.from_json({"style": preset.style, "overlays": preset.overlays})


def presets_of(owner_id: int) -> QuerySet[CaptionPreset]:
    """A person's saved presets, by name."""
    return CaptionPreset.objects.filter(owner_id=owner_id)


def get_preset(owner_id: int, key: uuid.UUID | str) -> CaptionPreset:
    """One saved preset of a person; PRESET_NOT_FOUND for a missing one and for somebody else's alike."""
    wanted = as_uuid(key)
    preset = presets_of(owner_id).filter(pk=wanted).first() if wanted else None
    if preset is None:
        raise HeimdexError(ExportCode.PRESET_NOT_FOUND)
    return preset


def logo_key(owner_id: int, logo: str) -> str:
    """Where a person's logo lies; its name is the SHA-256 of its bytes, so that it never changes."""
    return f"logos/{owner_id}/{logo}.png"


def check_logo(owner_id: int, logo: str) -> None:
    """INVALID_INPUT for a logo that the person has not uploaded."""
    if logo and not _has_logo(owner_id, logo):
        raise refused("logo")


def without_lost_logo(owner_id: int, look: Look) -> Look:
    """The look, without its logo when that is no longer there."""
    if not look.overlays.logo or _has_logo(owner_id, look.overlays.logo):
        return look
    return replace(look, overlays=replace(look.overlays, logo=""))


def _has_logo(owner_id: int, logo: str) -> bool:
    return files.size(logo_key(owner_id, logo)) is not None


def cues_of(video: Video, start_ms: int, end_ms: int) -> tuple[Cue, ...]:
    """What is said in exactly that range of a video, timed from the range's start."""
    rows = StoredCue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return pagination.cues_in_range((_cue(row) for row in rows.order_by("index")), start_ms, end_ms)


def _cue(row: StoredCue) -> Cue:
    words = tuple(
        Word(int(start), int(end), str(text), row.words_estimated) for start, end, text in row.words
    )
    return Cue(row.start_ms, row.end_ms, row.text, words, row.speaker)


def to_rows(cues: Iterable[Cue]) -> list[dict[str, Any]]:
    """Cues as an export keeps them."""
    return [
        {
            "start_ms": cue.start_ms,
            "end_ms": cue.end_ms,
            "text": cue.text,
            "speaker": cue.speaker,
            "words": [[word.start_ms, word.end_ms, word.text] for word in cue.words],
            "estimated": any(word.estimated for word in cue.words),
        }
        for cue in cues
    ]


def from_rows(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Cue, ...]:
    """Read back what `to_rows` wrote."""
    return tuple(
        Cue(
            row["start_ms"],
            row["end_ms"],
            row["text"],
            tuple(
                Word(start, end, text, bool(row.get("estimated")))
                for start, end, text in row["words"]
            ),
            row.get("speaker", ""),
        )
        for row in rows or ()
    )


def drawing_of(
    look: Look,
    cues: Sequence[Cue],
    *,
    duration_ms: int,
    language: str = "",
    owner_id: int,
    folder: Path | None = None,
    faces: Sequence[TimedRegion] = (),
) -> BurnIn:
    """The look as something that can be drawn; its logo is fetched into `folder`, and left out without one."""
    overlays, logo = look.overlays, None
    if overlays.logo and folder is not None:
        logo = folder / "logo-source.png"
        logo.write_bytes(files.read_bytes(logo_key(owner_id, overlays.logo), limit=8 << 20))
    if logo is None:
        overlays = replace(overlays, logo="")
    return BurnIn(duration_ms, tuple(cues), look.style, overlays, tuple(faces), logo, language)


def drawing_for(
    export: Export, *, folder: Path | None = None, faces: Sequence[TimedRegion] = ()
) -> BurnIn:
    """What is drawn onto an export, from its own copy. `faces` are where captions would rather not be."""
    return drawing_of(
        Look.from_json(export.look),
        from_rows(export.caption_cues),
        duration_ms=export.span_ms,
        language=export.caption_language,
        owner_id=export.owner_id,
        folder=folder,
        faces=faces,
    )


def caption_text(export: Export, kind: str) -> str:
    """The words of exactly the exported range as a caption file; NO_CAPTIONS when nothing is said in it."""
    cues = from_rows(export.caption_cues)
    if not cues:
        raise HeimdexError(ExportCode.NO_CAPTIONS)
    if kind == "vtt":
        return write_vtt(cues, word_times=True)
    return WRITERS[kind](cues)


def faces_of(
    video: Video | None,
    strategy: str,
    *,
    start_ms: int,
    end_ms: int,
    plan: CropPlan | None = None,
    wish: FramingOptions | None = None,
) -> tuple[TimedRegion, ...]:
    """Where the faces of a range are in that framing, as far as somebody has looked already; empty otherwise.

    `plan` is the Short's own for "smart_crop"; without one it is the kept plan, as wished.
    """
    row = shot_analyses.find_analysis(video, start_ms, end_ms) if video is not None else None
    if row is None or video is None or not video.probe:
        return ()
    try:
        analysis, info = RangeAnalysis.from_json(row.data), MediaInfo.from_json(video.probe)
        if plan is None and strategy == Strategy.SMART_CROP:
            plan = shift_plan(
                apply_options(video, row, wish or FramingOptions()), row.start_ms - start_ms
            )
    except (KeyError, TypeError, ValueError):
        return ()
    return faces_on_canvas(
        analysis, info.video, strategy=strategy, plan=plan, start_ms=start_ms, end_ms=end_ms
    )
