"""What the demo talk shows: a speaker and four slides, drawn shot by shot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mediakit.text.transcript import Word
from tests.demo_maker.drawing import Glide, Path, Sheet, box, ellipse, shape

INK, PAPER, ACCENT, TEAL, ROSE = "#14213d", "#f8f5ee", "#f2a541", "#2a9d8f", "#e76f51"
SKIN, SHADE, HAIR, JACKET, SHIRT = "#f0c3a0", "#dda67f", "#3b2a23", "#27466b", "#f7f7f4"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the talk: its colours, from upper left to lower right, and its painter."""

    name: str
    colours: tuple[str, str]
    paint: Callable[[Sheet, Span, Sequence[Word]], None]


def _speaker(
    sheet: Sheet, span: Span, words: Sequence[Word], glide: Glide, *, gesture: bool = True
) -> None:
    """A speaker, from the head to the chest, whose mouth moves with the words."""
    torso = shape(
        (-30, -8), (-80, 8, -150, 20, -158, 120), (-178, 420), (178, 420), (158, 120),
        (150, 20, 80, 8, 30, -8),
    )  # fmt: skip
    cap = shape(
        (-58, -92), (-72, -150, -48, -188, 0, -188), (48, -188, 72, -150, 58, -92),
        (52, -118, 40, -140, 16, -146), (-10, -132, -44, -138, -58, -92),
    )  # fmt: skip
    layers: list[tuple[Path, str]] = [
        (torso, JACKET),
        (shape((-36, -6), (36, -6), (0, 92)), SHIRT),
        (shape((-8, 20), (8, 20), (13, 92), (0, 112), (-13, 92)), ROSE),
        (box(-21, -62, 42, 78, 18), SHADE),
        (ellipse(-54, -100, 10, 14), SHADE),
        (ellipse(54, -100, 10, 14), SHADE),
        (ellipse(0, -108, 54, 66), SKIN),
        (cap, HAIR),
        (box(-31, -126, 20, 5, 2), HAIR),
        (box(11, -126, 20, 5, 2), HAIR),
        (shape((-2, -108), (7, -86), (-4, -86)), SHADE),
    ]
    for path, colour in layers:
        sheet.draw(path, colour, span, layer=1, glide=glide)
    _eyes(sheet, span, glide)
    _mouth(sheet, span, words, glide)
    if gesture:
        _hand(sheet, span, words, glide)


def _eyes(sheet: Sheet, span: Span, glide: Glide) -> None:
    """Eyes that close for a moment every few seconds."""
    now, end = span
    while now < end:
        shut = min(now + 3_400, end)
        for x in (-21, 21):
            sheet.draw(ellipse(x, -108, 5.5, 6.5), INK, (now, shut), layer=2, glide=glide)
            closed = (shut, min(shut + 140, end))
            sheet.draw(box(x - 7, -107, 14, 3, 1), INK, closed, layer=2, glide=glide)
        now = shut + 140


def _mouth(sheet: Sheet, span: Span, words: Sequence[Word], glide: Glide) -> None:
    """A mouth that opens on every syllable or so."""
    now = span[0]
    for word in words:
        beat = 160
        for start in range(word.start_ms, word.end_ms - 60, 2 * beat):
            stop = min(start + beat, word.end_ms)
            sheet.draw(box(-15, -69, 30, 4, 2), "#a5483f", (now, start), layer=2, glide=glide)
            wide = 9 + 4 * (start // 10 % 3)
            sheet.draw(ellipse(0, -67, wide, 9), "#8c3a34", (start, stop), layer=2, glide=glide)
            now = stop
    sheet.draw(box(-15, -69, 30, 4, 2), "#a5483f", (now, span[1]), layer=2, glide=glide)


def _hand(sheet: Sheet, span: Span, words: Sequence[Word], glide: Glide) -> None:
    """A hand that rises while every second sentence is said."""
    stops = [word.end_ms for word in words if word.text[-1] in ".!?"]
    for begin, end in zip([span[0], *stops][::2], stops[::2], strict=False):
        lifted = (begin + 350, end)
        if lifted[1] - lifted[0] > 600:
            arm = shape((150, 110), (206, 24), (240, 44), (196, 190), (166, 220))
            sheet.draw(arm, "#21395a", lifted, layer=3, glide=glide)
            sheet.draw(ellipse(229, 14, 25, 28), SKIN, lifted, layer=3, glide=glide)
            sheet.draw(box(206, -40, 13, 48, 6), SKIN, lifted, layer=3, glide=glide)
            sheet.draw(box(222, -46, 13, 52, 6), SKIN, lifted, layer=3, glide=glide)
            sheet.draw(box(238, -36, 12, 46, 6), SKIN, lifted, layer=3, glide=glide)


def _heading(sheet: Sheet, span: Span, title: str, below: str, *, light: bool) -> None:
    sheet.draw(box(96, 92, 72, 8, 4), ACCENT, span, layer=4)
    sheet.write(title, (96, 116), 58, PAPER if light else INK, span)
    sheet.write(below, (98, 190), 28, "#c9d6e8" if light else "#5a6478", span, bold=False)


def welcome(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """The speaker on the right of the title."""
    for x, y, r, colour in ((930, 330, 310, "#2f4b7c"), (930, 330, 240, "#3a5a90")):
        sheet.draw(ellipse(x, y, r, r), colour, span)
    _speaker(sheet, span, words, Glide(*span, (970, 470), (880, 470), 1.2))
    sheet.draw(box(96, 250, 92, 9, 4), ACCENT, span, layer=4)
    sheet.write("Finding", (92, 276), 92, PAPER, span)
    sheet.write("the moment", (92, 372), 92, PAPER, span)
    sheet.write("A short talk about long videos", (96, 492), 32, "#c9d6e8", span, bold=False)


def timeline(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """A slide: an hour of blocks, a good minute among them, and a playhead on its way."""
    del words
    _heading(sheet, span, "One hour, one good minute", "Where was it again?", light=False)
    left, width = 96, 1088
    heights = (60, 96, 74, 130, 88, 52, 110, 142, 70, 98, 120, 64, 90, 136, 76, 104)
    for number, height in enumerate(heights):
        good = number == 10
        x = left + number * width / len(heights)
        colour = ROSE if good else ("#c7d3dd", "#b4c4d1")[number % 2]
        sheet.draw(
            box(x, 480 - height, width / len(heights) - 10, height, 8), colour, span, layer=1
        )
    sheet.draw(box(left, 500, width, 10, 5), "#b4c4d1", span, layer=1)
    glide = Glide(*span, (left, 0), (left + width * 0.68, 0))
    sheet.draw(box(-3, 310, 6, 214, 3), INK, span, layer=3, glide=glide)
    sheet.draw(ellipse(0, 505, 15, 15), INK, span, layer=3, glide=glide)
    for number, label in enumerate(("0:00", "0:15", "0:30", "0:45", "1:00")):
        x = left + number * width / 4
        sheet.write(label, (x, 540), 24, "#5a6478", span, anchor=8, bold=False)


def close_up(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """The speaker alone, walking from one side to the other."""
    for number in range(5):
        x = 60 + number * 270
        sheet.draw(box(x, 70, 190, 470, 14), "#ffffff", span, alpha=0xE4)
    sheet.draw(box(0, 610, 1280, 110), "#7c4a2d", span, alpha=0x60)
    _speaker(sheet, span, words, Glide(*span, (300, 430), (960, 430), 1.55))


def search(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """A slide: a search box, and the lines it finds, the best one lit."""
    del words
    _heading(sheet, span, "Search what was said", "Words first, time second", light=True)
    sheet.draw(box(96, 262, 760, 78, 39), PAPER, span, layer=1)
    sheet.draw(ellipse(146, 297, 17, 17), TEAL, span, layer=2)
    sheet.draw(ellipse(146, 297, 11, 11), PAPER, span, layer=3)
    sheet.draw(shape((157, 312), (163, 306), (176, 320), (170, 326)), TEAL, span, layer=2)
    sheet.write("a whole sentence", (190, 280), 36, INK, span, bold=False)
    third = (span[1] - span[0]) // 5
    for number, width in enumerate((620, 700, 540)):
        shown = (span[0] + third * (number + 1), span[1])
        y = 376 + number * 92
        best = number == 1
        sheet.draw(box(96, y, 1088, 74, 14), ACCENT if best else "#1f6f78", shown, layer=1)
        sheet.draw(box(250, y + 27, width, 20, 10), INK if best else "#58a3a8", shown, layer=2)
        stamp = ("0:12", "0:41", "1:03")[number]
        sheet.write(stamp, (128, y + 18), 32, INK if best else "#d5ecec", shown)


def phone(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """A slide: the speaker in a wide frame, and the tall frame that follows them."""
    _heading(sheet, span, "From wide to tall", "1920 × 1080 becomes 1080 × 1920", light=False)
    sheet.draw(box(96, 262, 700, 394, 16), "#31507c", span)
    glide = Glide(*span, (300, 520), (590, 520), 0.62)
    _speaker(sheet, span, words, glide)
    sheet.draw(box(96, 656, 700, 64), "#efe3d0", span, layer=4)
    for x in (-116, 108):
        sheet.draw(
            box(x, -258, 8, 394, 3),
            ACCENT,
            span,
            layer=4,
            glide=Glide(*span, (300, 520), (590, 520)),
        )
    arrow = shape(
        (838, 440), (886, 440), (886, 420), (922, 456), (886, 492), (886, 472), (838, 472)
    )  # fmt: skip
    sheet.draw(arrow, INK, span, layer=1)
    sheet.draw(box(962, 92, 304, 540, 38), INK, span, layer=1)
    sheet.draw(box(976, 106, 276, 512, 26), "#31507c", span, layer=1)
    _speaker(sheet, span, words, Glide(*span, (1106, 440), (1122, 440), 0.72), gesture=False)
    rim = shape(
        (962, 600), (976, 600), (976, 618), (1252, 618), (1252, 600), (1266, 600), (1266, 632),
        (962, 632),
    )  # fmt: skip
    sheet.draw(rim, INK, span, layer=4)
    sheet.draw(box(930, 632, 350, 88), "#efe3d0", span, layer=4)


def goodbye(sheet: Sheet, span: Span, words: Sequence[Word]) -> None:
    """The speaker in the middle, and thanks."""
    for number, radius in enumerate((420, 330, 240)):
        sheet.draw(
            ellipse(640, 360, radius, radius), ("#7a3b5d", "#8a4868", "#9b5574")[number], span
        )
    _speaker(sheet, span, words, Glide(*span, (690, 440), (610, 440), 1.3))
    sheet.draw(box(410, 604, 460, 76, 38), PAPER, span, layer=4)
    sheet.write("Thank you", (640, 642), 44, INK, span, anchor=5)


SHOTS = {
    shot.name: shot
    for shot in (
        Shot("welcome", ("#16233f", "#2b4570"), welcome),
        Shot("timeline", ("#f6efe2", "#dfe8ef"), timeline),
        Shot("close_up", ("#e9b26f", "#b5654a"), close_up),
        Shot("search", ("#0f4c5c", "#123b4a"), search),
        Shot("phone", ("#f3e9d8", "#efe3d0"), phone),
        Shot("goodbye", ("#4a1f3d", "#6d3554"), goodbye),
    )
}
