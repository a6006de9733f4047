"""Caption layout: the pages of one or two lines on which cues are shown."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from mediakit.captions import fonts
from mediakit.subtitles.cues.markup import normalize_text
from mediakit.text import capitals, word_segmentation
from mediakit.text.line_breaking import (
    BAD_BREAK_COST,
    COMMA_COST,
    PHRASE_COST,
    SENTENCE_COST,
    begins_sentence,
    break_costs,
    sentence_end_flags,
)
from mediakit.text.transcript import (
    NO_SPACE_MARK,
    Cue,
    Word,
    estimate_words,
    is_unspaced,
    join_words,
)

# Limits on the text that is drawn: per word, per cue, per Short.
MAX_WORD_CHARS, MAX_CUE_CHARS, MAX_SHORT_CHARS = 60, 600, 6_000
MAX_PAGE_WORDS = 20
# A word wider than a line is drawn smaller. A word more than this many lines wide is broken up.
MAX_WORD_WIDTHS = 1.6
MAX_COMBINING_MARKS = 3  # on one letter
# A longer pause ends a page. A page stays for HOLD_MS after its last word, and for MIN_PAGE_MS in all.
PAUSE_MS, HOLD_MS, MIN_PAGE_MS = 900, 450, 500
MAX_PAGE_MS = 5_000
# Costs of a sentence end inside a page: at the end of its first line, or in the middle of a line.
SENTENCE_END_ON_PAGE_COST, SENTENCE_END_IN_LINE_COST = 5.0, 14.0

_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u20e3\ufe0e\ufe0f]|\u200d"
)
_JOINERS = "\u200d\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class CaptionPage:
    """The words on screen together, in one or two lines. Times are ms from the Short's start."""

    start_ms: int
    end_ms: int
    lines: tuple[tuple[Word, ...], ...]
    speaker: str = ""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words in spoken order."""
        return tuple(word for line in self.lines for word in line)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The limits of a page. `max_words` is per line, 0 for as many as fit.

    `extra_space_em` widens the font's space. `language` of the speech is a code such as "en", or empty if unknown.
    """

    font: str
    line_width_em: float
    max_lines: int = 2
    max_words: int = 0
    language: str = ""
    extra_space_em: float = 0.0

    def width_em(self, text: str) -> float:
        """Return the width of a text in em."""
        return fonts.width_em(text, self.font)


def display_text(
    text: str, *, upper_case: bool = False, emoji: bool = True, language: str = ""
) -> str:
    """Return a word as it is drawn: only drawable characters, few marks per letter, limited in length.

    Capitals (`upper_case`) are those of the language.
    """
    is_continued = text.startswith(NO_SPACE_MARK)
    text = normalize_text(text[: MAX_WORD_CHARS * 4]).replace("\n", " ")
    if not emoji:
        text = _EMOJI.sub("", text)
    kept: list[str] = []
    marks = 0
    for char in capitals.upper_case(text, language) if upper_case else text:
        marks = marks + 1 if unicodedata.combining(char) or char in _JOINERS else 0
        if marks <= MAX_COMBINING_MARKS:
            kept.append(char)
    drawable = fonts.drawable_text("".join(kept)[:MAX_WORD_CHARS]).strip()
    return NO_SPACE_MARK + drawable if drawable and is_continued else drawable


def paginate(
    cues: Sequence[Cue],
    layout: PageLayout,
    *,
    draw: Callable[[str], str] = display_text,
    duration_ms: int,
) -> list[CaptionPage]:
    """Lay out the cues on pages in order of time. Pages do not overlap.

    `draw` returns the text that is drawn for a word; words with an empty text are left out.
    """
    pages: list[CaptionPage] = []
    for run, begins, speaker in _speech_runs(_merge_simultaneous(cues), layout, draw):
        pages += [
            replace(page, speaker=speaker) for page in _PageBreaker(run, layout, begins).pages()
        ]
    return _set_end_times(sorted(pages, key=lambda page: page.start_ms), duration_ms)


def _merge_simultaneous(cues: Iterable[Cue]) -> list[Cue]:
    """Return the cues with those that start at about the same time as one, so that each can be read."""
    merged: list[Cue] = []
    for cue in cues:
        before = merged[-1] if merged else None
        if before and cue.start_ms < min(before.start_ms + MIN_PAGE_MS, before.end_ms):
            end = max(before.end_ms, cue.end_ms)
            merged[-1] = Cue(before.start_ms, end, f"{before.text}\n{cue.text}")
        else:
            merged.append(cue)
    return merged


def _speech_runs(
    cues: Sequence[Cue], layout: PageLayout, draw: Callable[[str], str]
) -> Iterator[tuple[list[Word], dict[int, Cue], str]]:
    """Yield (words, cues by the index of their first word, speaker) of each run of words that may share a page.

    A run has one speaker and no long pause.
    """
    run: list[Word] = []
    begins: dict[int, Cue] = {}
    speaker, left = "", MAX_SHORT_CHARS
    for cue in cues:
        first = True
        for word in _display_words(cue, layout, draw):
            left -= len(word.text)
            if left < 0:
                break
            paused = run and word.start_ms - run[-1].end_ms > PAUSE_MS
            overlaps = run and word.start_ms < run[-1].start_ms
            if run and (paused or overlaps or (cue.speaker and cue.speaker != speaker)):
                yield run, begins, speaker
                run, begins = [], {}
            speaker = cue.speaker or ("" if not run else speaker)
            if first:
                begins[len(run)] = cue
            run.append(word)
            first = False
    if run:
        yield run, begins, speaker


def _display_words(cue: Cue, layout: PageLayout, draw: Callable[[str], str]) -> Iterator[Word]:
    """Yield the cue's words as they are drawn. A word far too wide for a line is broken into parts that fit."""
    left = MAX_CUE_CHARS
    for word in word_segmentation.segment_words(estimate_words(cue).words, layout.language):
        text = draw(word.text)
        left -= len(text)
        if left < 0:
            return
        if text:
            yield from _fit_word(replace(word, text=text), layout)


def _fit_word(word: Word, layout: PageLayout) -> Iterator[Word]:
    """Yield the word, or its parts if even a smaller font would not fit it into one line."""
    if layout.width_em(word.text) <= layout.line_width_em * MAX_WORD_WIDTHS:
        yield word
        return
    parts = break_word(word.text, layout)
    length = word.end_ms - word.start_ms
    for number, part in enumerate(parts):
        start = word.start_ms + length * number // len(parts)
        end = word.start_ms + length * (number + 1) // len(parts)
        yield replace(word, start_ms=start, end_ms=end, text=part)


def break_word(text: str, layout: PageLayout) -> list[str]:
    """Break a word into parts no wider than a line. Parts after the first begin with `NO_SPACE_MARK`."""
    parts: list[str] = []
    for char in text:
        joins = unicodedata.combining(char) or char in _JOINERS
        if parts and (joins or layout.width_em(parts[-1] + char) <= layout.line_width_em):
            parts[-1] += char
        else:
            parts.append((NO_SPACE_MARK if parts else "") + char)
    return parts


class _PageBreaker:
    """Finds the page breaks of a run of words with the least total cost, by dynamic programming.

    `cuts[i]` is the cost of a break before word i.
    """

    def __init__(
        self, words: Sequence[Word], layout: PageLayout, begins: Mapping[int, Cue]
    ) -> None:
        self.words = words
        self.layout = layout
        space = layout.width_em(" ") + layout.extra_space_em
        spaces = [0.0 if _are_glued(*two) else space for two in pairwise(words)]
        steps = [
            layout.width_em(word.text) + gap
            for word, gap in zip(words, [*spaces, 0.0], strict=True)
        ]
        self._ends = [0.0, *accumulate(steps)]
        self._spaces = [0.0, *spaces, 0.0]
        self.cuts = [0.0, *break_costs(words, layout.language), 0.0]
        self._stops = [0, *accumulate(self._sentences(begins))]

    def _sentences(self, begins: Mapping[int, Cue]) -> list[bool]:
        """Return whether a sentence ends with each word. Cue boundaries count, and lower the cost of a break."""
        ends = sentence_end_flags(self.words)
        # Subtitles in scripts without capitals often have no full stops: then each cue is a sentence.
        bare = not any(ends)
        for at, cue in begins.items():
            if not at:
                continue
            before, language = self.words[at - 1], self.layout.language
            alone = bare and is_unspaced(before.text) and is_unspaced(cue.text)
            if begins_sentence(before, cue, language) or (alone and self.cuts[at] > COMMA_COST):
                ends[at - 1], self.cuts[at] = True, SENTENCE_COST
            elif self.cuts[at] < BAD_BREAK_COST:  # the author of the cues ended one here
                self.cuts[at] = min(self.cuts[at], PHRASE_COST)
        return ends

    def width(self, first: int, last: int) -> float:
        """Return the width in em of the words `first`..`last` (exclusive) in one line."""
        return self._ends[last] - self._ends[first] - self._spaces[last]

    def fits(self, first: int, last: int) -> bool:
        """Whether the words fit in one line. A single word always does: it is drawn smaller."""
        few = not self.layout.max_words or last - first <= self.layout.max_words
        return last - first == 1 or (few and self.width(first, last) <= self.layout.line_width_em)

    def pages(self) -> list[CaptionPage]:
        """Return the cheapest sequence of pages."""
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)]  # cost, first word, where line 2 begins
        for last in range(1, len(self.words) + 1):
            options = []
            for first in range(last - 1, max(-1, last - 1 - MAX_PAGE_WORDS), -1):
                line = self._second_line(first, last)
                if line is None:
                    break
                cost, at = line
                options.append((best[first][0] + cost + self._cost(first, last), first, at))
            best.append(min(options))
        pages: list[CaptionPage] = []
        last = len(self.words)
        while last:
            _, first, at = best[last]
            pages.append(self._page(first, last, at))
            last = first
        return pages[::-1]

    def _page(self, first: int, last: int, at: int) -> CaptionPage:
        words = self.words
        lines = (words[first:at], words[at:last]) if at else (words[first:last],)
        kept = tuple(tuple(line) for line in lines)
        return CaptionPage(words[first].start_ms, words[last - 1].end_ms, kept)

    def _second_line(self, first: int, last: int) -> tuple[float, int] | None:
        """Return (cost, index) of the second line's start: index 0 for one line, None if two lines do not fit."""
        if self.fits(first, last):
            return SENTENCE_END_IN_LINE_COST * self._stops_inside(first, last), 0
        if self.layout.max_lines < 2:
            return None
        breaks = [
            (self._line_cost(first, at, last), at)
            for at in range(first + 1, last)
            if self.fits(first, at) and self.fits(at, last)
        ]
        return min(breaks) if breaks else None

    def _line_cost(self, first: int, at: int, last: int) -> float:
        """Return the cost of a second line that begins at word `at`."""
        mixed = self._stops_inside(first, at) + self._stops_inside(at, last)
        stop = self._stops[at] - self._stops[at - 1]
        cost = self.cuts[at] * 0.7 + self._unevenness(first, at, last)
        return cost + SENTENCE_END_IN_LINE_COST * mixed + SENTENCE_END_ON_PAGE_COST * stop

    def _stops_inside(self, first: int, last: int) -> int:
        """Return how many sentences end before the last of the words."""
        return self._stops[last - 1] - self._stops[first]

    def _unevenness(self, first: int, at: int, last: int) -> float:
        return 4 * abs(self.width(first, at) - self.width(at, last)) / self.layout.line_width_em

    def _cost(self, first: int, last: int) -> float:
        """Return the cost of the words as one page."""
        words = self.words
        cost = 3.0 + self.cuts[last]
        if last < len(words):
            lasts_ms = words[last].start_ms - words[first].start_ms
            cost += 4.0 if lasts_ms < MIN_PAGE_MS + 200 else 0.0
        alone = last - first == 1 and len(words) > 1
        cost += 2.0 if alone else 0.0
        return cost + (4.0 if words[last - 1].end_ms - words[first].start_ms > MAX_PAGE_MS else 0.0)


def _are_glued(before: Word, after: Word) -> bool:
    return " " not in join_words([before.text[-1:], after.text[:1]])


def _set_end_times(pages: list[CaptionPage], duration_ms: int) -> list[CaptionPage]:
    """Extend each page to the next one, or by HOLD_MS before a pause."""
    ends = [*(page.start_ms for page in pages[1:]), duration_ms][: len(pages)]
    timed = []
    for page, following in zip(pages, ends, strict=True):
        end = max(page.end_ms + HOLD_MS, page.start_ms + MIN_PAGE_MS)
        if following - page.end_ms <= PAUSE_MS:
            end = following
        end = min(end, max(following, page.start_ms), duration_ms)
        if page.start_ms < end:
            timed.append(replace(page, end_ms=end))
    return timed


def is_continuous(first: CaptionPage, second: CaptionPage) -> bool:
    """Whether the second page follows the first without a pause."""
    return second.start_ms - first.end_ms < PAUSE_MS


def continuity(pages: Sequence[CaptionPage]) -> list[bool]:
    """Return for each page whether it follows the one before it without a pause."""
    return [False, *(is_continuous(one, two) for one, two in pairwise(pages))][: len(pages)]
