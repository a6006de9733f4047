"""Where lines of a transcript begin: borders that a person set or took away, found again in one that was made anew."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mediakit.text.correction_places import NEAR_MS, SIMILAR_MS, letters
from mediakit.text.corrections import word_places
from mediakit.text.transcript import Cue, Word, estimate_words, join_words


@dataclass(frozen=True, slots=True)
class Border:
    """A place between two words as they were heard: `at_ms` is where the second one begins."""

    at_ms: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line, the number of its first word among all, and the cue that it is; None when it is made of parts."""

    cue: Cue
    first: int
    source: int | None


@dataclass(frozen=True, slots=True)
class _Part:
    """The words of a cue from `first` up to `last`."""

    cue: int
    first: int
    last: int


class TranscriptWords:
    """The words of all cues in their order. A border is the number of the word after it, from 1 on."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(estimate_words(cue) for cue in cues)
        self.words: list[Word] = []
        self._places: list[tuple[int, int]] = []
        for at, cue in enumerate(self.cues):
            self.words += cue.words
            self._places += [(at, number) for number in range(len(cue.words))]
        self._by_start = sorted(range(len(self.words)), key=lambda at: self.words[at].start_ms)
        self._starts = [self.words[at].start_ms for at in self._by_start]

    def border(self, word: int) -> Border:
        """The border before a word, to be found again."""
        before, after = self.words[word - 1], self.words[word]
        return Border(self.start_ms(word), before.text.strip(), after.text.strip())

    def start_ms(self, word: int) -> int:
        """When a line that begins with the word begins: with its cue, where it is the first of one."""
        cue, number = self._places[word]
        return self.words[word].start_ms if number else self.cues[cue].start_ms

    def is_cue_start(self, word: int) -> bool:
        """Whether the word is the first of a cue."""
        return self._places[word][1] == 0

    def find(self, border: Border) -> int | None:
        """Return the word after the border: at most 2 s away with the same words on both sides, or 1 s with one of
        them. None when it is not there.
        """
        before, after = letters(border.before), letters(border.after)
        near = sorted(self._near(border.at_ms), key=lambda at: self._distance_ms(at, border))
        sides = [
            (letters(self.words[at - 1].text) == before) + (letters(self.words[at].text) == after)
            for at in near
        ]
        for at, same in zip(near, sides, strict=True):
            if same == 2:
                return at
        for at, same in zip(near, sides, strict=True):
            if same and self._distance_ms(at, border) <= SIMILAR_MS:
                return at
        return None

    def first_at(self, at_ms: int) -> int | None:
        """Return the first word of a cue that begins nearest to a moment, at most 2 s away; None without one."""
        starts = [at for at in self._near(at_ms) if self.is_cue_start(at)]
        return min(starts, key=lambda at: abs(self.start_ms(at) - at_ms), default=None)

    def lines(self, borders: Mapping[int, bool]) -> list[Line]:
        """Return the lines: those of the cues, but for the borders (by the word after each) that are set or not."""
        return [self._line(parts) for parts in self._parted(borders)]

    def _near(self, at_ms: int) -> list[int]:
        low = bisect_left(self._starts, at_ms - NEAR_MS)
        high = bisect_right(self._starts, at_ms + NEAR_MS)
        return [at for at in self._by_start[low:high] if at]

    def _distance_ms(self, word: int, border: Border) -> int:
        return abs(self.start_ms(word) - border.at_ms)

    def _parted(self, borders: Mapping[int, bool]) -> Iterator[list[_Part]]:
        """Yield the parts of cues that make each line. A cue without words is a line."""
        line: list[_Part] = []
        word = 0
        for at, cue in enumerate(self.cues):
            cuts = [
                number
                for number in range(len(cue.words))
                if borders.get(word + number, number == 0)
            ]
            if line and (not cue.words or 0 in cuts):
                yield line
                line = []
            edges = [0, *(cut for cut in cuts if cut), len(cue.words)]
            for number, (first, last) in enumerate(pairwise(edges)):
                if number:
                    yield line
                    line = []
                line.append(_Part(at, first, last))
            if not cue.words:
                yield line
                line = []
            word += len(cue.words)
        if line:
            yield line

    def _line(self, parts: Sequence[_Part]) -> Line:
        first = parts[0]
        whole = self.cues[first.cue]
        word = bisect_left(self._places, (first.cue, first.first))
        if len(parts) == 1 and first.last - first.first == len(whole.words):
            return Line(whole, word, first.cue)
        cues = [_part(self.cues[part.cue], part.first, part.last) for part in parts]
        joined = replace(
            cues[0],
            start_ms=min(cue.start_ms for cue in cues),
            end_ms=max(cue.end_ms for cue in cues),
            text=join_words([cue.text for cue in cues]),
            words=tuple(word for cue in cues for word in cue.words),
            speaker=next((cue.speaker for cue in cues if cue.speaker), ""),
        )
        return Line(joined, word, None)


def _part(cue: Cue, first: int, last: int) -> Cue:
    """A part of a cue; what stands before its first and after its last word stays with them."""
    is_start, is_end = first == 0, last == len(cue.words)
    if is_start and is_end:
        return cue
    words = cue.words[first:last]
    places = word_places(cue.text, cue.words)
    if places is None:
        text = join_words([word.text.strip() for word in words])
    else:
        start = 0 if is_start else places[first][0]
        end = len(cue.text) if is_end else places[last][0]
        text = cue.text[start:end].strip()
    start_ms = cue.start_ms if is_start else words[0].start_ms
    end_ms = cue.end_ms if is_end else max(word.end_ms for word in words)
    return replace(cue, start_ms=start_ms, end_ms=max(start_ms, end_ms), text=text, words=words)
