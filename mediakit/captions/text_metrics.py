"""Font size and extents of a caption page, with the outline, glow or box around it. Numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mediakit.captions import fonts, pagination
from mediakit.captions.caption_style import (
    BOX,
    LOWER_THIRD,
    MARKER,
    PLAIN,
    POP,
    REVEAL,
    CaptionStyle,
)
from mediakit.captions.pagination import CaptionPage
from mediakit.framing.output_format import Canvas
from mediakit.text.transcript import Word, join_words

# The distance of baselines in em. Lines with taller letters are further apart, so that LINE_GAP_EM stays between them.
LINE_HEIGHT_EM, LINE_GAP_EM = 1.16, 0.04
# The width of an outline or glow, and the padding of a box.
OUTLINE_EM, GLOW_EM, BOX_PADDING_X_EM, BOX_PADDING_Y_EM = 0.075, 0.11, 0.42, 0.3
# How far an outline or a glow is visible, and how much further down its shadow.
OUTLINE_REACH_EM, GLOW_REACH_EM, SHADOW_EM = 0.1, 0.28, 0.03
# A box reaches half an em and its padding from a line's centre; letters that reach further keep a margin.
BOX_HALF_HEIGHT_EM, BOX_MIN_MARGIN_EM = 0.5, 0.14
# Every line is as high as one with these letters, so that lines have the same height from page to page.
REFERENCE_LETTERS = "dkÉgjpqy,"
# The font size of the speaker's name as a share of the words' size, and its font.
SPEAKER_SCALE, SPEAKER_FONT = 0.78, "sans"
ACCENT_BAR_PX = 10  # the width of the coloured bar of a lower third
# *pop* enlarges the spoken word by this share for a moment, and its spaces are wider.
POP_GROWTH, POP_EXTRA_SPACE_EM = 0.13, 0.14
BOXED_PRESETS = (BOX, LOWER_THIRD)
GLOW_PRESETS = (PLAIN, MARKER, REVEAL)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """The measures of a page in px: font size, distance of its lines, and width with outline, glow or box.

    `above_px` and `below_px` are the distances from the centre of all lines to the edges of the drawing.
    """

    size_px: float
    line_step_px: float
    width_px: float
    above_px: float
    below_px: float


def measure_block(page: CaptionPage, style: CaptionStyle, canvas: Canvas) -> TextBlock:
    """Measure the page in that style on that canvas.

    The font is smaller than the style's where a line would be too wide.
    """
    texts = [line_text(line) for line in page.lines]
    reach = [fonts.extents_em(text, style.font) for text in texts]
    step = max([LINE_HEIGHT_EM, *(one[1] + two[0] + LINE_GAP_EM for one, two in pairwise(reach))])
    widest = max((_max_line_width_em(line, style) for line in page.lines), default=0.0)
    size = min(float(style.size), max_line_width_px(style, canvas) / max(widest, 0.01))
    above, below = _line_extents_em(reach[0][0], reach[-1][1], style)
    half = (len(texts) - 1) * step / 2
    label_width, label_height = speaker_label_size_px(page, style, size, canvas)
    width = max(widest * size, label_width) + 2 * _side_reach_em(style) * size
    top = (half + above) * size + label_height
    return TextBlock(size, step * size, width, top, (half + below) * size)


def _line_extents_em(up: float, down: float, style: CaptionStyle) -> tuple[float, float]:
    """Return the extents of a line with outline, glow or box, in em above and below its centre.

    `up` and `down` are the extents of its letters.
    """
    if style.preset in BOXED_PRESETS:
        half = BOX_HALF_HEIGHT_EM + BOX_PADDING_Y_EM
        return max(half, up + BOX_MIN_MARGIN_EM), max(half, down + BOX_MIN_MARGIN_EM)
    usual, around = fonts.extents_em(REFERENCE_LETTERS, style.font), _side_reach_em(style)
    if style.preset == POP:  # its words are mostly capitals, and grow
        return max(BOX_HALF_HEIGHT_EM, up * (1 + POP_GROWTH)) + around, down * (
            1 + POP_GROWTH
        ) + around + SHADOW_EM
    return max(usual[0], up) + around, max(usual[1], down) + around + SHADOW_EM


def _side_reach_em(style: CaptionStyle) -> float:
    """Return how far the outline, glow or box reaches beyond a line on each side, in em."""
    if style.preset in BOXED_PRESETS:
        return BOX_PADDING_X_EM
    return GLOW_REACH_EM if style.preset in GLOW_PRESETS else OUTLINE_REACH_EM


def max_line_width_px(style: CaptionStyle, canvas: Canvas) -> float:
    """Return the maximum width of a line's words in px."""
    width = (
        canvas.text_width - ACCENT_BAR_PX if style.preset == LOWER_THIRD else canvas.centered_width
    )
    return width - 2 * _side_reach_em(style) * style.size


def extra_space_em(style: CaptionStyle) -> float:
    """Return how much wider than the font's a space is, in em."""
    return POP_EXTRA_SPACE_EM if style.preset == POP else 0.0


def line_width_em(words: Sequence[Word], style: CaptionStyle) -> float:
    """Return the width of the words in one line, in em."""
    text = line_text(words)
    return fonts.width_em(text, style.font) + extra_space_em(style) * text.count(" ")


def _max_line_width_em(words: Sequence[Word], style: CaptionStyle) -> float:
    """Return the width of a line while the word at one of its ends is enlarged, in em."""
    wide = line_width_em(words, style)
    if style.preset != POP:
        return wide
    return wide + POP_GROWTH * max(fonts.width_em(words[at].text, style.font) for at in (0, -1))


def speaker_label_size_px(
    page: CaptionPage, style: CaptionStyle, size: float, canvas: Canvas
) -> tuple[float, float]:
    """Return width and height in px of the speaker's name above words of that font size; zeros without a name."""
    name = speaker_label(page) if style.preset == LOWER_THIRD else ""
    if not name:
        return 0.0, 0.0
    small = speaker_font_size_px(page, size, canvas)
    return fonts.width_em(name, SPEAKER_FONT) * small, LINE_HEIGHT_EM * small


def speaker_font_size_px(page: CaptionPage, size: float, canvas: Canvas) -> float:
    """Return the font size of the speaker's name above words of that size, reduced where it would be too wide."""
    max_width_px = canvas.text_width - ACCENT_BAR_PX - 2 * BOX_PADDING_X_EM * size
    return min(
        SPEAKER_SCALE * size,
        max_width_px / max(fonts.width_em(speaker_label(page), SPEAKER_FONT), 0.01),
    )


def speaker_label(page: CaptionPage) -> str:
    """Return the speaker's name as it is drawn."""
    return pagination.display_text(page.speaker[:40], emoji=False)


def line_text(words: Sequence[Word]) -> str:
    """Return the text of a line."""
    return join_words([word.text for word in words])
