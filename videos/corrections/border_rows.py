"""Writing lines and scenes whose borders a person changed: those that stay keep their rows, the others get new ones."""

from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import Any, cast
from uuid import UUID

from django.db.models import F, QuerySet

from videos.corrections.placed import CorrectedLines
from videos.corrections.rows import line_content, scene_contents, scene_tags_of
from videos.corrections.structure import SCENE_COLUMNS, SceneSpan, present_names
from videos.models import Cue, Scene

_BATCH = 500
_ASIDE = 10_000_000  # above any index, while rows are renumbered
_CUE_COLUMNS = ("start_ms", "end_ms", "text", "speaker", "words_estimated", "words")
_SCENE_CONTENT = ("index", "text", "tags", *SCENE_COLUMNS[1:])


def rewrite_cues(lines: CorrectedLines) -> bool:
    """Write all lines that differ from their rows; returns whether the speaker of one changed."""
    wanted = _wanted_cues(lines)
    rows = Cue.objects.filter(video=lines.video)
    present = list(rows.order_by("index").values_list(*_CUE_COLUMNS))
    head = _same_count(present, wanted)
    tail = _same_count(present[head:][::-1], wanted[head:][::-1])
    old, new = present[head : len(present) - tail], wanted[head : len(wanted) - tail]
    rows.filter(index__gte=head, index__lt=head + len(old)).delete()
    if tail and len(old) != len(new):
        _renumber(rows, [(head + len(old), len(present), len(new) - len(old))])
    Cue.objects.bulk_create(
        [
            Cue(video=lines.video, index=head + at, **dict(zip(_CUE_COLUMNS, row, strict=True)))
            for at, row in enumerate(new)
        ],
        batch_size=_BATCH,
    )
    return {row[3] for row in old} != {row[3] for row in new}


def _wanted_cues(lines: CorrectedLines) -> list[tuple[Any, ...]]:
    rows = lines.structure.rows
    wanted = []
    for index, (row, name) in enumerate(zip(rows, present_names(lines.video, rows), strict=True)):
        start_ms, end_ms, _, _, is_estimated, _ = row
        text, words = line_content(lines, index)
        wanted.append((start_ms, end_ms, text, name[:100], is_estimated, words))
    return wanted


def _same_count(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many are the same from the start on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _renumber(
    rows: "QuerySet[Cue] | QuerySet[Scene]", moves: Sequence[tuple[int, int, int]]
) -> None:
    """Move the rows with an index from the first up to the second number by the third, all at once."""
    moves = [move for move in moves if move[2]]
    for first, last, by in moves:
        inside = rows.filter(index__gte=first, index__lt=last)
        inside.update(index=F("index") + _ASIDE + by)
    for first, last, by in moves:
        inside = rows.filter(index__gte=first + _ASIDE + by, index__lt=last + _ASIDE + by)
        inside.update(index=F("index") - _ASIDE)


def rewrite_scenes(lines: CorrectedLines) -> bool:
    """Write the scenes that differ from their rows, and remove those that are no more; returns whether any did."""
    spans = lines.structure.scenes
    if spans is None:
        return False
    rows = Scene.objects.filter(video=lines.video)
    present = {row.pk: row for row in rows.order_by("index")}
    gone = present.keys() - {span.id for span in spans}
    rows.filter(pk__in=gone).delete()
    stays = [(at, present[span.id]) for at, span in enumerate(spans) if span.id in present]
    groups = groupby(stays, key=lambda pair: pair[0] - pair[1].index)
    moves = [
        (group[0][1].index, group[-1][1].index + 1, by)
        for by, found in groups
        if (group := list(found))
    ]
    _renumber(rows, moves)
    changed = bool(gone)
    for row, content in _wanted_scenes(lines, spans, present):
        is_new = row.pk not in present
        if is_new or content != {name: getattr(row, name) for name in _SCENE_CONTENT}:
            for name, value in content.items():
                setattr(row, name, value)
            row.save(force_insert=is_new)
            changed = True
    return changed


def _wanted_scenes(
    lines: CorrectedLines, spans: Sequence[SceneSpan], present: dict[UUID, Scene]
) -> list[tuple[Scene, dict[str, Any]]]:
    """Each scene's row, and what it is to have."""
    starts = [span.start_ms for span in spans]
    said = scene_contents(lines, starts, range(len(spans)))
    texts = [said[number] for number in range(len(spans))]
    found = [
        dict(zip(SCENE_COLUMNS, row, strict=True))
        for row in cast("list[list[Any]]", lines.before.scene_rows)
    ]
    wanted = []
    for number, span in enumerate(spans):
        row = present.get(span.id) or Scene(pk=span.id, video=lines.video, index=number)
        is_same = row.text == texts[number] and span.id in present
        content = {
            "index": number,
            "start_ms": span.start_ms,
            "end_ms": span.end_ms,
            "text": texts[number],
            "tags": row.tags if is_same else scene_tags_of(lines, starts, texts, number),
            "thumbnail_key": _picture(span, row, found),
            **_seen(span, found),
        }
        wanted.append((row, content))
    return wanted


def _picture(span: SceneSpan, row: Scene, found: Sequence[dict[str, Any]]) -> str:
    """The key of a picture that lies in the scene; empty until one is drawn."""
    if (row.start_ms, row.end_ms) == (span.start_ms, span.end_ms) and row.thumbnail_key:
        return row.thumbnail_key
    inside = [
        each["thumbnail_key"]
        for each in found
        if span.start_ms <= each["start_ms"] and each["end_ms"] <= span.end_ms
    ]
    return str(inside[0]) if inside else ""


def _seen(span: SceneSpan, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What was seen in the scenes whose middle lies in this one."""
    inside = [
        each
        for each in found
        if span.start_ms <= (each["start_ms"] + each["end_ms"]) // 2 < span.end_ms
    ]
    return {
        **{
            name: " ".join(each[name] for each in inside if each[name])
            for name in ("visual_summary", "visual_description")
        },
        **{
            name: list(dict.fromkeys(one for each in inside for one in each[name]))
            for name in ("visual_entities", "visual_actions")
        },
    }
