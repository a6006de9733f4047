"""How each preset draws its pages: words in, events of an ASS script out. All numbers and strings, no files."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from mediakit.captions import fonts, pagination
from mediakit.captions.ass import (
    Event,
    ass_color,
    direction_mark,
    escape_with_fonts,
    is_rtl,
    is_rtl_language,
    is_rtl_text,
    rounded_rect_path,
)
from mediakit.captions.caption_style import (
    BIG,
    BOX,
    KARAOKE,
    KEYWORD,
    LOWER_THIRD,
    MARKER,
    PLAIN,
    POP,
    REVEAL,
    CaptionStyle,
    TimedRegion,
)
from mediakit.captions.emphasis import emphasized_words, normalize_word
from mediakit.captions.pagination import CaptionPage, PageLayout
from mediakit.captions.placement import (
    SAFE_LEFT_PX,
    SAFE_RIGHT_PX,
    choose_positions,
    fixed_center_y,
)
from mediakit.captions.text_metrics import (
    ACCENT_BAR_PX,
    BOX_PADDING_X_EM,
    BOX_PADDING_Y_EM,
    GLOW_EM,
    OUTLINE_EM,
    SPEAKER_FONT,
    TextBlock,
    extra_space_em,
    line_text,
    line_width_em,
    max_line_width_px,
    measure_block,
    speaker_font_size_px,
    speaker_label,
    speaker_label_size_px,
)
from mediakit.framing.geometry import CANVAS
from mediakit.text.transcript import Cue, Word, join_words

SINGLE_LINE_PRESETS = (POP,)
UNPUNCTUATED_PRESETS = (POP, BIG)
_POP_ANIMATION = r"\t(0,70,\fscx113\fscy113)\t(70,150,\fscx102\fscy102)"
_GLOW_ALPHA = r"\3a&H28&\4a&H80&"  # how much a glow and its shadow let through
HIDDEN_TAGS, VISIBLE_TAGS = r"\alpha&HFF&", r"\1a&H00&" + _GLOW_ALPHA

WordTags = Callable[[int], str]


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One line as it is set: its words, the middle of it on the canvas, and the size of its letters."""

    words: tuple[Word, ...]
    x: float
    y: float
    size: float
    first: int  # the number of its first word on the page
    way: str = ""  # what tells its direction where it holds letters of both

    @property
    def text(self) -> str:
        """The line as people read it."""
        return line_text(self.words)


def paginate_for_style(
    cues: Sequence[Cue], style: CaptionStyle, *, duration_ms: int, language: str = ""
) -> list[CaptionPage]:
    """The pages on which a style shows those cues."""
    draw = partial(pagination.display_text, upper_case=style.upper_case, emoji=style.emoji)
    lines = 1 if style.preset in SINGLE_LINE_PRESETS else 2
    width = max_line_width_px(style) / style.size
    measure = PageLayout(
        style.font,
        width,
        lines=lines,
        words=style.words,
        language=language,
        gap=extra_space_em(style),
    )
    found = pagination.paginate(cues, measure, draw=draw, duration_ms=duration_ms)
    return (
        [_strip_punctuation(page) for page in found]
        if style.preset in UNPUNCTUATED_PRESETS
        else found
    )


def caption_events(
    found: Sequence[CaptionPage],
    style: CaptionStyle,
    *,
    taken: Sequence[TimedRegion] = (),
    matrix: str = "bt709",
    language: str = "",
) -> list[Event]:
    """What is drawn for the pages, placed off the faces and whatever else is `taken`."""
    art = _PresetRenderer(found, style, matrix, language)
    blocks = [measure_block(page, style) for page in found]
    boxes = [(block.wide, block.above + block.below) for block in blocks]
    if style.position == "auto":
        lefts = [art.left(page) for page in found] if style.preset == LOWER_THIRD else ()
        middles = choose_positions(found, boxes, taken, lefts=lefts)
    else:
        middles = [fixed_center_y(style.position, style.height, tall) for _, tall in boxes]
    return [event for page, y in zip(found, middles, strict=True) for event in art.page(page, y)]


def _strip_punctuation(page: CaptionPage) -> CaptionPage:
    """The page without the commas and full stops that big single words do not need."""
    lines = tuple(
        tuple(replace(word, text=word.text.rstrip(".,;:、，。") or word.text) for word in line)
        for line in page.lines
    )
    return replace(page, lines=lines)


class _PresetRenderer:
    """A style at work."""

    def __init__(
        self, found: Sequence[CaptionPage], style: CaptionStyle, matrix: str, language: str
    ) -> None:
        self.style = style
        self.color, self.accent, self.edge = (
            ass_color(value, matrix) for value in (style.color, style.accent, style.edge)
        )
        # A page is read as all of them are, though it may begin with a name in Latin letters.
        words = [word.text for page in found for word in page.words]
        self._is_rtl = is_rtl_text(words, expected=is_rtl_language(language))
        self._keys = emphasized_words(found, language) if style.preset == KEYWORD else {}
        self._draw = {
            POP: self._pop,
            KARAOKE: self._karaoke,
            KEYWORD: self._keyword,
            BIG: self._big,
            MARKER: self._marker,
            REVEAL: self._reveal,
            BOX: self._boxed,
            LOWER_THIRD: self._lower_third,
        }.get(style.preset, self._still)

    def page(self, page: CaptionPage, middle: float) -> Iterator[Event]:
        """What is drawn for a page whose block has its middle there."""
        block = measure_block(page, self.style)
        return self._draw(page, middle + (block.above - block.below) / 2)

    def left(self, page: CaptionPage) -> float:
        """Where a lower third begins."""
        wide = measure_block(page, self.style).wide + ACCENT_BAR_PX
        return SAFE_RIGHT_PX - wide if self._from_right(page) else SAFE_LEFT_PX

    def _from_right(self, page: CaptionPage) -> bool:
        return is_rtl_text((word.text for word in page.words), expected=self._is_rtl)

    def _lines(
        self, page: CaptionPage, y: float, *, x: float = CANVAS[0] / 2
    ) -> Iterator[PlacedLine]:
        block, first, way = measure_block(page, self.style), 0, ""
        if is_rtl(line_text(page.words)):
            way = direction_mark(from_right=self._from_right(page))
        for number, words in enumerate(page.lines):
            middle = y + (number - (len(page.lines) - 1) / 2) * block.step
            yield PlacedLine(words, x, middle, block.size, first, way)
            first += len(words)

    # What is drawn around letters.

    def _outlined(self, size: float) -> str:
        wide, deep = OUTLINE_EM * size, 0.035 * size
        return rf"\bord{wide:.1f}\3c{self.edge}\shad{deep:.1f}\4c{self.edge}\4a&H78&\blur{0.012 * size:.1f}"

    def _glowing(self, size: float) -> str:
        return (
            rf"\bord{GLOW_EM * size:.1f}\3c{self.edge}\blur{0.08 * size:.1f}"
            rf"\shad{0.02 * size:.1f}\4c{self.edge}{_GLOW_ALPHA}"
        )

    # Presets whose words stand still.

    def _still(self, page: CaptionPage, y: float) -> Iterator[Event]:
        around = self._glowing if self.style.preset == PLAIN else self._outlined
        for line in self._lines(page, y):
            yield self._line(page, line, around(line.size))

    def _big(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for number, line in enumerate(self._lines(page, y)):
            color = self.accent if number else self.color
            yield self._line(page, line, self._outlined(line.size) + rf"\1c{color}")

    def _keyword(self, page: CaptionPage, y: float) -> Iterator[Event]:
        keys = self._keys.get(page.start_ms, frozenset())
        for line in self._lines(page, y):
            tags = partial(self._key_color, line, keys)
            yield self._line(page, line, self._outlined(line.size), tags)

    def _key_color(self, line: PlacedLine, keys: frozenset[str], number: int) -> str:
        is_key = normalize_word(line.words[number].text) in keys
        return rf"\1c{self.accent if is_key else self.color}"

    def _boxed(self, page: CaptionPage, y: float) -> Iterator[Event]:
        block = measure_block(page, self.style)
        yield self._panel(page, block, (CANVAS[0] - block.wide) / 2, block.wide, y)
        for line in self._lines(page, y):
            yield self._line(page, line, r"\bord0\shad0", layer=1)

    def _lower_third(self, page: CaptionPage, y: float) -> Iterator[Event]:
        block = measure_block(page, self.style)
        from_right, left = self._from_right(page), self.left(page)
        bar, panel = (left + block.wide, left) if from_right else (left, left + ACCENT_BAR_PX)
        yield self._panel(page, block, panel, block.wide, y, radius=0)
        yield self._panel(
            page, block, bar, ACCENT_BAR_PX, y, radius=0, color=self.accent, alpha="00"
        )
        inside = ACCENT_BAR_PX + BOX_PADDING_X_EM * block.size
        edge, side = (SAFE_RIGHT_PX - inside, 6) if from_right else (SAFE_LEFT_PX + inside, 4)
        _, tall = speaker_label_size_px(page, self.style, block.size)
        if tall:
            at = y - block.above + BOX_PADDING_Y_EM * block.size + tall / 2 - 0.08 * block.size
            small = speaker_font_size_px(page, block.size) * fonts.LINE_BOX_EM
            tags = rf"\an{side}\pos({edge:.1f},{at:.1f})\fs{small:.1f}\bord0\shad0\1c{self.accent}"
            yield Event(
                1,
                page.start_ms,
                page.end_ms,
                tags,
                escape_with_fonts(speaker_label(page), SPEAKER_FONT),
            )
        for line in self._lines(page, y, x=edge):
            yield self._line(page, line, r"\bord0\shad0", layer=1, side=side)

    # Presets that follow the voice.

    def _karaoke(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for line in self._lines(page, y):
            colors = rf"\1c{self.accent}\2c{self.color}"
            swept = _karaoke_text(line.words, page.start_ms, self.style.font)
            yield Event(
                1,
                page.start_ms,
                page.end_ms,
                self._at(line) + colors + self._outlined(line.size),
                line.way + swept,
            )

    def _reveal(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for line in self._lines(page, y):
            for start, end, spoken in _spoken_spans(page):
                tags = partial(_reveal_tags, spoken - line.first)
                yield self._line(page, line, self._glowing(line.size), tags, span=(start, end))

    def _marker(self, page: CaptionPage, y: float) -> Iterator[Event]:
        lines = list(self._lines(page, y))
        for line in lines:
            if is_rtl(line.text):
                yield from self._lit(page, line, self._edge_lit)
                continue
            yield self._line(page, line, self._glowing(line.size), layer=0)  # below the mark
            yield self._line(page, line, r"\bord0\shad0", layer=2)
        for start, end, spoken in _spoken_spans(page):
            for line in lines:
                number = spoken - line.first
                if 0 <= number < len(line.words) and not is_rtl(line.text):
                    yield self._mark(line, number, (start, end))

    def _mark(self, line: PlacedLine, number: int, span: tuple[int, int]) -> Event:
        left, wide = _word_position(line, number, self.style)
        pad, tall = 0.17 * line.size, 1.08 * line.size
        tags = rf"\an7\pos({left - pad:.1f},{line.y - tall / 2:.1f})\bord0\shad0\1c{self.accent}\p1"
        return Event(1, *span, tags, rounded_rect_path(wide + 2 * pad, tall, 0.22 * line.size))

    def _lit(
        self, page: CaptionPage, line: PlacedLine, lit: Callable[[int, int], str]
    ) -> Iterator[Event]:
        """The line with the spoken word standing out, where what reads both ways hides its place."""
        for start, end, spoken in _spoken_spans(page):
            tags = partial(lit, spoken - line.first)
            yield self._line(page, line, self._outlined(line.size), tags, span=(start, end))

    def _color_lit(self, spoken: int, number: int) -> str:
        return rf"\1c{self.accent if number == spoken else self.color}"

    def _edge_lit(self, spoken: int, number: int) -> str:
        return rf"\3c{self.accent if number == spoken else self.edge}"

    def _pop(self, page: CaptionPage, y: float) -> Iterator[Event]:
        states = _spoken_spans(page)
        for line in self._lines(page, y):
            if is_rtl(line.text):
                yield from self._lit(page, line, self._color_lit)
                continue
            for number, word in enumerate(line.words):
                left, wide = _word_position(line, number, self.style)
                start, end, _ = states[line.first + number]
                at = rf"\an5\pos({left + wide / 2:.1f},{line.y:.1f})\fs{line.size * fonts.LINE_BOX_EM:.1f}"
                at += self._outlined(line.size)
                text = escape_with_fonts(word.text, self.style.font)
                yield Event(1, page.start_ms, start, rf"{at}\1c{self.color}", text)
                yield Event(2, start, end, rf"{at}\1c{self.accent}{_POP_ANIMATION}", text)
                yield Event(1, end, page.end_ms, rf"{at}\1c{self.color}", text)

    # What they are made of.

    def _at(self, line: PlacedLine, side: int = 5) -> str:
        return rf"\an{side}\pos({line.x:.1f},{line.y:.1f})\fs{line.size * fonts.LINE_BOX_EM:.1f}"

    def _line(
        self,
        page: CaptionPage,
        line: PlacedLine,
        around: str,
        tags: WordTags | None = None,
        *,
        span: tuple[int, int] | None = None,
        layer: int = 1,
        side: int = 5,
    ) -> Event:
        start, end = span or (page.start_ms, page.end_ms)
        color = "" if r"\1c" in around else rf"\1c{self.color}"
        text = (
            _tag_words(line.words, self.style.font, tags)
            if tags
            else escape_with_fonts(line.text, self.style.font)
        )
        return Event(layer, start, end, self._at(line, side) + color + around, line.way + text)

    def _panel(
        self,
        page: CaptionPage,
        block: TextBlock,
        left: float,
        wide: float,
        y: float,
        *,
        radius: float = 22,
        color: str = "",
        alpha: str = "2E",
    ) -> Event:
        # Whole pixels: sharp edges, and none outside of where the block may be.
        top, bottom = math.ceil(y - block.above), math.floor(y + block.below)
        first, last = round(left), round(left + wide)
        tags = rf"\an7\pos({first},{top})\bord0\shad0\1c{color or self.edge}\1a&H{alpha}&\p1"
        return Event(
            0,
            page.start_ms,
            page.end_ms,
            tags,
            rounded_rect_path(last - first, bottom - top, radius),
        )


def _separator(before: Word, after: Word) -> str:
    """What stands between two words: a space, or nothing where their script writes none."""
    return join_words([before.text, after.text])[len(before.text) : -len(after.text)]


def _tag_words(words: Sequence[Word], face: str, tags: WordTags) -> str:
    """Words with tags of their own before each where they change."""
    parts, last = [], ""
    for number, word in enumerate(words):
        if number:
            parts.append(_separator(words[number - 1], word))
        wanted = tags(number)
        if wanted != last:
            parts.append(f"{{{wanted}}}")
            last = wanted
        parts.append(escape_with_fonts(word.text, face))
    return "".join(parts)


def _reveal_tags(spoken: int, number: int) -> str:
    return VISIBLE_TAGS if number <= spoken else HIDDEN_TAGS


def _karaoke_text(words: Sequence[Word], start_ms: int, face: str) -> str:
    """Words that fill with colour while they are said, from the page's start on, in hundredths."""
    parts, at = [], start_ms // 10
    for number, word in enumerate(words):
        begin, end = max(at, word.start_ms // 10), max(at, word.end_ms // 10)
        glue = _separator(words[number - 1], word) if number else ""
        # libass fills from the left; a word that is read from the right is lit at once.
        fill = "k" if is_rtl(word.text) else "kf"
        said = escape_with_fonts(word.text, face)
        parts.append(f"{{\\k{begin - at}}}{glue}{{\\{fill}{end - begin}}}{said}")
        at = end
    return "".join(parts)


def _spoken_spans(page: CaptionPage) -> list[tuple[int, int, int]]:
    """(from, to, which word is spoken) for each word of a page; together they fill the page's time."""
    starts = [page.start_ms]
    for word in page.words[1:]:
        starts.append(min(max(word.start_ms, starts[-1]), page.end_ms))
    edges = [*starts, page.end_ms]
    return [(start, end, number) for number, (start, end) in enumerate(pairwise(edges))]


def _word_position(line: PlacedLine, number: int, style: CaptionStyle) -> tuple[float, float]:
    """Left edge and width of a word in its line, read from left to right, in px."""
    begin = line.x - line_width_em(line.words, style) * line.size / 2
    before = line_text(line.words[: number + 1]).removesuffix(line.words[number].text)
    left = fonts.width_em(before, style.font) + extra_space_em(style) * before.count(" ")
    return begin + left * line.size, fonts.width_em(line.words[number].text, style.font) * line.size
