"""Writing corrected lines, scenes and suggestions: only rows that differ."""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from mediakit.text.stored_words import words_to_json
from videos.choices import CorrectionProblem
from videos.corrections.placed import SUGGESTION_TEXTS, CorrectedLines
from videos.corrections.structure import scene_at
from videos.models import Cue, Scene, Suggestion
from videos.transcripts.rows import scene_tags, scene_texts
from videos.transcripts.suggestion_titles import retitle

_BATCH = 500
_AROUND = re.compile(r"^\W+|\W+$")


def note_problems(lines: CorrectedLines) -> None:
    """Write why corrections and borders do not show, where that changed."""
    lost = {row.pk for row in lines.lost}
    for row in lines.corrections:
        _note(row, CorrectionProblem.WORDS_GONE if row.pk in lost else None)
    for edit in lines.structure.borders:
        _note(edit, lines.structure.problems.get(edit.pk))


def _note(row: Any, problem: CorrectionProblem | None) -> None:
    value = problem.value if problem else ""
    if row.problem != value:
        row.problem = value
        row.save(update_fields=["problem"])


def write_cues(lines: CorrectedLines, touched: Sequence[int]) -> tuple[int, ...]:
    """Write the touched lines that differ from their rows; returns their indexes."""
    rows = Cue.objects.filter(video=lines.video)
    changed = []
    for some in (touched[at : at + _BATCH] for at in range(0, len(touched), _BATCH)):
        found = rows.filter(index__in=some).order_by("index")
        for index, text, words in found.values_list("index", "text", "words"):
            content = line_content(lines, index)
            if content != (text, words):
                rows.filter(index=index).update(text=content[0], words=content[1])
                changed.append(index)
    return tuple(changed)


def line_content(lines: CorrectedLines, index: int) -> tuple[str, list[Any]]:
    """Text and words of a line as its row is to have them."""
    if index not in lines.placed:
        _, _, text, _, _, words = lines.structure.rows[index]
        return text, words
    cue = lines.line(index).cue
    return cue.text, words_to_json(cue.words)


def write_scenes(lines: CorrectedLines, touched: Iterable[int]) -> dict[UUID, str]:
    """Write text and tags of the scenes of touched lines where they differ; returns the former texts by scene."""
    scenes = list(Scene.objects.filter(video=lines.video).order_by("index"))
    starts = [scene.start_ms for scene in scenes]
    cues = lines.uncorrected
    numbers = {scene_at(starts, cues[index].start_ms) for index in touched} if scenes else set()
    texts = [scene.text for scene in scenes]
    said = scene_contents(lines, starts, numbers)
    for number in numbers:
        texts[number] = said[number]
    former = {}
    for number, scene in enumerate(scenes):
        if scene.text != texts[number]:
            former[scene.pk] = scene.text
            scene.text = texts[number]
            scene.tags = scene_tags_of(lines, starts, texts, number)
            scene.save(update_fields=["text", "tags"])
    return former


def scene_contents(
    lines: CorrectedLines, starts: Sequence[int], numbers: Iterable[int]
) -> dict[int, str]:
    """The texts of some scenes, which begin at `starts`: as they were found where no word is corrected."""
    cues = list(lines.uncorrected)
    for index in lines.placed:
        cues[index] = lines.line(index).cue
    inside: dict[int, list[int]] = {number: [] for number in numbers}
    for index, cue in enumerate(cues):
        number = scene_at(starts, cue.start_ms)
        if number in inside:
            inside[number].append(index)
    texts = {}
    for number, indexes in inside.items():
        found = found_scene(lines, number)
        is_as_found = found is not None and not lines.placed.keys() & set(indexes)
        texts[number] = (
            lines.before.scenes[found][0]
            if is_as_found
            else scene_texts([cues[index] for index in indexes], [0])[0]
        )
    return texts


def found_scene(lines: CorrectedLines, number: int) -> int | None:
    """The number of the scene that was found with the span of this one; None when a person made it."""
    scenes = lines.structure.scenes
    return number if scenes is None else scenes[number].found


def scene_tags_of(
    lines: CorrectedLines, starts: Sequence[int], texts: Sequence[str], number: int
) -> list[str]:
    """The tags of one scene: those that were found where its text is as it was found."""
    found = found_scene(lines, number)
    if found is not None and lines.before.scenes[found][0] == texts[number]:
        tags: list[str] = lines.before.scenes[found][1]
        return tags
    return scene_tags(texts, number, language=lines.video.transcript_language)


def write_suggestions(lines: CorrectedLines) -> None:
    """Write titles and sentences of suggestions in which a corrected word stands; titles of clips stay as they are.

    The lines are written before.
    """
    retitle(lines.video.pk)
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
            suggestion.save(update_fields=[*SUGGESTION_TEXTS])


def _with_words(text: str, heard: str, said: str) -> str:
    """The text with the first place of the words `heard` as `said`, without the signs around both."""
    before, after = _AROUND.sub("", heard), _AROUND.sub("", said)
    if not before:
        return text
    return re.sub(rf"(?<!\w){re.escape(before)}(?!\w)", lambda _: after, text, count=1)
