"""The language of what is said, and its changes within a recording.

Whisper writes in the language that it is told. Told another one than is spoken, it translates, writes words with low
probability, or nothing. So the language is asked for again in each window of 30 s, which costs nothing, since the
window is encoded in any case; and a stretch with a voice but without probable words is looked at a second time.

On nine real clips in six languages, joined (Whisper base, 2026-11-29), a window of one language was recognised with .86
to 1.00, one of two languages with .53 and .56, music with .34 to .45; words in the language that was told had a mean
probability of .73 to .92, those in another one .45 and .54.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

from mediakit.text.transcript import Word, join_words

# A recording's first language needs this probability to be kept for what follows, another one this.
MIN_FIRST, MIN_CHANGE = 0.5, 0.8
# Words with a lower mean probability may be in another language.
MIN_SURE_PROBABILITY = 0.6
# A stretch with less voice is not looked at again.
MIN_STRETCH_S = 2.0
# A longer stretch is divided at pauses into blocks of at least this: the languages of two people who talk in turns.
BLOCK_S = 6.0
# Where nothing plausible was heard, a voice without a pause is divided after this: who talks next may not have waited.
MAX_SPAN_S = 12.0
# No word is so long: a recogniser that skips a sentence in another language stretches a word over it.
MAX_WORD_S = 3.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Segment:
    """What a recogniser heard from `start_s` to `end_s` of a chunk.

    The words' times are those of the whole sound, in which the chunk begins at `offset_ms`.
    """

    start_s: float
    end_s: float
    text: str
    language: str
    words: tuple[Word, ...]
    is_plausible: bool = True
    offset_ms: int = 0

    @property
    def is_sure(self) -> bool:
        """Whether it is likely speech in the language that was told."""
        return self.is_plausible and mean_probability([self]) >= MIN_SURE_PROBABILITY


def mean_probability(segments: Iterable[Segment]) -> float:
    """The mean probability of all plausible words, 0 without any."""
    return mean_word_probability([word for s in segments if s.is_plausible for word in s.words])


def mean_word_probability(words: Sequence[Word]) -> float:
    """The mean probability of words, 0 without any."""
    return sum(word.probability or 0.0 for word in words) / len(words) if words else 0.0


@dataclass(slots=True)
class SpokenLanguage:
    """The code of the language that is spoken; empty until it is certain. It changes when another one is."""

    code: str = ""

    def take(self, likely: Sequence[tuple[str, float]]) -> str:
        """The language of the next window, given its languages with their probabilities, the likeliest first."""
        code, probability = likely[0]
        if probability >= (MIN_CHANGE if self.code else MIN_FIRST):
            self.code = code
        return self.code or code


class WindowLanguages:
    """A Whisper network that answers the question for a window's language with the one of `SpokenLanguage`.

    faster-whisper asks it before each window if told to (`multilingual`), and takes the likeliest language, however
    unlikely it is: music would change the language of a talk.
    """

    def __init__(self, network: Any, spoken: SpokenLanguage) -> None:
        self._network = network
        self._spoken = spoken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def detect_language(self, encoded: Any) -> list[list[tuple[str, float]]]:
        """The language as its token, with the probability that the network gives it."""
        (found,) = self._network.detect_language(encoded)
        likely = [(token.strip("<|>"), probability) for token, probability in found]
        code = self._spoken.take(likely)
        return [[(f"<|{code}|>", dict(likely).get(code, 0.0))]]


def with_second_looks(
    segments: Iterable[Segment],
    *,
    voiced: Sequence[Span],
    end_s: float,
    hear_again: Callable[[Span, str], Sequence[Segment]],
) -> Iterator[Segment]:
    """Yield a chunk's plausible segments, with those in another language than was told replaced.

    `voiced` are the spans with a voice and `end_s` is the chunk's end, in s. `hear_again(span, language)` returns what
    is said there if it is certainly said in another language than this; empty where nothing was heard.
    """
    sure_s = 0.0
    unsure: list[Segment] = []
    for segment in chain.from_iterable(_without_long_words(each, voiced) for each in segments):
        if not segment.is_sure:
            unsure.append(segment)
            continue
        yield from _second_look((sure_s, segment.start_s), unsure, voiced, hear_again)
        yield segment
        sure_s, unsure = segment.end_s, []
    yield from _second_look((sure_s, end_s), unsure, voiced, hear_again)


def _second_look(
    stretch: Span,
    unsure: Sequence[Segment],
    voiced: Sequence[Span],
    hear_again: Callable[[Span, str], Sequence[Segment]],
) -> Iterator[Segment]:
    """Yield what is said between two sure segments: `unsure`, or what is heard again where that is more probable."""
    inside = _inside(voiced, stretch)
    if not any(segment.is_plausible for segment in unsure):
        inside = list(chain.from_iterable(map(_divided, inside)))
    blocks = _blocks(inside)
    starts = [stretch[0], *(block[0][0] for block in blocks[1:]), math.inf]
    for block, (from_s, to_s) in zip(blocks or [[]], pairwise(starts), strict=False):
        here = [s for s in unsure if from_s <= (s.start_s + s.end_s) / 2 < to_s]
        found = [segment for segment in here if segment.is_plausible]
        if _length(block) >= MIN_STRETCH_S:
            again = hear_again((block[0][0], block[-1][1]), found[0].language if found else "")
            if mean_probability(again) > mean_probability(found):
                found = [segment for segment in again if segment.is_plausible]
        yield from found


def _without_long_words(segment: Segment, voiced: Sequence[Span]) -> Iterator[Segment]:
    """Yield a segment in two where a word lasts as long as a sentence: something else was said there.

    The recogniser skips what it does not understand, and stretches a word over it. The word belongs to the end, where
    the next one follows it. Its time is cut to its last MIN_STRETCH_S / 4.
    """
    for number, word in enumerate(segment.words):
        if word.end_ms - word.start_ms < 1000 * MAX_WORD_S:
            continue
        offset_s = segment.offset_ms / 1000
        gap = (word.start_ms / 1000 - offset_s, word.end_ms / 1000 - offset_s)
        if _length(_inside(voiced, gap)) < MIN_STRETCH_S:
            continue
        short = replace(word, start_ms=word.end_ms - round(250 * MIN_STRETCH_S))
        before, after = segment.words[:number], (short, *segment.words[number + 1 :])
        start_s = short.start_ms / 1000 - offset_s
        if before:
            yield replace(
                segment, end_s=gap[0], words=before, text=join_words([w.text for w in before])
            )
        rest = replace(
            segment, start_s=start_s, words=after, text=join_words([w.text for w in after])
        )
        yield from _without_long_words(rest, voiced)
        return
    yield segment


def _inside(spans: Iterable[Span], limits: Span) -> list[Span]:
    """The parts of spans between two limits."""
    parts = [(max(start, limits[0]), min(end, limits[1])) for start, end in spans]
    return [(start, end) for start, end in parts if start < end]


def _blocks(spans: Sequence[Span]) -> list[list[Span]]:
    """The spans in blocks of at least BLOCK_S of voice, divided at pauses: each may be in another language."""
    blocks: list[list[Span]] = []
    for span in spans:
        if not blocks or _length(blocks[-1]) >= BLOCK_S:
            blocks.append([])
        blocks[-1].append(span)
    return blocks


def _divided(span: Span) -> list[Span]:
    """A span in equal parts of at most MAX_SPAN_S."""
    start, end = span
    count = max(1, math.ceil((end - start) / MAX_SPAN_S))
    edges = [start + (end - start) * part / count for part in range(count + 1)]
    return list(pairwise(edges))


def _length(spans: Sequence[Span]) -> float:
    return sum(end - start for start, end in spans)
