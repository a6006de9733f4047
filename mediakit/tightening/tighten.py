"""What may go so that a talk gets tighter: pauses, fillers, repeated starts. Nothing is cut here; each is a suggestion.

A pause is cut only where no word is and no voice is heard and the level is near the room's: a pause between words that
is loud is a word that the recogniser missed. Fillers and repeated starts go only where a pause is on both sides.
Breaths and noises stay.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cut_time import MAX_RANGES, MIN_RANGE_MS, Span, join_touching
from mediakit.text.languages import guess_language, normalize_language_code
from mediakit.text.transcript import Word
from mediakit.tightening.quiet import QuietMap
from mediakit.tightening.word_borders import AIR_MS, Border, word_borders
from mediakit.tightening.word_lists import FILLERS, NO_FILLERS, FillerWords

# A cut that saves less is not worth its join.
LEAST_SAVED_MS = 50
# The longest start that is repeated, in words.
MAX_REPEATED_WORDS = 4
# A filler phrase stands alone where this much quiet, or a comma, is beside it.
ALONE_MS = 150
# The model hears a voice for a moment longer than there is one.
VOICE_MS = 200
# What lasts longer is not one word: the recogniser missed another.
LONGEST_WORD_MS = 1_500
# Words this far outside the ranges are looked at, too: they border on the first and the last one.
BESIDE_MS = 3_000

_STOPS, _COMMAS = ".!?…。！？", ",;:，、"


class Speed(StrEnum):
    """How tight a talk gets: which pauses are shortened, and to what."""

    CALM = "calm"
    BRISK = "brisk"
    FAST = "fast"


# Pauses longer than the first are shortened to the second, in ms: gaps over 0.6 s are hesitations, those of 0.2 to
# 0.6 s end sentences, those of 0.1 to 0.2 s are between phrases.
PAUSES_MS = {Speed.CALM: (600, 300), Speed.BRISK: (200, 140), Speed.FAST: (100, 2 * AIR_MS)}


class CutKind(StrEnum):
    """What a suggested cut removes."""

    PAUSE = "pause"
    FILLER = "filler"
    REPEAT = "repeat"


@dataclass(frozen=True, slots=True)
class TightCut:
    """A suggested cut: a span of the source, and the words in it (none in a pause).

    `whole_ms` is the pause that it shortens; for words it is the span itself. `saved_ms` is how much shorter it makes
    the clip: less than the span where some of it is left out already.
    """

    kind: CutKind
    start_ms: int
    end_ms: int
    whole_ms: int
    text: str = ""
    saved_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Talk:
    """The words near a clip, folded, with the borders between them and what is quiet."""

    words: Sequence[Word]
    tokens: Sequence[str]
    borders: Sequence[Border]
    quiet: QuietMap


def suggest_cuts(
    words: Sequence[Word],
    index: SpeechIndex,
    ranges: Sequence[Span],
    *,
    speed: Speed = Speed.CALM,
    language: str = "",
) -> list[TightCut]:
    """Return what may go from kept ranges, in order and without overlap, so few that the ranges stay MAX_RANGES.

    `words` are those of the video, in order; without a `language` they tell it. Without a speech index nothing is
    suggested.
    """
    if not index.steps or not ranges:
        return []
    low, high = ranges[0][0] - BESIDE_MS, ranges[-1][1] + BESIDE_MS
    near = [word for word in words if word.end_ms > low and word.start_ms < high]
    quiet = QuietMap(index, low, high)
    borders = word_borders(near, quiet, duration_ms=high)
    code = normalize_language_code(language).partition("-")[0]
    lists = FILLERS.get(code or guess_language(" ".join(word.text for word in near)), NO_FILLERS)
    talk = _Talk(near, [_fold(word.text) for word in near], borders, quiet)
    cuts = [*_fillers(talk, lists), *_repeats(talk, lists), *_pauses(talk, ranges, speed)]
    inside = (
        replace(cut, saved_ms=_kept_ms(ranges, cut))
        for cut in cuts
        if ranges[0][0] <= cut.start_ms and cut.end_ms <= ranges[-1][1]
    )
    found = _without_overlap(cut for cut in inside if cut.saved_ms >= LEAST_SAVED_MS)
    return _few_enough(found, ranges)


def _kept_ms(ranges: Sequence[Span], cut: TightCut) -> int:
    return sum(max(0, min(end, cut.end_ms) - max(start, cut.start_ms)) for start, end in ranges)


def without_cuts(ranges: Sequence[Span], cuts: Iterable[TightCut]) -> list[Span]:
    """Return the ranges without some cuts. What is left between two cuts and is too short to be kept goes too."""
    kept = list(ranges)
    for cut in cuts:
        kept = [
            part
            for start, end in kept
            for part in ((start, min(end, cut.start_ms)), (max(start, cut.end_ms), end))
            if part[0] < part[1]
        ]
    joined = join_touching(kept)
    return [span for span in joined if span[1] - span[0] >= MIN_RANGE_MS] or list(joined[:1])


def _pauses(talk: _Talk, ranges: Sequence[Span], speed: Speed) -> Iterator[TightCut]:
    """The pauses between words, and before the first and after the last one, each shortened where it is silent."""
    least_ms, left_ms = PAUSES_MS[speed]
    quiet = talk.quiet
    gaps = [(border.sound_end_ms, border.sound_start_ms) for border in talk.borders]
    if not talk.words:
        gaps = quiet.silent_runs(ranges[0][0], ranges[-1][1], least_ms)
    for gap in gaps:
        length_ms = gap[1] - gap[0]
        if length_ms < least_ms:
            continue
        excess_ms = length_ms - left_ms
        runs = quiet.silent_runs(*gap, 2 * AIR_MS + LEAST_SAVED_MS)
        for start_ms, end_ms in sorted(runs, key=lambda run: run[0] - run[1]):
            saved_ms = min(excess_ms, end_ms - start_ms - 2 * AIR_MS)
            if saved_ms >= LEAST_SAVED_MS:
                excess_ms -= saved_ms
                at_ms = start_ms + (end_ms - start_ms - saved_ms) // 2
                yield TightCut(CutKind.PAUSE, at_ms, at_ms + saved_ms, length_ms)


def _fillers(talk: _Talk, lists: FillerWords) -> Iterator[TightCut]:
    words, tokens = talk.words, talk.tokens
    longest = max((len(phrase) for phrase in lists.phrases), default=0)
    at = 0
    while at < len(words):
        count = 1 if tokens[at] in lists.sounds else 0
        for size in range(min(longest, len(words) - at), 0, -1):
            is_phrase = tuple(tokens[at : at + size]) in lists.phrases
            if is_phrase and _stands_alone(words, talk.borders, at, at + size):
                count = max(count, size)
                break
        if count and (cut := _of_words(CutKind.FILLER, talk, at, at + count)):
            yield cut
        at += max(1, count)


def _stands_alone(words: Sequence[Word], borders: Sequence[Border], first: int, last: int) -> bool:
    """Whether words (`first` to before `last`) have a comma, an end or a pause on both sides."""
    marks = _STOPS + _COMMAS
    begins = first == 0 or words[first - 1].text.rstrip()[-1:] in marks
    ends = last == len(words) or words[last - 1].text.rstrip()[-1:] in marks
    before, after = borders[first], borders[last]
    return (begins or before.sound_start_ms - before.sound_end_ms >= ALONE_MS) and (
        ends or after.sound_start_ms - after.sound_end_ms >= ALONE_MS
    )


def _repeats(talk: _Talk, lists: FillerWords) -> Iterator[TightCut]:
    """Starts that are said again at once: "we were, we were", "the the", "th- the". The first one goes."""
    words, tokens = talk.words, talk.tokens
    at = 0
    while at < len(words):
        size = next(
            (
                size
                for size in range(MAX_REPEATED_WORDS, 0, -1)
                if _is_repeated(words, tokens, at, size, lists)
            ),
            0,
        )
        if size and (cut := _of_words(CutKind.REPEAT, talk, at, at + size)):
            yield cut
        at += max(1, size)


def _is_repeated(
    words: Sequence[Word], tokens: Sequence[str], at: int, size: int, lists: FillerWords
) -> bool:
    first, second = tokens[at : at + size], tokens[at + size : at + 2 * size]
    if len(second) < size or any(
        word.text.rstrip()[-1:] in _STOPS for word in words[at : at + size]
    ):
        return False
    if size == 1 and words[at].text.rstrip()[-1:] in "-–—" and first[0]:
        return second[0].startswith(first[0])
    is_meant = len(set(first)) == 1 and (
        first[0] in lists.doubled or first[0] in lists.sounds or first[0].isdigit()
    )
    return first == second and all(first) and not is_meant


def _of_words(kind: CutKind, talk: _Talk, first: int, last: int) -> TightCut | None:
    """The cut of words (`first` to before `last`); None without a pause on both sides, or where they last too long.

    The pause after them goes too, unless something is heard in it, which may be a word that the recogniser missed.
    """
    before, after = talk.borders[first], talk.borders[last]
    if not (before.is_pause and after.is_pause) or last == len(talk.words):
        return None
    if after.sound_end_ms - before.sound_start_ms > LONGEST_WORD_MS * (last - first):
        return None
    pause_ms = after.sound_start_ms - after.sound_end_ms
    silent = talk.quiet.silent_runs(after.sound_end_ms, after.sound_start_ms, 1)
    is_silent = max((end - start for start, end in silent), default=0) >= pause_ms - VOICE_MS
    start_ms, end_ms = before.start_ms, after.start_ms if is_silent else after.end_ms
    if end_ms - start_ms < LEAST_SAVED_MS:
        return None
    text = " ".join(word.text.strip() for word in talk.words[first:last])
    return TightCut(kind, start_ms, end_ms, end_ms - start_ms, text)


def _without_overlap(cuts: Iterable[TightCut]) -> list[TightCut]:
    """The cuts in order; of two that overlap, the one that came first."""
    kept: list[TightCut] = []
    for cut in cuts:
        if all(cut.end_ms <= other.start_ms or other.end_ms <= cut.start_ms for other in kept):
            kept.append(cut)
    return sorted(kept, key=lambda cut: cut.start_ms)


def _few_enough(cuts: list[TightCut], ranges: Sequence[Span]) -> list[TightCut]:
    """The cuts, without those that save least where the ranges would be too many."""
    surplus = len(without_cuts(ranges, cuts)) - MAX_RANGES
    if surplus <= 0:
        return cuts
    least = sorted(cuts, key=lambda cut: cut.saved_ms)[surplus:]
    return sorted(least, key=lambda cut: cut.start_ms)


def _fold(text: str) -> str:
    """A word without case and punctuation, but for what is inside it."""
    return text.casefold().strip().strip(_STOPS + _COMMAS + "\"'“”‘’«»()[]-–—~ ")


def snapped_span(
    words: Sequence[Word], index: SpeechIndex, span: Span, *, duration_ms: int
) -> Span:
    """Return a span of whole words with its ends in the quiet beside the first and the last of them.

    The span stays as it is without words in it, or without a speech index.
    """
    if not index.steps:
        return span
    low, high = span[0] - BESIDE_MS, span[1] + BESIDE_MS
    near = [word for word in words if word.end_ms > low and word.start_ms < high]
    inside = [
        at
        for at, word in enumerate(near)
        if span[0] <= (word.start_ms + word.end_ms) // 2 < span[1]
    ]
    if not inside:
        return span
    borders = word_borders(near, QuietMap(index, low, high), duration_ms=duration_ms)
    start_ms, end_ms = borders[inside[0]].start_ms, borders[inside[-1] + 1].end_ms
    return (start_ms, end_ms) if start_ms < end_ms else span
