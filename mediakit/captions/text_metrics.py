"""How large a page of captions is set, and how far it and what is drawn around it reach. Numbers in, numbers out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mediakit.captions import fonts, pagination
from mediakit.captions.caption_style import CaptionStyle
from mediakit.captions.pagination import Page
from mediakit.captions.placement import LEFT, RIGHT, WIDTH
from mediakit.text.transcript import Word, join_words

# From line to line; lines whose letters reach far up or down stand further apart, so much between them. In em.
LINE, BETWEEN = 1.16, 0.04
# How wide the outline or glow is, and how much a box leaves around its words, in em.
OUTLINE, GLOW, PAD_X, PAD_Y = 0.075, 0.11, 0.42, 0.3
# How far an outline or a glow can be seen, and how much further down its shadow, in em.
OUTLINED, GLOWING, SHADOW = 0.1, 0.28, 0.03
# A box is centred on half an em to each side of a line's middle; letters that reach further have so much left.
BOX_HALF, BOX_LEAST = 0.5, 0.14
# Every line has at least the room of these letters, so that lines stand still from page to page.
USUAL_LETTERS = "dkÉgjpqy,"
# The speaker's name above the words: in sizes of theirs, and in which face.
SPEAKER, NAME_FACE = 0.78, "sans"
BAR = 10  # the coloured bar of a lower third, in px
# So much larger a spoken word of *pop* is for a moment, and so much further apart its words stand, in em.
GROWS, APART = 0.13, 0.14
BOXED = ("box", "lower_third")
GLOWS = ("plain", "marker", "reveal")


@dataclass(frozen=True, slots=True)
class Block:
    """A page as it is set, in px: the size of its letters, from line to line, its width with what is around it.

    `above` and `below` count from the middle of all lines to the upper and lower edge of what is drawn.
    """

    size: float
    step: float
    wide: float
    above: float
    below: float


def block_of(page: Page, style: CaptionStyle) -> Block:
    """How the page is set in that style; smaller than the style asks where a line would be too wide."""
    texts = [text_of(line) for line in page.lines]
    reach = [fonts.em_reach(text, style.font) for text in texts]
    step = max([LINE, *(one[1] + two[0] + BETWEEN for one, two in pairwise(reach))])
    widest = max((_em_width(line, style) for line in page.lines), default=0.0)
    size = min(float(style.size), room(style) / max(widest, 0.01))
    above, below = _edges(reach[0][0], reach[-1][1], style)
    half = (len(texts) - 1) * step / 2
    name, tall = named(page, style, size)
    wide = max(widest * size, name) + 2 * _around(style) * size
    return Block(size, step * size, wide, (half + above) * size + tall, (half + below) * size)


def _edges(up: float, down: float, style: CaptionStyle) -> tuple[float, float]:
    """How far a line whose letters reach so far up and down takes place, with what is drawn around it, in em."""
    if style.preset in BOXED:
        half = BOX_HALF + PAD_Y
        return max(half, up + BOX_LEAST), max(half, down + BOX_LEAST)
    usual, around = fonts.em_reach(USUAL_LETTERS, style.font), _around(style)
    if style.preset == "pop":  # its words are mostly capitals, and grow
        return max(BOX_HALF, up * (1 + GROWS)) + around, down * (1 + GROWS) + around + SHADOW
    return max(usual[0], up) + around, max(usual[1], down) + around + SHADOW


def _around(style: CaptionStyle) -> float:
    """How far what is drawn around the words of a line reaches out of it at each side, in em."""
    if style.preset in BOXED:
        return PAD_X
    return GLOWING if style.preset in GLOWS else OUTLINED


def room(style: CaptionStyle) -> float:
    """How wide the words of a line may be, in px."""
    width = RIGHT - LEFT - BAR if style.preset == "lower_third" else WIDTH
    return width - 2 * _around(style) * style.size


def gap_of(style: CaptionStyle) -> float:
    """How much wider than usual a space is, in em."""
    return APART if style.preset == "pop" else 0.0


def line_width(words: Sequence[Word], style: CaptionStyle) -> float:
    """How wide the words are as they are set, in em."""
    text = text_of(words)
    return fonts.em_width(text, style.font) + gap_of(style) * text.count(" ")


def _em_width(words: Sequence[Word], style: CaptionStyle) -> float:
    """How wide a line is at most, in em: the words at its ends may grow."""
    wide = line_width(words, style)
    if style.preset != "pop":
        return wide
    return wide + GROWS * max(fonts.em_width(words[at].text, style.font) for at in (0, -1))


def named(page: Page, style: CaptionStyle, size: float) -> tuple[float, float]:
    """How wide and high the speaker's name stands above lines of that size, in px; nothing without a name."""
    name = name_of(page) if style.preset == "lower_third" else ""
    if not name:
        return 0.0, 0.0
    small = name_size(page, size)
    return fonts.em_width(name, NAME_FACE) * small, LINE * small


def name_size(page: Page, size: float) -> float:
    """The size of the speaker's name above words of that size: smaller where it would be too wide."""
    most = RIGHT - LEFT - BAR - 2 * PAD_X * size
    return min(SPEAKER * size, most / max(fonts.em_width(name_of(page), NAME_FACE), 0.01))


def name_of(page: Page) -> str:
    """The speaker's name as it is drawn."""
    return pagination.shown(page.speaker[:40], emoji=False)


def text_of(words: Sequence[Word]) -> str:
    """A line as people read it."""
    return join_words([word.text for word in words])
