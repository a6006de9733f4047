"""Cut lists for video editors: which kinds there are, and writing one of a video's clips, suggestions or scenes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import HeimdexError
from mediakit.cut_lists import chapters, lossless_cut
from mediakit.cut_lists.cut import CutSource, NamedCut, cut_source
from mediakit.cut_lists.edl import write_edl
from mediakit.cut_lists.fcp7_xml import write_fcp7_xml
from mediakit.cut_lists.fcpxml import write_fcpxml
from mediakit.cut_lists.otio import write_otio
from storage.serving import content_disposition
from videos.choices import SuggestionState
from videos.errors import VideoCode
from videos.kept_ranges import media_info
from videos.models import Clip, Scene, Suggestion, Video


class CutsOf(StrEnum):
    """What a cut list is made of."""

    CLIPS = "clips"
    SUGGESTIONS = "suggestions"
    SCENES = "scenes"


@dataclass(frozen=True, slots=True)
class CutList:
    """Cuts of one video, and what a writer needs to know of it."""

    title: str
    source: CutSource
    duration_ms: int
    cuts: Sequence[NamedCut]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what it is called, its name's ending, its content type, and what writes it."""

    label: str | Promise
    ending: str
    content_type: str
    write: Callable[[CutList], str]


def _chapters_label(name: str) -> Promise:
    return format_lazy(gettext_lazy("Chapters ({name})"), name=name)


KINDS = {
    "fcpxml": Kind(
        "Final Cut Pro, DaVinci Resolve (FCPXML)",
        "fcpxml",
        "application/xml",
        lambda c: write_fcpxml(c.source, c.cuts, title=c.title),
    ),
    "xml": Kind(
        "Premiere Pro, DaVinci Resolve (XML)",
        "xml",
        "application/xml",
        lambda c: write_fcp7_xml(c.source, c.cuts, title=c.title),
    ),
    "edl": Kind(
        gettext_lazy("Nearly every editor (EDL)"),
        "edl",
        "text/plain",
        lambda c: write_edl(c.source, c.cuts, title=c.title),
    ),
    "otio": Kind(
        "OpenTimelineIO",
        "otio",
        "application/json",
        lambda c: write_otio(c.source, c.cuts, title=c.title),
    ),
    "llc": Kind(
        "LosslessCut",
        "llc",
        "application/json",
        lambda c: lossless_cut.write_llc(c.source.filename, c.cuts),
    ),
    "segments": Kind(
        gettext_lazy("Start and end in seconds (CSV)"),
        "csv",
        "text/csv",
        lambda c: lossless_cut.write_segments_csv(c.cuts),
    ),
    "markers": Kind(
        gettext_lazy("Markers (CSV)"),
        "csv",
        "text/csv",
        lambda c: chapters.write_markers_csv(c.source, c.cuts),
    ),
    "youtube": Kind(
        _chapters_label("YouTube"),
        "txt",
        "text/plain",
        lambda c: chapters.write_youtube_chapters(c.cuts, title=c.title, duration_ms=c.duration_ms),
    ),
    "webvtt": Kind(
        _chapters_label("WebVTT"),
        "vtt",
        "text/vtt",
        lambda c: chapters.write_webvtt_chapters(c.cuts),
    ),
    "ffmetadata": Kind(
        _chapters_label("ffmetadata"),
        "txt",
        "text/plain",
        lambda c: chapters.write_ffmetadata(c.cuts, title=c.title),
    ),
}


def cut_list_file(video: Video, kind: str, of: CutsOf | Clip) -> HttpResponse:
    """Return a cut list of one clip, or of all clips, suggestions or scenes of a video, as a file to download.

    Suggestions that were dismissed are left out. Raises what `cut_list_response` raises.
    """
    if isinstance(of, Clip):
        return cut_list_response(video, kind, [_of_clip(of)], title=of.title)
    return cut_list_response(video, kind, _cuts(video, of), title=video.title)


def cut_list_response(
    video: Video, kind: str, cuts: Sequence[NamedCut], *, title: str
) -> HttpResponse:
    """Return cuts of a video as a file of this kind to download.

    Raises CUT_LIST_UNKNOWN for another kind, CUT_LIST_EMPTY when there is nothing to list, VIDEO_NOT_READY before the
    video was processed.
    """
    if kind not in KINDS:
        raise HeimdexError(VideoCode.CUT_LIST_UNKNOWN, {"kinds": ", ".join(KINDS)})
    info = media_info(video)
    if not cuts:
        raise HeimdexError(VideoCode.CUT_LIST_EMPTY)
    source = cut_source(info, video.filename or video.title)
    text = KINDS[kind].write(CutList(title, source, info.duration_ms, cuts))
    response = HttpResponse(text, content_type=f"{KINDS[kind].content_type}; charset=utf-8")
    name = f"{title[:100]}.{KINDS[kind].ending}"
    response["Content-Disposition"] = content_disposition(name, attachment=True)
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _cuts(video: Video, of: CutsOf) -> list[NamedCut]:
    if of == CutsOf.CLIPS:
        return [_of_clip(clip) for clip in video.clips.not_deleted()]
    if of == CutsOf.SUGGESTIONS:
        rows = video.suggestions.exclude(state=SuggestionState.DISMISSED)
        return [_of_suggestion(row, number) for number, row in enumerate(rows, 1)]
    scenes = video.scenes.order_by("index").only("index", "start_ms", "end_ms", "text")
    return [_of_scene(scene) for scene in scenes]


def _of_clip(clip: Clip) -> NamedCut:
    return NamedCut(clip.title, clip.kept_ranges)


def _of_suggestion(row: Suggestion, number: int) -> NamedCut:
    title = row.shown_title or _("Suggestion %(number)s") % {"number": number}
    return NamedCut(title, ((row.start_ms, row.end_ms),), row.sentence)


def _of_scene(scene: Scene) -> NamedCut:
    title = scene.first_sentence or _("Scene %(number)s") % {"number": scene.number}
    return NamedCut(title, ((scene.start_ms, scene.end_ms),))
