"""The presets' drawing: caption pages in, events of an ASS script out. Reads and writes no files."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from mediakit.captions import fonts
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
from mediakit.captions.pagination import CaptionPage
from mediakit.captions.placement import choose_positions, fixed_center_y
from mediakit.captions.text_metrics import (
    ACCENT_BAR_PX,
    BOX_PADDING_X_EM,
    BOX_PADDING_Y_EM,
    GLOW_EM,
    OUTLINE_EM,
    SPEAKER_FONT,
    TextBlock,
    line_text,
    measure_block,
    speaker_font_size_px,
    speaker_label,
    speaker_label_size_px,
)
from mediakit.captions.word_lines import (
    GLOW_ALPHA,
    PlacedLine,
    WordTags,
    karaoke_text,
    reveal_tags,
    spoken_spans,
    tag_words,
    word_position,
)
from mediakit.framing.output_format import Canvas

_POP_ANIMATION = r"\t(0,70,\fscx113\fscy113)\t(70,150,\fscx102\fscy102)"


def caption_events(
    pages: Sequence[CaptionPage],
    style: CaptionStyle,
    canvas: Canvas,
    *,
    taken: Sequence[TimedRegion] = (),
    matrix: str = "bt709",
    language: str = "",
) -> list[Event]:
    """Return the events that draw the pages on the canvas, placed to avoid the `taken` regions: faces, title and logo.

    `matrix` is the colour matrix by which libass paints, see `ass_color`.
    """
    renderer = _PresetRenderer(pages, style, canvas, matrix=matrix, language=language)
    blocks = [measure_block(page, style, canvas) for page in pages]
    boxes = [(block.width_px, block.above_px + block.below_px) for block in blocks]
    if style.position == "auto":
        lefts = [renderer.left(page) for page in pages] if style.preset == LOWER_THIRD else ()
        middles = choose_positions(pages, boxes, taken, canvas, lefts=lefts)
    else:
        middles = [fixed_center_y(style.position, style.height, tall, canvas) for _, tall in boxes]
    return [
        event for page, y in zip(pages, middles, strict=True) for event in renderer.page(page, y)
    ]


class _PresetRenderer:
    """Draws caption pages in one style on one canvas."""

    def __init__(
        self,
        pages: Sequence[CaptionPage],
        style: CaptionStyle,
        canvas: Canvas,
        *,
        matrix: str,
        language: str,
    ) -> None:
        self.style, self.canvas = style, canvas
        self.color, self.accent, self.edge = (
            ass_color(value, matrix) for value in (style.color, style.accent, style.edge)
        )
        # The direction is that of the whole text; one page may hold only a name in Latin letters.
        words = [word.text for page in pages for word in page.words]
        self._is_rtl = is_rtl_text(words, expected=is_rtl_language(language))
        self._emphasized = emphasized_words(pages, language) if style.preset == KEYWORD else {}
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
        """Yield the events of a page. `middle` is the y of its block's centre in px."""
        block = measure_block(page, self.style, self.canvas)
        return self._draw(page, middle + (block.above_px - block.below_px) / 2)

    def left(self, page: CaptionPage) -> float:
        """Return the x in px of a lower third's left edge."""
        wide = measure_block(page, self.style, self.canvas).width_px + ACCENT_BAR_PX
        return self.canvas.right - wide if self._is_page_rtl(page) else self.canvas.left

    def _is_page_rtl(self, page: CaptionPage) -> bool:
        return is_rtl_text((word.text for word in page.words), expected=self._is_rtl)

    def _lines(
        self, page: CaptionPage, y: float, *, x: float | None = None
    ) -> Iterator[PlacedLine]:
        """Yield the lines of a page around the height `y`, at `x` or else in the middle of the canvas."""
        if x is None:
            x = self.canvas.width / 2
        block, first, direction = measure_block(page, self.style, self.canvas), 0, ""
        if is_rtl(line_text(page.words)):
            direction = direction_mark(rtl=self._is_page_rtl(page))
        for number, words in enumerate(page.lines):
            middle = y + (number - (len(page.lines) - 1) / 2) * block.line_step_px
            yield PlacedLine(words, x, middle, block.size_px, first, direction)
            first += len(words)

    # Tags for outline and glow.

    def _outlined(self, size: float) -> str:
        wide, deep = OUTLINE_EM * size, 0.035 * size
        return rf"\bord{wide:.1f}\3c{self.edge}\shad{deep:.1f}\4c{self.edge}\4a&H78&\blur{0.012 * size:.1f}"

    def _glowing(self, size: float) -> str:
        return (
            rf"\bord{GLOW_EM * size:.1f}\3c{self.edge}\blur{0.08 * size:.1f}"
            rf"\shad{0.02 * size:.1f}\4c{self.edge}{GLOW_ALPHA}"
        )

    # Presets without word timing.

    def _still(self, page: CaptionPage, y: float) -> Iterator[Event]:
        around = self._glowing if self.style.preset == PLAIN else self._outlined
        for line in self._lines(page, y):
            yield self._line(page, line, around(line.size))

    def _big(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for number, line in enumerate(self._lines(page, y)):
            color = self.accent if number else self.color
            yield self._line(page, line, self._outlined(line.size) + rf"\1c{color}")

    def _keyword(self, page: CaptionPage, y: float) -> Iterator[Event]:
        keys = self._emphasized.get(page.start_ms, frozenset())
        for line in self._lines(page, y):
            tags = partial(self._key_color, line, keys)
            yield self._line(page, line, self._outlined(line.size), tags)

    def _key_color(self, line: PlacedLine, keys: frozenset[str], number: int) -> str:
        is_key = normalize_word(line.words[number].text) in keys
        return rf"\1c{self.accent if is_key else self.color}"

    def _boxed(self, page: CaptionPage, y: float) -> Iterator[Event]:
        block = measure_block(page, self.style, self.canvas)
        yield self._panel(page, block, (self.canvas.width - block.width_px) / 2, block.width_px, y)
        for line in self._lines(page, y):
            yield self._line(page, line, r"\bord0\shad0", layer=1)

    def _lower_third(self, page: CaptionPage, y: float) -> Iterator[Event]:
        block = measure_block(page, self.style, self.canvas)
        rtl, left = self._is_page_rtl(page), self.left(page)
        bar, panel = (left + block.width_px, left) if rtl else (left, left + ACCENT_BAR_PX)
        yield self._panel(page, block, panel, block.width_px, y, radius=0)
        yield self._panel(
            page, block, bar, ACCENT_BAR_PX, y, radius=0, color=self.accent, alpha="00"
        )
        inside = ACCENT_BAR_PX + BOX_PADDING_X_EM * block.size_px
        edge, side = (self.canvas.right - inside, 6) if rtl else (self.canvas.left + inside, 4)
        _, tall = speaker_label_size_px(page, self.style, block.size_px, self.canvas)
        if tall:
            at = (
                y
                - block.above_px
                + BOX_PADDING_Y_EM * block.size_px
                + tall / 2
                - 0.08 * block.size_px
            )
            small = speaker_font_size_px(page, block.size_px, self.canvas) * fonts.LINE_BOX_EM
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

    # Presets that follow the spoken word.

    def _karaoke(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for line in self._lines(page, y):
            colors = rf"\1c{self.accent}\2c{self.color}"
            swept = karaoke_text(line.words, page.start_ms, self.style.font)
            yield Event(
                1,
                page.start_ms,
                page.end_ms,
                self._at(line) + colors + self._outlined(line.size),
                line.direction + swept,
            )

    def _reveal(self, page: CaptionPage, y: float) -> Iterator[Event]:
        for line in self._lines(page, y):
            for start, end, spoken in spoken_spans(page):
                tags = partial(reveal_tags, spoken - line.first)
                yield self._line(page, line, self._glowing(line.size), tags, span=(start, end))

    def _marker(self, page: CaptionPage, y: float) -> Iterator[Event]:
        lines = list(self._lines(page, y))
        for line in lines:
            if is_rtl(line.text):
                yield from self._lit(page, line, self._edge_lit)
                continue
            yield self._line(page, line, self._glowing(line.size), layer=0)  # below the mark
            yield self._line(page, line, r"\bord0\shad0", layer=2)
        for start, end, spoken in spoken_spans(page):
            for line in lines:
                number = spoken - line.first
                if 0 <= number < len(line.words) and not is_rtl(line.text):
                    yield self._mark(line, number, (start, end))

    def _mark(self, line: PlacedLine, number: int, span: tuple[int, int]) -> Event:
        left, wide = word_position(line, number, self.style)
        pad, tall = 0.17 * line.size, 1.08 * line.size
        tags = rf"\an7\pos({left - pad:.1f},{line.y - tall / 2:.1f})\bord0\shad0\1c{self.accent}\p1"
        return Event(1, *span, tags, rounded_rect_path(wide + 2 * pad, tall, 0.22 * line.size))

    def _lit(
        self, page: CaptionPage, line: PlacedLine, lit: Callable[[int, int], str]
    ) -> Iterator[Event]:
        """Yield a right-to-left line, in place, with the spoken word highlighted by the tags of `lit`."""
        for start, end, spoken in spoken_spans(page):
            tags = partial(lit, spoken - line.first)
            yield self._line(page, line, self._outlined(line.size), tags, span=(start, end))

    def _color_lit(self, spoken: int, number: int) -> str:
        return rf"\1c{self.accent if number == spoken else self.color}"

    def _edge_lit(self, spoken: int, number: int) -> str:
        return rf"\3c{self.accent if number == spoken else self.edge}"

    def _pop(self, page: CaptionPage, y: float) -> Iterator[Event]:
        states = spoken_spans(page)
        for line in self._lines(page, y):
            if is_rtl(line.text):
                yield from self._lit(page, line, self._color_lit)
                continue
            for number, word in enumerate(line.words):
                left, wide = word_position(line, number, self.style)
                start, end, _ = states[line.first + number]
                at = rf"\an5\pos({left + wide / 2:.1f},{line.y:.1f})\fs{line.size * fonts.LINE_BOX_EM:.1f}"
                at += self._outlined(line.size)
                text = escape_with_fonts(word.text, self.style.font)
                yield Event(1, page.start_ms, start, rf"{at}\1c{self.color}", text)
                yield Event(2, start, end, rf"{at}\1c{self.accent}{_POP_ANIMATION}", text)
                yield Event(1, end, page.end_ms, rf"{at}\1c{self.color}", text)

    # Building blocks.

    def _at(self, line: PlacedLine, side: int = 5) -> str:
        return rf"\an{side}\pos({line.x:.1f},{line.y:.1f})\fs{line.size * fonts.LINE_BOX_EM:.1f}"

    def _line(
        self,
        page: CaptionPage,
        line: PlacedLine,
        effects: str,
        tags: WordTags | None = None,
        *,
        span: tuple[int, int] | None = None,
        layer: int = 1,
        side: int = 5,
    ) -> Event:
        start, end = span or (page.start_ms, page.end_ms)
        color = "" if r"\1c" in effects else rf"\1c{self.color}"
        text = (
            tag_words(line.words, self.style.font, tags)
            if tags
            else escape_with_fonts(line.text, self.style.font)
        )
        return Event(
            layer, start, end, self._at(line, side) + color + effects, line.direction + text
        )

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
        # Whole pixels inside the block give sharp edges.
        top, bottom = math.ceil(y - block.above_px), math.floor(y + block.below_px)
        first, last = round(left), round(left + wide)
        tags = rf"\an7\pos({first},{top})\bord0\shad0\1c{color or self.edge}\1a&H{alpha}&\p1"
        return Event(
            0,
            page.start_ms,
            page.end_ms,
            tags,
            rounded_rect_path(last - first, bottom - top, radius),
        )
