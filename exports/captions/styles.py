"""An export's style: its caption style and overlays (title, progress bar, logo), and its caption text.

The style and the text are copied onto the export when it is accepted. Later changes to the transcript or to a
saved preset do not affect it.
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
from exports.finish import files as finish_files
from exports.finish.choice import NO_FINISH, FinishChoice
from exports.framing.applied_options import apply_options
from exports.framing.options import NO_FRAMING, FramingOptions, parse_options
from exports.models import CaptionPreset, Export
from mediakit.captions.caption_style import PRESETS, BurnIn, CaptionStyle, Overlays, TimedRegion
from mediakit.captions.face_regions import faces_on_canvas, shift_plan
from mediakit.captions.letter_coverage import letter_coverage, script_names
from mediakit.conformance.rules import HARD_MIN_CAPTIONED_SHARE, MAX_LETTERS_NAMED
from mediakit.cutting.cues import cues_in_cut, text_between
from mediakit.cutting.cut_time import CutTime, Span, cut_time
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.output_format import SHORT, Canvas, OutputFormat
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo
from mediakit.subtitles.cues.clock_offset import shift_earlier
from mediakit.subtitles.writers import write_srt, write_txt, write_vtt
from mediakit.text.stored_words import words_from_json, words_to_json
from mediakit.text.transcript import Cue, Word, cues_in_range
from storage import files
from videos.analyses import shot_analyses
from videos.clips.word_edges import cues_as_heard
from videos.kept_ranges import media_info
from videos.models import Cue as StoredCue
from videos.models import Video
from videos.queries import as_uuid
from videos.transcripts.rows import timed_cue

OFF = "off"
LOGO_CONTENT_TYPE = "image/png"
MAX_LOGO_BYTES = 8 << 20  # of a stored logo, which is at most 360 px wide and high
WRITERS = {"srt": write_srt, "vtt": write_vtt, "txt": write_txt}
MAX_PRESETS = 30
NO_OVERLAYS = Overlays()


@dataclass(frozen=True, slots=True)
class ShortStyle:
    """The style of one Short: its caption style, or None for no captions, its overlays, and what finishes it.

    `framing` is what its preset says for all shots. As JSON, in `Export.look`, the keys are `style`, `overlays` and,
    where there is anything in it, `finish`; the framing has its own place on the row.
    """

    captions: CaptionStyle | None = None
    overlays: Overlays = NO_OVERLAYS
    finish: FinishChoice = NO_FINISH
    framing: FramingOptions = NO_FRAMING

    def to_json(self) -> dict[str, Any]:
        """Return the style as JSON values for `Export.look`."""
        return {
            "style": self.captions.to_json() if self.captions else None,
            "overlays": self.overlays.to_json(),
            **({"finish": self.finish.to_json()} if self.finish else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "ShortStyle":
        """Read the value of `Export.look`. None, as in exports older than captions, means an empty style."""
        if not data:
            return cls()
        captions = CaptionStyle.from_json(data["style"]) if data.get("style") else None
        overlays = Overlays.from_json(data.get("overlays") or {})
        return cls(captions, overlays, FinishChoice.from_json(data.get("finish")))

    @property
    def name(self) -> str:
        """The caption preset's name; empty without captions."""
        return self.captions.preset if self.captions else ""


def resolve_style(
    owner_id: int,
    captions: str | None,
    *,
    style: Mapping[str, Any] | None = None,
    overlays: Mapping[str, Any] | None = None,
    finish: Mapping[str, Any] | None = None,
) -> ShortStyle:
    """Return the requested style: a base preset with the fields of `style`, `overlays` and `finish` changed.

    `captions` is a built-in preset's name, a saved preset's id, or "off". None means the owner's default preset,
    or no captions without one. Raises INVALID_INPUT that names the invalid field, or PRESET_NOT_FOUND.
    """
    base = _base_style(owner_id, captions)
    try:
        if base.captions is not None and style:
            changed_captions = CaptionStyle.from_json({**base.captions.to_json(), **style})
            base = replace(base, captions=changed_captions)
        if overlays:
            changed_overlays = Overlays.from_json({**base.overlays.to_json(), **overlays})
            base = replace(base, overlays=changed_overlays)
        if finish:
            changed_finish = FinishChoice.from_json({**base.finish.to_json(), **finish})
            base = replace(base, finish=changed_finish)
    except (ValueError, TypeError) as error:
        raise invalid_field(str(error)) from error
    check_logo(owner_id, base.overlays.logo)
    return replace(base, finish=finish_files.checked(owner_id, base.finish))


def _base_style(owner_id: int, captions: str | None) -> ShortStyle:
    if captions is None:
        default = presets_for(owner_id).filter(is_default=True).first()
        return style_of_preset(default) if default else ShortStyle()
    if captions in {"", OFF}:
        return ShortStyle()
    if captions in PRESETS:
        return ShortStyle(PRESETS[captions])
    return style_of_preset(get_preset(owner_id, captions))


def invalid_field(field: str) -> HeimdexError:
    """Return the INVALID_INPUT error for one field of a style."""
    return HeimdexError(
        CoreCode.INVALID_INPUT, {"fields": {field: [_("This value cannot be used.")]}}
    )


def style_of_preset(preset: CaptionPreset) -> ShortStyle:
    """Return the style that a saved preset holds."""
    style = ShortStyle.from_json(
        {"style": preset.style, "overlays": preset.overlays, "finish": preset.finish}
    )
    return replace(style, framing=parse_options(preset.framing))


def presets_for(owner_id: int) -> QuerySet[CaptionPreset]:
    """Return the owner's saved presets, ordered by name."""
    return CaptionPreset.objects.filter(owner_id=owner_id)


def get_preset(owner_id: int, key: uuid.UUID | str) -> CaptionPreset:
    """Return one saved preset of the owner. Raises PRESET_NOT_FOUND for a missing one and for another user's."""
    preset_id = as_uuid(key)
    preset = presets_for(owner_id).filter(pk=preset_id).first() if preset_id else None
    if preset is None:
        raise HeimdexError(ExportCode.PRESET_NOT_FOUND)
    return preset


def logo_key(owner_id: int, logo: str) -> str:
    """Return the storage key of a logo. `logo` is the SHA-256 of its bytes, so the content of a key never changes."""
    return f"logos/{owner_id}/{logo}.png"


def check_logo(owner_id: int, logo: str) -> None:
    """Raise INVALID_INPUT for a logo that the owner has not uploaded. An empty name is valid."""
    if logo and not has_logo(owner_id, logo):
        raise invalid_field("logo")


def without_missing_files(owner_id: int, style: ShortStyle) -> ShortStyle:
    """Return the style, without a logo, card or music that is no longer in storage."""
    style = replace(style, finish=finish_files.without_missing(owner_id, style.finish))
    if not style.overlays.logo or has_logo(owner_id, style.overlays.logo):
        return style
    return replace(style, overlays=replace(style.overlays, logo=""))


def has_logo(owner_id: int, logo: str) -> bool:
    """Whether a logo of this name is in the owner's storage."""
    return files.size(logo_key(owner_id, logo)) is not None


def cues_for(video: Video, start_ms: int, end_ms: int) -> tuple[Cue, ...]:
    """Return the cues of exactly that range of a video, with times in ms from the range's start."""
    rows = StoredCue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return cues_in_range((timed_cue(row) for row in rows.order_by("index")), start_ms, end_ms)


def cues_for_ranges(video: Video, ranges: Sequence[Span]) -> tuple[Cue, ...]:
    """Return the kept cues of a video, with times in ms of the Short that plays only these ranges."""
    if len(ranges) == 1:
        return cues_for(video, *ranges[0])
    return cues_in_cut(_cues_between(video, ranges), cut_time(media_info(video), ranges))


def removed_texts(video: Video, ranges: Sequence[Span]) -> tuple[str, ...]:
    """Return the words that are left out between the ranges, one text for each join."""
    cues = _cues_between(video, ranges)
    joins = cut_time(media_info(video), ranges).joins_ms
    return tuple(text_between(cues, removed) for removed in joins)


def _cues_between(video: Video, ranges: Sequence[Span]) -> list[Cue]:
    rows = StoredCue.objects.filter(
        video=video, start_ms__lt=ranges[-1][1], end_ms__gt=ranges[0][0]
    )
    return cues_as_heard(video, [timed_cue(row) for row in rows.order_by("index")])


def check_letters(style: ShortStyle, cues: Sequence[Cue]) -> None:
    """CAPTIONS_NOT_DRAWABLE or TITLE_NOT_DRAWABLE when no font can draw most letters of what is to be drawn."""
    title = letter_coverage((), style.overlays.hook)
    captions = letter_coverage(cues if style.captions else ())
    for letters, code in (
        (captions, ExportCode.CAPTIONS_NOT_DRAWABLE),
        (title, ExportCode.TITLE_NOT_DRAWABLE),
    ):
        if letters.share < HARD_MIN_CAPTIONED_SHARE:
            named = letters.missing_letters[:MAX_LETTERS_NAMED]
            scripts = list(script_names(letters.missing_letters))
            raise HeimdexError(code, {"letters": named, "scripts": scripts})


def cues_to_json(cues: Iterable[Cue]) -> list[dict[str, Any]]:
    """Return the cues as JSON values for `Export.caption_cues`; how sure a word is does not matter there."""
    return [
        {
            "start_ms": cue.start_ms,
            "end_ms": cue.end_ms,
            "text": cue.text,
            "speaker": cue.speaker,
            "words": words_to_json(map(_as_drawn, cue.words)),
            "estimated": any(word.estimated for word in cue.words),
        }
        for cue in cues
    ]


def _as_drawn(word: Word) -> Word:
    return Word(word.start_ms, word.end_ms, word.text, word.estimated)


def cues_from_json(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Cue, ...]:
    """Read the cues that `cues_to_json` wrote."""
    return tuple(
        Cue(
            row["start_ms"],
            row["end_ms"],
            row["text"],
            words_from_json(row["words"], estimated=bool(row.get("estimated"))),
            row.get("speaker", ""),
        )
        for row in rows or ()
    )


def build_burn_in(
    style: ShortStyle,
    cues: Sequence[Cue],
    *,
    duration_ms: int,
    language: str = "",
    owner_id: int,
    folder: Path | None = None,
    faces: Sequence[TimedRegion] = (),
    canvas: Canvas = SHORT.canvas,
) -> BurnIn:
    """Return the burn-in of a style and cues on a canvas.

    Its logo is read from storage into `folder`; no folder means no logo.
    """
    overlays, logo = style.overlays, None
    if overlays.logo and folder is not None:
        logo = fetch_logo(owner_id, overlays.logo, folder)
    if logo is None:
        overlays = replace(overlays, logo="")
    drawn = (tuple(cues), style.captions, overlays, tuple(faces), logo)
    return BurnIn(duration_ms, *drawn, language=language, canvas=canvas)


def fetch_logo(owner_id: int, logo: str, folder: Path) -> Path:
    """Copy a logo from storage into the folder and return its path."""
    path = folder / "logo-source.png"
    path.write_bytes(files.read_bytes(logo_key(owner_id, logo), limit=MAX_LOGO_BYTES))
    return path


def burn_in_for_export(
    export: Export,
    *,
    duration_ms: int | None = None,
    folder: Path | None = None,
    faces: Sequence[TimedRegion] = (),
    canvas: Canvas = SHORT.canvas,
) -> BurnIn:
    """Return the burn-in of an export, from the style and cues stored with it. Captions avoid the `faces`.

    `duration_ms` is the Short's exact length where several ranges are kept, `canvas` that of its format.
    """
    return build_burn_in(
        ShortStyle.from_json(export.look),
        cues_from_json(export.caption_cues),
        duration_ms=export.span_ms if duration_ms is None else duration_ms,
        language=export.caption_language,
        owner_id=export.owner_id,
        folder=folder,
        faces=faces,
        canvas=canvas,
    )


def caption_text(export: Export, kind: str) -> str:
    """Return the captions of the exported range as a file of `kind` "srt", "vtt" or "txt", timed as the Short is.

    Raises NO_CAPTIONS when the range has no speech.
    """
    cues: Sequence[Cue] = cues_from_json(export.caption_cues)
    if not cues:
        raise HeimdexError(ExportCode.NO_CAPTIONS)
    cues = shift_earlier(cues, -lead_ms(export))
    if kind == "vtt":
        return write_vtt(cues, word_times=True)
    return WRITERS[kind](cues)


def lead_ms(export: Export) -> int:
    """How much of the export's file lies before its cut: the intro, as measured where the file is finished."""
    if measured := export.receipt.get("cut_ms"):
        return int(measured[0])
    return ShortStyle.from_json(export.look).finish.lead_ms


def face_regions_in_cut(
    video: Video,
    strategy: str,
    cut: CutTime,
    *,
    plan: CropPlan | None,
    output: OutputFormat = SHORT,
) -> tuple[TimedRegion, ...]:
    """Return where the faces of a Short of several kept ranges are; empty without the shot analyses of all of them."""
    found = shot_analyses.analysis_of_cut(video, cut)
    if found is None:
        return ()
    return faces_on_canvas(
        found,
        media_info(video).video,
        strategy=strategy,
        plan=plan,
        start_ms=0,
        end_ms=cut.duration_ms,
        canvas=output.size,
    )


def face_regions_for(
    video: Video | None,
    strategy: str,
    *,
    start_ms: int,
    end_ms: int,
    plan: CropPlan | None = None,
    overrides: FramingOptions | None = None,
    output: OutputFormat = SHORT,
) -> tuple[TimedRegion, ...]:
    """Return where the faces of a range are on the canvas in that framing; empty without a stored shot analysis.

    `plan` is the Short's crop plan for "smart_crop" in that output format. Without one, the plan of the shot analysis
    with `overrides` applied is used.
    """
    row = shot_analyses.find_analysis(video, start_ms, end_ms) if video is not None else None
    if row is None or video is None or not video.probe:
        return ()
    try:
        analysis, info = RangeAnalysis.from_json(row.data), MediaInfo.from_json(video.probe)
        if plan is None and strategy == Strategy.SMART_CROP:
            wanted = apply_options(video, row, overrides or FramingOptions(), canvas=output.size)
            plan = shift_plan(wanted, row.start_ms - start_ms)
    except (KeyError, TypeError, ValueError):
        return ()
    return faces_on_canvas(
        analysis,
        info.video,
        strategy=strategy,
        plan=plan,
        start_ms=start_ms,
        end_ms=end_ms,
        canvas=output.size,
    )
