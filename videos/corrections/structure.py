"""Which lines and scenes a video has: those that were found, but for the borders that people set or took away."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from mediakit.probing.frame_rate import MIN_SHORT_MS
from mediakit.text.correction_places import NEAR_MS
from mediakit.text.line_borders import Border, Line, TranscriptWords
from mediakit.text.stored_cues import cues_from_json, cues_to_json
from mediakit.text.transcript import Cue as TimedCue
from videos.choices import BorderKind, CorrectionProblem
from videos.models import BorderEdit, Scene, SpeakerRename, UncorrectedTranscript, Video

# The columns of a scene that `UncorrectedTranscript.scene_rows` keeps, in this order.
SCENE_COLUMNS = (
    *("id", "start_ms", "end_ms", "thumbnail_key"),
    *("visual_summary", "visual_description", "visual_entities", "visual_actions"),
)
LEAST_SCENE_MS = MIN_SHORT_MS


class SceneSpan(NamedTuple):
    """A scene: its id, and the number of the scene that was found with exactly this span; None without one."""

    id: UUID
    start_ms: int
    end_ms: int
    found: int | None


@dataclass(frozen=True, slots=True)
class Structure:
    """Lines and scenes of a video. `rows` are the lines as `UncorrectedTranscript.cues` has them.

    `scenes` is None as long as nobody set or took away a border of scenes. `problems` says for each border that
    does not count why.
    """

    words: TranscriptWords
    lines: tuple[Line, ...]
    rows: tuple[Sequence[Any], ...]
    scenes: tuple[SceneSpan, ...] | None = None
    borders: Sequence[BorderEdit] = ()
    problems: dict[UUID, CorrectionProblem] = field(default_factory=dict)

    @property
    def cues(self) -> tuple[TimedCue, ...]:
        """The lines, without corrections of words."""
        return tuple(line.cue for line in self.lines)


def structure_of(video: Video, before: UncorrectedTranscript) -> Structure:
    """Return lines and scenes of a video with the borders that count now."""
    borders = list(BorderEdit.objects.filter(video=video).order_by("created_at", "pk"))
    words = TranscriptWords(cues_from_json(before.cues))
    problems: dict[UUID, CorrectionProblem] = {}
    set_by_scenes: dict[int, bool] = {}
    scenes = None
    if before.scene_rows:
        scenes = _scenes(before, words, borders, set_by_scenes, problems)
    starts = [each.start_ms for each in scenes] if scenes else _found_starts(video)
    set_by_lines = _line_borders(words, borders, starts, problems)
    lines = tuple(words.lines({**set_by_lines, **set_by_scenes}))
    rows = tuple(
        before.cues[line.source] if line.source is not None else cues_to_json([line.cue])[0]
        for line in lines
    )
    return Structure(words, lines, rows, scenes, borders, problems)


def keep_scene_rows(before: UncorrectedTranscript) -> None:
    """Keep the scenes that were found, while the present ones are these still."""
    if before.scene_rows:
        return
    rows = Scene.objects.filter(video=before.video_id).order_by("index")
    before.scene_rows = [[str(pk), *rest] for pk, *rest in rows.values_list(*SCENE_COLUMNS)]
    before.save(update_fields=["scene_rows"])


def found_pictures(video_ids: Iterable[UUID]) -> set[str]:
    """The keys of the pictures of scenes as they were found, where people changed scenes."""
    kept = UncorrectedTranscript.objects.filter(video_id__in=list(video_ids)).exclude(scene_rows=[])
    at = SCENE_COLUMNS.index("thumbnail_key")
    return {row[at] for rows in kept.values_list("scene_rows", flat=True) for row in rows}


def scene_at(starts: Sequence[int], at_ms: int) -> int:
    """The number of the scene that holds a moment; before the first one, the first."""
    return max(0, bisect_right(starts, at_ms) - 1)


def present_names(video: Video, rows: Sequence[Sequence[Any]]) -> list[str]:
    """The name that the speaker of each line has by now; `rows` are the lines as `Structure.rows` has them."""
    names = [speaker for _start_ms, _end_ms, _text, speaker, *_words in rows]
    for rename in SpeakerRename.objects.filter(video=video).order_by("created_at", "pk"):
        names = [
            rename.name if _is_renamed(rename, row, name) else name
            for row, name in zip(rows, names, strict=True)
        ]
    return names


def _is_renamed(rename: SpeakerRename, row: Sequence[Any], name: str) -> bool:
    if rename.start_ms is None or rename.end_ms is None:
        return name == rename.was
    start_ms, end_ms = row[0], row[1]
    return bool(rename.start_ms <= (start_ms + end_ms) // 2 <= rename.end_ms)


def _found_starts(video: Video) -> list[int]:
    scenes = Scene.objects.filter(video=video).order_by("index")
    return list(scenes.values_list("start_ms", flat=True))


def _line_borders(
    words: TranscriptWords,
    borders: Iterable[BorderEdit],
    scene_starts: Sequence[int],
    problems: dict[UUID, CorrectionProblem],
) -> dict[int, bool]:
    found: dict[int, bool] = {}
    for edit in borders:
        kind = BorderKind(edit.kind)
        if kind.is_of_scenes:
            continue
        word = words.find(Border(edit.at_ms, edit.before, edit.after))
        if word is None:
            problems[edit.pk] = CorrectionProblem.WORDS_GONE
        elif not kind.sets and not is_one_scene(words, word, scene_starts):
            problems[edit.pk] = CorrectionProblem.OTHER_SCENE
        else:
            found[word] = kind.sets
    return found


def is_one_scene(words: TranscriptWords, word: int, scene_starts: Sequence[int]) -> bool:
    """Whether a word and the one before it are in one scene."""
    first, last = words.words[word - 1].start_ms, words.start_ms(word)
    return scene_at(scene_starts, first) == scene_at(scene_starts, last)


def _scenes(
    before: UncorrectedTranscript,
    words: TranscriptWords,
    borders: Iterable[BorderEdit],
    lines_set: dict[int, bool],
    problems: dict[UUID, CorrectionProblem],
) -> tuple[SceneSpan, ...]:
    """The scenes; `lines_set` gets the borders of lines that go with theirs."""
    found = [(UUID(row[0]), row[1], row[2]) for row in before.scene_rows]
    ids = {start_ms: pk for pk, start_ms, _ in found}
    starts = [start_ms for _, start_ms, _ in found[1:]]
    for edit in borders:
        kind = BorderKind(edit.kind)
        if not kind.is_of_scenes:
            continue
        if not kind.sets:
            near = [each for each in starts if abs(each - edit.at_ms) <= NEAR_MS]
            if near:  # otherwise no scene begins there: that is what was wanted
                starts.remove(min(near, key=lambda each: abs(each - edit.at_ms)))
            continue
        at_ms, word = _scene_start(words, edit)
        if at_ms is None:
            problems[edit.pk] = CorrectionProblem.WORDS_GONE
            continue
        edges = [found[0][1], *starts, found[-1][2]]
        if all(abs(each - at_ms) >= LEAST_SCENE_MS for each in edges):
            starts.append(at_ms)
            ids.setdefault(at_ms, edit.pk)
            if word is not None and not words.is_cue_start(word):
                lines_set[word] = True
    spans = {(start_ms, end_ms): number for number, (_, start_ms, end_ms) in enumerate(found)}
    edges = [found[0][1], *sorted(starts), found[-1][2]]
    return tuple(
        SceneSpan(ids[start], start, end, spans.get((start, end))) for start, end in pairwise(edges)
    )


def _scene_start(words: TranscriptWords, edit: BorderEdit) -> tuple[int | None, int | None]:
    """When a scene begins that a person let begin there, and with which word."""
    if not words.words:
        return edit.at_ms, None
    word = words.find(Border(edit.at_ms, edit.before, edit.after)) if edit.after else None
    if word is None:
        word = words.first_at(edit.at_ms)
    return (None, None) if word is None else (words.start_ms(word), word)
