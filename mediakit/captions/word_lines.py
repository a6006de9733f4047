"""Lines of words as text of an ASS script: their place, the tags before a word, and which word is spoken when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from mediakit.captions import fonts
from mediakit.captions.ass import escape_with_fonts, is_rtl
from mediakit.captions.caption_style import CaptionStyle
from mediakit.captions.pagination import CaptionPage
from mediakit.captions.text_metrics import extra_space_em, line_text, line_width_em
from mediakit.text.transcript import Word, join_words

GLOW_ALPHA = r"\3a&H28&\4a&H80&"  # the transparency of a glow and of its shadow
HIDDEN_TAGS, VISIBLE_TAGS = r"\alpha&HFF&", r"\1a&H00&" + GLOW_ALPHA

# The tags before a word, by its index in the line.
WordTags = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of words on the canvas: its centre and its font size in px."""

    words: tuple[Word, ...]
    x: float
    y: float
    size: float
    first: int  # the index of its first word on the page
    direction: str = ""  # a direction mark, for a page with right-to-left letters

    @property
    def text(self) -> str:
        """The text of the line."""
        return line_text(self.words)


def _separator(before: Word, after: Word) -> str:
    """Return the separator of two words: a space, or an empty string where their script has none."""
    return join_words([before.text, after.text])[len(before.text) : -len(after.text)]


def tag_words(words: Sequence[Word], font: str, tags: WordTags) -> str:
    """Return the words' ASS text, with a word's tags before it where they change."""
    parts, last = [], ""
    for number, word in enumerate(words):
        if number:
            parts.append(_separator(words[number - 1], word))
        word_tags = tags(number)
        if word_tags != last:
            parts.append(f"{{{word_tags}}}")
            last = word_tags
        parts.append(escape_with_fonts(word.text, font))
    return "".join(parts)


def reveal_tags(spoken: int, number: int) -> str:
    """Return the tags of a word: hidden until it is spoken. Both are indices in the line."""
    return VISIBLE_TAGS if number <= spoken else HIDDEN_TAGS


def karaoke_text(words: Sequence[Word], start_ms: int, font: str) -> str:
    """Return karaoke text: words fill with colour while spoken. ASS counts in 1/100 s from the page's start."""
    parts, at = [], start_ms // 10
    for number, word in enumerate(words):
        begin, end = max(at, word.start_ms // 10), max(at, word.end_ms // 10)
        glue = _separator(words[number - 1], word) if number else ""
        # libass fills from the left only; a right-to-left word changes its colour at once.
        fill = "k" if is_rtl(word.text) else "kf"
        said = escape_with_fonts(word.text, font)
        parts.append(f"{{\\k{begin - at}}}{glue}{{\\{fill}{end - begin}}}{said}")
        at = end
    return "".join(parts)


def spoken_spans(page: CaptionPage) -> list[tuple[int, int, int]]:
    """Return (start_ms, end_ms, word index) for each word of a page; together they fill the page's time."""
    starts = [page.start_ms]
    for word in page.words[1:]:
        starts.append(min(max(word.start_ms, starts[-1]), page.end_ms))
    edges = [*starts, page.end_ms]
    return [(start, end, number) for number, (start, end) in enumerate(pairwise(edges))]


def word_position(line: PlacedLine, number: int, style: CaptionStyle) -> tuple[float, float]:
    """Return the left edge and width in px of a word in a left-to-right line."""
    begin = line.x - line_width_em(line.words, style) * line.size / 2
    before = line_text(line.words[: number + 1]).removesuffix(line.words[number].text)
    left = fonts.width_em(before, style.font) + extra_space_em(style) * before.count(" ")
    return begin + left * line.size, fonts.width_em(line.words[number].text, style.font) * line.size
