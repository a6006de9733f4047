"""The lines of a video with its corrections, written anew from what they were before any."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db.models import F

from core.errors import HeimdexError
from mediakit.text import correction_places
from mediakit.text.corrections import CorrectedCue, Replacement, corrected_cue
from mediakit.text.stored_cues import cues_from_json, cues_to_json
from mediakit.text.stored_words import words_to_json
from mediakit.text.transcript import Cue as TimedCue
from videos.choices import CorrectionProblem
from videos.errors import VideoCode
from videos.models import Correction, Cue, Scene, Suggestion, UncorrectedTranscript, Video
from videos.search.entries import index_corrected
from videos.transcript_rows import scene_tags, scene_texts, timed_cue

_SUGGESTION_TEXTS = ("title", "sentence", "description")
_BATCH = 500
_AROUND = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class CorrectedLines:
    """The uncorrected lines of a video, and where its corrections stand in them.

    `placed` has the replacements of each line that has some; the corrections in `lost` have no place.
    """

    video: Video
    before: UncorrectedTranscript
    uncorrected: tuple[TimedCue, ...]
    corrections: Sequence[Correction] = ()
    placed: dict[int, dict[Replacement, Correction]] = field(default_factory=dict)
    lost: Sequence[Correction] = ()

    def line(self, index: int) -> CorrectedCue:
        """One line with its corrections."""
        return corrected_cue(self.uncorrected[index], self.placed.get(index, {}))


def locked(video: Video) -> Video:
    """The video as it is now, locked until the transaction ends, so that its corrections are made one by one."""
    now = Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    if now is None:
        raise HeimdexError(VideoCode.VIDEO_NOT_FOUND)
    return now


def corrected_lines(video: Video) -> CorrectedLines:
    """Return the lines of a video with the corrections that count, each in its place."""
    before = uncorrected_of(video)
    return _placed(CorrectedLines(video, before, cues_from_json(before.cues)))


def apply_corrections(video: Video) -> None:
    """Write the corrections of a video into lines, scenes and suggestions that were made anew.

    In the transaction of that. Their search entries are the caller's affair.
    """
    UncorrectedTranscript.objects.filter(video=video).delete()
    if Correction.objects.filter(video=video).exists():
        after = corrected_lines(video)
        _write(CorrectedLines(video, after.before, after.uncorrected), after)


def apply_change(before: CorrectedLines) -> tuple[int, ...]:
    """Write what became of lines, scenes, suggestions and search when corrections were made or undone.

    `before` is how they were placed until then; the video's row is locked. Only rows that differ are written. Returns
    the indexes of the lines that changed.
    """
    changed, texts_before = _write(before, _placed(before))
    if texts_before:
        index_corrected(before.video.pk, texts_before)
    return changed


def _placed(lines: CorrectedLines) -> CorrectedLines:
    """The same lines with the corrections that count now."""
    rows = Correction.objects.filter(video=lines.video, superseded_by=None)
    corrections = list(rows.order_by("created_at", "pk"))
    places = correction_places.CuePlaces(lines.uncorrected)
    placed: dict[int, dict[Replacement, Correction]] = defaultdict(dict)
    lost = []
    for row in corrections:
        wanted = correction_places.Correction(row.start_ms, row.end_ms, row.heard, row.text)
        found = places.take(wanted)
        if found is None:
            lost.append(row)
        for index, replacement in (found or {}).items():
            placed[index][replacement] = row
    return replace(lines, corrections=corrections, placed=dict(placed), lost=lost)


def _write(
    before: CorrectedLines, after: CorrectedLines
) -> tuple[tuple[int, ...], dict[UUID, str]]:
    """Write what differs; returns the indexes of changed lines, and the former texts of changed scenes by their id."""
    touched = sorted({*before.placed, *after.placed})
    _note_problems(after)
    changed = _write_cues(after, touched)
    texts_before = _write_scenes(after, touched)
    _write_suggestions(after)
    Video.objects.filter(pk=after.video.pk).update(corrections_version=F("corrections_version") + 1)
    return changed, texts_before


def uncorrected_of(video: Video) -> UncorrectedTranscript:
    """The lines before any correction; the present ones become them if there are none yet."""
    present = UncorrectedTranscript.objects.filter(video=video).first()
    if present is not None:
        return present
    cues = [timed_cue(row) for row in Cue.objects.filter(video=video).order_by("index")]
    suggestions = Suggestion.objects.filter(video=video)
    return UncorrectedTranscript.objects.create(
        video=video,
        cues=cues_to_json(cues),
        scenes=[
            list(row)
            for row in Scene.objects.filter(video=video)
            .order_by("index")
            .values_list("text", "tags")
        ],
        suggestions={
            str(pk): texts for pk, *texts in suggestions.values_list("pk", *_SUGGESTION_TEXTS)
        },
    )


def _note_problems(lines: CorrectedLines) -> None:
    lost = {row.pk for row in lines.lost}
    for row in lines.corrections:
        problem = CorrectionProblem.WORDS_GONE.value if row.pk in lost else ""
        if row.problem != problem:
            row.problem = problem
            row.save(update_fields=["problem"])


def _write_cues(lines: CorrectedLines, touched: Sequence[int]) -> tuple[int, ...]:
    """Write the touched lines that differ from their rows; returns their indexes."""
    rows = Cue.objects.filter(video=lines.video)
    changed = []
    for some in (touched[at : at + _BATCH] for at in range(0, len(touched), _BATCH)):
        found = rows.filter(index__in=some).order_by("index")
        for index, text, words in found.values_list("index", "text", "words"):
            content = _content(lines, index)
            if content != (text, words):
                rows.filter(index=index).update(text=content[0], words=content[1])
                changed.append(index)
    return tuple(changed)


def _content(lines: CorrectedLines, index: int) -> tuple[str, list[Any]]:
    """Text and words of a line as its row is to have them."""
    if index not in lines.placed:
        _, _, text, _, _, words = lines.before.cues[index]
        return text, words
    cue = lines.line(index).cue
    return cue.text, words_to_json(cue.words)


def _write_scenes(lines: CorrectedLines, touched: Iterable[int]) -> dict[UUID, str]:
    """Write text and tags of the scenes of touched lines where they differ; returns the former texts by scene."""
    scenes = list(Scene.objects.filter(video=lines.video).order_by("index"))
    starts = [scene.start_ms for scene in scenes]
    cues = list(lines.uncorrected)
    for index in lines.placed:
        cues[index] = lines.line(index).cue
    texts = [scene.text for scene in scenes]
    corrected = {_scene_at(starts, cues[index]) for index in lines.placed}
    for number in {_scene_at(starts, cues[index]) for index in touched} if scenes else ():
        inside = [cue for cue in cues if _scene_at(starts, cue) == number]
        texts[number] = (
            scene_texts(inside, [0])[0] if number in corrected else lines.before.scenes[number][0]
        )
    former = {}
    for number, scene in enumerate(scenes):
        if scene.text != texts[number]:
            former[scene.pk] = scene.text
            scene.text = texts[number]
            scene.tags = (
                scene_tags(texts, number, language=lines.video.transcript_language)
                if number in corrected
                else lines.before.scenes[number][1]
            )
            scene.save(update_fields=["text", "tags"])
    return former


def _scene_at(starts: Sequence[int], cue: TimedCue) -> int:
    """The number of the scene in which a cue begins; before the first one, the first."""
    return max(0, bisect_right(starts, cue.start_ms) - 1)


def _write_suggestions(lines: CorrectedLines) -> None:
    """Write titles and sentences of suggestions in which a corrected word stands; titles of clips stay as they are."""
    shown = [row for row in lines.corrections if not row.problem]
    for suggestion in Suggestion.objects.filter(video=lines.video):
        texts = lines.before.suggestions.get(str(suggestion.pk))
        if texts is None:
            continue
        for row in shown:
            if row.start_ms < suggestion.end_ms and suggestion.start_ms < row.end_ms:
                texts = [_with_words(text, row.heard, row.text) for text in texts]
        title, sentence, description = texts
        if (title, sentence, description) != (
            suggestion.title,
            suggestion.sentence,
            suggestion.description,
        ):
            suggestion.title, suggestion.sentence = title[:255], sentence
            suggestion.description = description
            suggestion.save(update_fields=[*_SUGGESTION_TEXTS])


def _with_words(text: str, heard: str, said: str) -> str:
    """The text with the first place of the words `heard` as `said`, without the signs around both."""
    before, after = _AROUND.sub("", heard), _AROUND.sub("", said)
    if not before:
        return text
    return re.sub(rf"(?<!\w){re.escape(before)}(?!\w)", lambda _: after, text, count=1)
