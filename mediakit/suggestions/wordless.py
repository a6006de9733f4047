"""Suggestions without a transcript: from sound and picture only."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import median

from mediakit.audio.loudness_index import STEP_MS
from mediakit.suggestions.material import Basis, Material, Reason, Suggestion
from mediakit.suggestions.pictures import change_rate, opens_dark, with_a_picture
from mediakit.suggestions.selection import choose
from mediakit.suggestions.voice import SPEECH_LUFS, VoiceLevels, ranks

# This much below the median counts as quiet, and a quiet stretch of this length is a border.
QUIET_LU, QUIET_MS = 15.0, 400
# Borders nearer to each other than this are one; it also bounds the work.
BORDER_GAP_MS = 2_000
IDEAL_MS = 30_000
ENDS_PER_START = 3
ENERGY_WEIGHT, PICTURE_WEIGHT, DARK_PENALTY = 0.7, 0.3, 0.3
LEAST_REASON = 0.2


def suggest_without_words(
    material: Material, *, count: int, min_ms: int, max_ms: int
) -> list[Suggestion]:
    """Return ranges from one quiet place or change of picture to another, the loudest and liveliest first.

    None where nothing is heard and the picture does not change: then nothing speaks for any range.
    """
    spans = _spans(_borders(material), min_ms=min_ms, max_ms=max_ms)
    spans = with_a_picture(spans, material, start=lambda span: span[0])
    voice = VoiceLevels(material.levels)
    energies = ranks([voice.energy(*span) for span in spans])
    shots = sorted(material.shots_ms)
    found = []
    for span, energy in zip(spans, energies, strict=True):
        picture = change_rate(shots, *span)
        dark = DARK_PENALTY * opens_dark(material.dark_ms, span[0])
        score = (ENERGY_WEIGHT * (1 + energy) / 2) + PICTURE_WEIGHT * picture - dark
        reasons = [Reason.ENERGY] if energy >= LEAST_REASON else []
        reasons += [Reason.PICTURE] if picture >= LEAST_REASON else []
        if reasons:
            found.append(Suggestion(*span, max(0.0, round(score, 4)), tuple(reasons), Basis.SOUND))
    found.sort(key=lambda each: (-each.score, each.start_ms, each.end_ms))
    return choose(
        found, count=count, span=lambda each: (each.start_ms, each.end_ms), tokens=lambda _: ()
    )


def _borders(material: Material) -> list[int]:
    """Return the middles of quiet stretches, changes of shot and both ends of the video, in ms."""
    inside = {time for time in material.shots_ms if 0 < time < material.duration_ms}
    inside.update(quiet_places(material.levels.steps_lufs()))
    borders = [0]
    for time in sorted(inside):
        if time - borders[-1] >= BORDER_GAP_MS:
            borders.append(time)
    return [*borders, material.duration_ms]


def quiet_places(lufs: Sequence[float]) -> list[int]:
    """Return the middles of the stretches that are quiet compared with the rest, in ms."""
    heard = [value for value in lufs if value > SPEECH_LUFS]
    if not heard:
        return []
    limit = max(SPEECH_LUFS, median(heard) - QUIET_LU)
    found, first = [], None
    for step, value in enumerate([*lufs, 0.0]):
        if value < limit:
            first = step if first is None else first
        elif first is not None:
            if (step - first) * STEP_MS >= QUIET_MS:
                found.append((first + step) * STEP_MS // 2)
            first = None
    return found


def _spans(borders: Sequence[int], *, min_ms: int, max_ms: int) -> list[tuple[int, int]]:
    """Return for each border the ranges of a fitting length whose length is nearest to IDEAL_MS."""
    found = []
    for start in borders:
        low, high = bisect_left(borders, start + min_ms), bisect_right(borders, start + max_ms)
        ends = sorted(borders[low:high], key=lambda end: abs(end - start - IDEAL_MS))
        found += [(start, end) for end in ends[:ENDS_PER_START]]
    return found
