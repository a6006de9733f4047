"""The lines of a video as they were heard, and where its corrections stand in them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mediakit.text import correction_places
from mediakit.text.corrections import CorrectedCue, Replacement, corrected_cue
from mediakit.text.stored_cues import cues_to_json
from mediakit.text.transcript import Cue as TimedCue
from mediakit.text.transcript import tokenize
from videos.corrections.structure import Structure, structure_of
from videos.models import Correction, Cue, Scene, Suggestion, UncorrectedTranscript, Video
from videos.transcripts.rows import timed_cue

SUGGESTION_TEXTS = ("title", "sentence", "description")


@dataclass(frozen=True, slots=True)
class CorrectedLines:
    """The uncorrected lines of a video with the borders that people gave them, and its corrections in them.

    `placed` has the replacements of each line that has some; the corrections in `lost` have no place.
    """

    video: Video
    before: UncorrectedTranscript
    structure: Structure
    corrections: Sequence[Correction] = ()
    placed: dict[int, dict[Replacement, Correction]] = field(default_factory=dict)
    lost: Sequence[Correction] = ()

    @property
    def uncorrected(self) -> tuple[TimedCue, ...]:
        """The lines without corrections."""
        return self.structure.cues

    def line(self, index: int) -> CorrectedCue:
        """One line with its corrections."""
        return corrected_cue(self.uncorrected[index], self.placed.get(index, {}))


def corrected_lines(video: Video) -> CorrectedLines:
    """Return the lines of a video with the corrections that count, each in its place."""
    return LinesReader().lines(video)


class LinesReader:
    """Reads the lines of videos, those of one video once while nothing else changes them. For one thread."""

    def __init__(self) -> None:
        self._read: CorrectedLines | None = None
        self._version: tuple[Any, ...] = ()

    def lines(self, video: Video) -> CorrectedLines:
        """The lines of a video, whose row was read just now, with the corrections that count."""
        version = _version(video)
        if self._read is None or version != self._version:
            before = uncorrected_of(video)
            self._read = CorrectedLines(video, before, structure_of(video, before))
            self._version = version
        return placed_now(replace(self._read, video=video))

    def words_timed(self, video: Video) -> None:
        """Nothing but times of words was changed since, which raised the version by one."""
        self._version = _version(video, later=1)


def _version(video: Video, *, later: int = 0) -> tuple[Any, ...]:
    return video.pk, video.ready_at, video.corrections_version + later


def heard_lines(video: Video) -> dict[int, str]:
    """The text of each line that is shown with other words than were heard, as it was heard, by the line's index."""
    before = UncorrectedTranscript.objects.filter(video=video).first()
    if before is None:
        return {}
    lines = placed_now(CorrectedLines(video, before, structure_of(video, before)))
    heard = ((index, lines.uncorrected[index].text) for index in sorted(lines.placed))
    return {index: text for index, text in heard if text != lines.line(index).cue.text}


def placed_now(lines: CorrectedLines) -> CorrectedLines:
    """The same lines with the corrections that count now."""
    rows = Correction.objects.filter(video=lines.video, superseded_by=None)
    rows = rows.select_related("word_times")
    corrections = list(rows.order_by("created_at", "pk"))
    places = correction_places.CuePlaces(lines.uncorrected)
    placed: dict[int, dict[Replacement, Correction]] = defaultdict(dict)
    lost = []
    for row in corrections:
        wanted = correction_places.Correction(row.start_ms, row.end_ms, row.heard, row.text)
        found = places.take(wanted)
        if found is None:
            lost.append(row)
        for index, replacement in _with_times(found or {}, row).items():
            placed[index][replacement] = row
    return replace(lines, corrections=corrections, placed=dict(placed), lost=lost)


def _with_times(found: Mapping[int, Replacement], row: Correction) -> dict[int, Replacement]:
    """The replacements of a correction's lines with the times at which its words are heard, where they are known."""
    asked = getattr(row, "word_times", None)
    times = [(start_ms, end_ms) for start_ms, end_ms in asked.times] if asked else []
    timed, at = {}, 0
    for index, replacement in found.items():
        until = at + len(tokenize(replacement.text))
        timed[index] = replace(replacement, times=tuple(times[at:until]))
        at = until
    return timed


def uncorrected_of(video: Video) -> UncorrectedTranscript:
    """The lines before any correction; the present ones become them if there are none yet."""
    present = UncorrectedTranscript.objects.filter(video=video).first()
    if present is not None:
        return present
    cues = [timed_cue(row) for row in Cue.objects.filter(video=video).order_by("index")]
    suggestions = Suggestion.objects.filter(video=video)
    scenes = Scene.objects.filter(video=video).order_by("index")
    return UncorrectedTranscript.objects.create(
        video=video,
        cues=cues_to_json(cues),
        scenes=[list(row) for row in scenes.values_list("text", "tags")],
        suggestions={
            str(pk): texts for pk, *texts in suggestions.values_list("pk", *SUGGESTION_TEXTS)
        },
    )
