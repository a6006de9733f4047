"""How large a page of captions is set, and how far it and what is drawn around it reach. Numbers in, numbers out."""

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
from mediakit.captions.placement import CENTERED_WIDTH_PX, SAFE_LEFT_PX, SAFE_RIGHT_PX
from mediakit.text.transcript import Word, join_words

# From line to line; lines whose letters reach far up or down stand further apart, so much between them. In em.
LINE_HEIGHT_EM, LINE_GAP_EM = 1.16, 0.04
# How wide the outline or glow is, and how much a box leaves around its words, in em.
OUTLINE_EM, GLOW_EM, BOX_PADDING_X_EM, BOX_PADDING_Y_EM = 0.075, 0.11, 0.42, 0.3
# How far an outline or a glow can be seen, and how much further down its shadow, in em.
OUTLINE_REACH_EM, GLOW_REACH_EM, SHADOW_EM = 0.1, 0.28, 0.03
# A box is centred on half an em to each side of a line's middle; letters that reach further have so much left.
BOX_HALF_HEIGHT_EM, BOX_MIN_MARGIN_EM = 0.5, 0.14
# Every line has at least the room of these letters, so that lines stand still from page to page.
REFERENCE_LETTERS = "dkÉgjpqy,"
# The speaker's name above the words: in sizes of theirs, and in which face.
SPEAKER_SCALE, SPEAKER_FONT = 0.78, "sans"
ACCENT_BAR_PX = 10  # the coloured bar of a lower third, in px
# So much larger a spoken word of *pop* is for a moment, and so much further apart its words stand, in em.
POP_GROWTH, POP_EXTRA_SPACE_EM = 0.13, 0.14
BOXED_PRESETS = (BOX, LOWER_THIRD)
GLOW_PRESETS = (PLAIN, MARKER, REVEAL)


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A page as it is set, in px: the size of its letters, from line to line, its width with what is around it.

    `above` and `below` count from the middle of all lines to the upper and lower edge of what is drawn.
    """

    size: float
    step: float
    wide: float
    above: float
    below: float


def measure_block(page: CaptionPage, style: CaptionStyle) -> TextBlock:
    """How the page is set in that style; smaller than the style asks where a line would be too wide."""
    texts = [line_text(line) for line in page.lines]
    reach = [fonts.extents_em(text, style.font) for text in texts]
    step = max([LINE_HEIGHT_EM, *(one[1] + two[0] + LINE_GAP_EM for one, two in pairwise(reach))])
    widest = max((_max_line_width_em(line, style) for line in page.lines), default=0.0)
    size = min(float(style.size), max_line_width_px(style) / max(widest, 0.01))
    above, below = _line_extents_em(reach[0][0], reach[-1][1], style)
    half = (len(texts) - 1) * step / 2
    name, tall = speaker_label_size_px(page, style, size)
    wide = max(widest * size, name) + 2 * _side_reach_em(style) * size
    return TextBlock(size, step * size, wide, (half + above) * size + tall, (half + below) * size)


def _line_extents_em(up: float, down: float, style: CaptionStyle) -> tuple[float, float]:
    """How far a line whose letters reach so far up and down takes place, with what is drawn around it, in em."""
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
    """How far what is drawn around the words of a line reaches out of it at each side, in em."""
    if style.preset in BOXED_PRESETS:
        return BOX_PADDING_X_EM
    return GLOW_REACH_EM if style.preset in GLOW_PRESETS else OUTLINE_REACH_EM


def max_line_width_px(style: CaptionStyle) -> float:
    """How wide the words of a line may be, in px."""
    width = (
        SAFE_RIGHT_PX - SAFE_LEFT_PX - ACCENT_BAR_PX
        if style.preset == LOWER_THIRD
        else CENTERED_WIDTH_PX
    )
    return width - 2 * _side_reach_em(style) * style.size


def extra_space_em(style: CaptionStyle) -> float:
    """How much wider than usual a space is, in em."""
    return POP_EXTRA_SPACE_EM if style.preset == POP else 0.0


def line_width_em(words: Sequence[Word], style: CaptionStyle) -> float:
    """How wide the words are as they are set, in em."""
    text = line_text(words)
    return fonts.width_em(text, style.font) + extra_space_em(style) * text.count(" ")


def _max_line_width_em(words: Sequence[Word], style: CaptionStyle) -> float:
    """How wide a line is at most, in em: the words at its ends may grow."""
    wide = line_width_em(words, style)
    if style.preset != POP:
        return wide
    return wide + POP_GROWTH * max(fonts.width_em(words[at].text, style.font) for at in (0, -1))


def speaker_label_size_px(
    page: CaptionPage, style: CaptionStyle, size: float
) -> tuple[float, float]:
    """How wide and high the speaker's name stands above lines of that size, in px; nothing without a name."""
    name = speaker_label(page) if style.preset == LOWER_THIRD else ""
    if not name:
        return 0.0, 0.0
    small = speaker_font_size_px(page, size)
    return fonts.width_em(name, SPEAKER_FONT) * small, LINE_HEIGHT_EM * small


def speaker_font_size_px(page: CaptionPage, size: float) -> float:
    """The size of the speaker's name above words of that size: smaller where it would be too wide."""
    most = SAFE_RIGHT_PX - SAFE_LEFT_PX - ACCENT_BAR_PX - 2 * BOX_PADDING_X_EM * size
    return min(
        SPEAKER_SCALE * size, most / max(fonts.width_em(speaker_label(page), SPEAKER_FONT), 0.01)
    )


def speaker_label(page: CaptionPage) -> str:
    """The speaker's name as it is drawn."""
    return pagination.display_text(page.speaker[:40], emoji=False)


def line_text(words: Sequence[Word]) -> str:
    """A line as people read it."""
    return join_words([word.text for word in words])
