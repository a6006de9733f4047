"""Burn-in with ffmpeg: the ASS script and the files that ffmpeg reads, and the filter graph that uses them."""

import math
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mediakit.captions import fonts, pagination
from mediakit.captions.ass import (
    Event,
    ass_color,
    build_script,
    direction_mark,
    escape_with_fonts,
    is_rtl,
    is_rtl_language,
    is_rtl_text,
    rounded_rect_path,
)
from mediakit.captions.caption_style import BIG, POP, BurnIn, Overlays, TimedRegion
from mediakit.captions.coverage import Coverage, measure_coverage
from mediakit.captions.letter_coverage import LetterCoverage, letter_coverage
from mediakit.captions.pagination import CaptionPage, PageLayout
from mediakit.captions.preset_renderers import caption_events
from mediakit.captions.text_metrics import extra_space_em, max_line_width_px
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT, Canvas
from mediakit.sandbox.process import run
from mediakit.text import word_segmentation
from mediakit.text.transcript import join_words, spread_words

SINGLE_LINE_PRESETS = (POP,)
UNPUNCTUATED_PRESETS = (POP, BIG)
# File names in the folder where ffmpeg runs. They need no escaping, and no path enters a filter.
SCRIPT_NAME, FONTS_NAME, FONTCONFIG_NAME, LOGO_NAME = (
    "overlay.ass",
    "fonts",
    "fonts.conf",
    "logo.png",
)
# An empty configuration: libass uses only the fonts of the folder, and gives the same pixels on every machine.
_FONTCONFIG_XML = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>\n'
)
HOOK_FONT_SIZES_PX = (78, 68, 58, 50, 44)
# The maximum number of a title's lines; in the smallest font size more are allowed before text is cut off.
HOOK_MAX_LINES, HOOK_MAX_LINES_SMALLEST = 3, 5
_HOOK_PADDING_X_PX, _HOOK_PADDING_Y_PX, _HOOK_RADIUS_PX = 44, 30, 26
_HOOK_LINE_EM = 1.16  # from one line of it to the next
_PICTURE_GAP_PX = 8  # between it and a picture that is shown whole
PROGRESS_BAR_PX = 12
_RED_PROBE_TAGS = "\\an7\\pos(0,0)\\bord0\\shad0\\1c&H0000FF&\\p1"


def caption_pages(burn_in: BurnIn) -> list[CaptionPage]:
    """Return the caption pages as the style shows them; none without a caption style."""
    style = burn_in.style
    if style is None:
        return []
    draw = partial(
        pagination.display_text,
        upper_case=style.upper_case,
        emoji=style.emoji,
        language=burn_in.language,
    )
    layout = PageLayout(
        style.font,
        max_line_width_px(style, burn_in.canvas) / style.size,
        max_lines=1 if style.preset in SINGLE_LINE_PRESETS else 2,
        max_words=style.words,
        language=burn_in.language,
        extra_space_em=extra_space_em(style),
    )
    pages = pagination.paginate(burn_in.cues, layout, draw=draw, duration_ms=burn_in.duration_ms)
    if style.preset in UNPUNCTUATED_PRESETS:
        return [_strip_punctuation(page) for page in pages]
    return pages


def _strip_punctuation(page: CaptionPage) -> CaptionPage:
    """Return the page without the commas and full stops at the end of words."""
    lines = tuple(
        tuple(replace(word, text=word.text.rstrip(".,;:、，。") or word.text) for word in line)
        for line in page.lines
    )
    return replace(page, lines=lines)


def caption_coverage(burn_in: BurnIn) -> Coverage:
    """Return which ms of the Short have speech by its transcript, captions, and speech without captions."""
    return measure_coverage(burn_in.cues, caption_pages(burn_in))


def caption_letters(burn_in: BurnIn) -> LetterCoverage:
    """Return which letters of the captions cannot be drawn."""
    return letter_coverage(burn_in.cues if burn_in.style else ())


def title_letters(burn_in: BurnIn) -> LetterCoverage:
    """Return which letters of the title cannot be drawn."""
    return letter_coverage((), burn_in.overlays.hook)


def has_content(burn_in: BurnIn | None) -> bool:
    """Whether there is anything to draw."""
    if burn_in is None:
        return False
    return not burn_in.overlays.is_empty or bool(burn_in.style and burn_in.cues)


def ass_script(burn_in: BurnIn, *, matrix: str = "bt709") -> str:
    """Return everything but the logo as an ASS script. `matrix` is that of `libass_color_matrix`."""
    events = [*_progress_bar(burn_in, matrix)]
    hook, regions = _hook(burn_in, matrix)
    events += hook
    regions += _logo_regions(burn_in)
    if burn_in.style is not None:
        events += caption_events(
            caption_pages(burn_in),
            burn_in.style,
            burn_in.canvas,
            taken=(*(face for face in burn_in.faces if not face.is_picture), *regions),
            matrix=matrix,
            language=burn_in.language,
        )
    return build_script(events, burn_in.canvas)


def filter_graph(burn_in: BurnIn, size: Size) -> str:
    """Return the filter graph that draws on pictures of a size, from `[out]` to `[drawn]`.

    It reads the files of `write_files`.
    """
    drawn = f"[out]ass=filename={SCRIPT_NAME}:fontsdir={FONTS_NAME}"
    if burn_in.logo is None or not burn_in.overlays.logo:
        return f"{drawn}[drawn]"
    overlays, canvas = burn_in.overlays, burn_in.canvas
    share = size.width / canvas.width
    wide = max(2, round(overlays.logo_width * share / 2) * 2)
    top, left = canvas.top * share, canvas.left * share
    x = f"{left:.0f}" if overlays.logo_corner.endswith("left") else f"{canvas.right * share:.0f}-w"
    y = f"{top:.0f}" if overlays.logo_corner.startswith("top") else f"{canvas.bottom * share:.0f}-h"
    logo = (
        f"movie=filename={LOGO_NAME}:format_name=png_pipe,format=rgba,scale={wide}:{wide}:force_original_aspect_ratio=decrease:flags=bicubic,"
        f"colorchannelmixer=aa={overlays.logo_opacity / 100:.2f},"
        "scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[logo]"
    )
    return f"{drawn}[titled];{logo};[titled][logo]overlay={x}:{y}:eof_action=repeat:format=yuv420,format=yuv420p[drawn]"


def write_files(burn_in: BurnIn, folder: Path) -> None:
    """Write the files that `filter_graph` reads into the folder where ffmpeg will run."""
    (folder / SCRIPT_NAME).write_text(
        ass_script(burn_in, matrix=libass_color_matrix()), encoding="utf-8"
    )
    _link_fonts(folder)
    if burn_in.logo is not None and burn_in.overlays.logo:
        (folder / LOGO_NAME).write_bytes(burn_in.logo.read_bytes())


def fontconfig_environment(folder: Path) -> Mapping[str, str]:
    """Return the environment by which fontconfig finds no fonts outside the folder."""
    return {"FONTCONFIG_FILE": str(folder / FONTCONFIG_NAME)}


def _link_fonts(folder: Path) -> None:
    (folder / FONTCONFIG_NAME).write_text(_FONTCONFIG_XML, encoding="ascii")
    link = folder / FONTS_NAME
    if not link.is_symlink():
        link.symlink_to(fonts.FONT_FILES_DIR)


@cache
def libass_color_matrix() -> str:
    """Return the matrix by which this machine's ffmpeg paints libass's colours: "bt601" or "bt709".

    Before about ffmpeg 7 it is BT.601 whatever the picture's matrix is. Measured by drawing red once per process.
    """
    with TemporaryDirectory(prefix="heimdex-") as name:
        folder = Path(name)
        whole = rounded_rect_path(SHORT.size.width, SHORT.size.height, 0)
        box = Event(0, 0, 10_000, _RED_PROBE_TAGS, whole)
        (folder / SCRIPT_NAME).write_text(build_script([box]), encoding="utf-8")
        _link_fonts(folder)
        tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
        source = f"color=black:s=18x32:r=1:d=1,format=yuv420p,{tags}"
        done = run(
            [
                *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error"),
                *(
                    "-f",
                    "lavfi",
                    "-i",
                    source,
                    "-vf",
                    f"ass=filename={SCRIPT_NAME}:fontsdir={FONTS_NAME}",
                ),
                *("-frames:v", "1", "-f", "rawvideo", "pipe:1"),
            ],
            timeout_s=60,
            cwd=folder,
            env=fontconfig_environment(folder),
        )
    middle = done.output[16 * 18 + 9]  # luma of red: 81 by BT.601, 63 by BT.709
    return "bt601" if middle > 72 else "bt709"


def _progress_bar(burn_in: BurnIn, matrix: str) -> list[Event]:
    """Return the events of the progress bar along the lower edge."""
    if not burn_in.overlays.progress:
        return []
    top, wide = burn_in.canvas.height - PROGRESS_BAR_PX, burn_in.canvas.width
    shape = rounded_rect_path(wide, PROGRESS_BAR_PX, 0)
    length = burn_in.duration_ms
    back = rf"\an7\pos(0,{top})\bord0\shad0\1c&H000000&\1a&H90&\p1"
    color = ass_color(burn_in.overlays.progress_color, matrix)
    front = rf"\an7\pos(0,{top})\bord0\shad0\1c{color}\fscx0\t(0,{length},\fscx100)\p1"
    return [Event(5, 0, length, back, shape), Event(6, 0, length, front, shape)]


def _hook(burn_in: BurnIn, matrix: str) -> tuple[list[Event], list[TimedRegion]]:
    """Return the events of the title, and the region of the canvas it takes."""
    canvas = burn_in.canvas
    end = min(burn_in.overlays.hook_ms, burn_in.duration_ms)
    placed = _beside_picture(burn_in, end)
    lines, size = placed[:2] if placed else _hook_lines(burn_in.overlays, canvas)
    if not lines:
        return [], []
    widest = fonts.max_width_em(lines, "black") * size
    wide, tall = widest + 2 * _HOOK_PADDING_X_PX, _hook_height(lines, size)
    left = (canvas.width - wide) / 2
    top = placed[2] if placed else _hook_top(burn_in, tall, end)
    # No fade-in: platforms show the first frame as the cover. No fade-out in the last frame of the Short.
    fade = r"\fad(0,160)" if end < burn_in.duration_ms else ""
    white, ink = ass_color("#ffffff", matrix), ass_color("#121317", matrix)
    panel = rf"\an7\pos({left:.1f},{top:.1f})\bord0\shad0\1c{white}{fade}\p1"
    events = [Event(3, 0, end, panel, rounded_rect_path(wide, tall, _HOOK_RADIUS_PX))]
    first = top + _HOOK_PADDING_Y_PX + size / 2
    words, mark = " ".join(lines).split(), ""
    if any(map(is_rtl, words)):
        mark = direction_mark(rtl=is_rtl_text(words, expected=is_rtl_language(burn_in.language)))
    for number, line in enumerate(lines):
        y = first + number * _HOOK_LINE_EM * size
        tags = rf"\an5\pos({canvas.width / 2:.1f},{y:.1f})\fs{size * fonts.LINE_BOX_EM:.1f}\bord0\shad0\1c{ink}{fade}"
        events.append(Event(4, 0, end, tags, mark + escape_with_fonts(line, "black")))
    return events, [_region(canvas, (left, top), (wide, tall), end_ms=end)]


def _region(
    canvas: Canvas, corner: tuple[float, float], size: tuple[float, float], *, end_ms: int
) -> TimedRegion:
    """Return the region, from the Short's start, of a box given by its upper left corner and its size in px."""
    left, top = corner[0] / canvas.width, corner[1] / canvas.height
    return TimedRegion(0, end_ms, left, top, size[0] / canvas.width, size[1] / canvas.height)


def _logo_size(burn_in: BurnIn) -> tuple[float, float]:
    """Return the width and height in px at which `filter_graph` shows the logo; zeros without a logo."""
    max_side = float(burn_in.overlays.logo_width)
    if not burn_in.overlays.logo:
        return 0.0, 0.0
    if burn_in.logo is None:
        return max_side, max_side
    # A PNG made by `make_logo`: the IHDR chunk with its size comes first.
    with burn_in.logo.open("rb") as file:
        wide, tall = struct.unpack(">II", file.read(24)[16:])
    share = max_side / max(wide, tall)
    return wide * share, tall * share


def _logo_regions(burn_in: BurnIn) -> list[TimedRegion]:
    """Return the region of the canvas that the logo takes; empty without a logo."""
    wide, tall = _logo_size(burn_in)
    if not wide:
        return []
    canvas, corner = burn_in.canvas, burn_in.overlays.logo_corner
    left = canvas.left if corner.endswith("left") else canvas.right - wide
    top = canvas.top if corner.startswith("top") else canvas.bottom - tall
    return [_region(canvas, (left, top), (wide, tall), end_ms=burn_in.duration_ms)]


def _hook_height(lines: list[str], size: int) -> float:
    """Return the height in px of the title's panel."""
    return (len(lines) - 1) * _HOOK_LINE_EM * size + size + 2 * _HOOK_PADDING_Y_PX


def _beside_picture(burn_in: BurnIn, end_ms: int) -> tuple[list[str], int, float] | None:
    """Return the title's lines, font size and top in px above or below the pictures that are shown whole meanwhile.

    The larger of the two sizes counts, and the place above of equal ones. None without such a picture, and where no
    size has room for the whole text on either side.
    """
    canvas, overlays = burn_in.canvas, burn_in.overlays
    pictures = [r for r in burn_in.faces if r.is_picture and r.start_ms < end_ms]
    if not pictures or not overlays.hook:
        return None
    logo = _logo_size(burn_in)[1] + 12 if overlays.logo else 0.0
    at_top = overlays.logo_corner.startswith("top")
    first = canvas.top + (logo if at_top else 0)
    above = min(r.y for r in pictures) * canvas.height - _PICTURE_GAP_PX - first
    second = max(r.y + r.height for r in pictures) * canvas.height + _PICTURE_GAP_PX
    below = canvas.bottom - (0 if at_top else logo) - second

    def is_whole(lines: list[str]) -> bool:
        return overlays.hook.rstrip().endswith("…") or not lines[-1].endswith("…")

    found = [
        (size, -number, lines, top)
        for number, (top, room) in enumerate(((first, above), (second, below)))
        for lines, size in [_hook_lines(overlays, canvas, room)]
        if lines and _hook_height(lines, size) <= room and is_whole(lines)
    ]
    if not found:
        return None
    size, _, lines, top = max(found)
    return lines, size, top


def _hook_top(burn_in: BurnIn, tall: float, end_ms: int) -> float:
    """Return the title's top in px: below a logo at the top, or low on the canvas if a face would be covered."""
    canvas = burn_in.canvas
    top, low = canvas.top + 12.0, canvas.bottom - 320.0 - tall
    if burn_in.overlays.logo and burn_in.overlays.logo_corner.startswith("top"):
        top += _logo_size(burn_in)[1] + 12
    for face in (face for face in burn_in.faces if not face.is_picture):
        upper, lower = face.y * canvas.height, (face.y + face.height) * canvas.height
        if face.start_ms < end_ms and upper < top + tall and lower > top and lower < low:
            return low
    return top


def _hook_lines(
    overlays: Overlays, canvas: Canvas, max_tall: float = math.inf
) -> tuple[list[str], int]:
    """Return the title's lines and font size in px: the largest size that fits. Text that does not fit ends in "…".

    `max_tall` is the height in px that its panel may have.
    """
    read = word_segmentation.segment_words(spread_words(overlays.hook, 0, 1))
    words = [text for word in read if (text := pagination.display_text(word.text))]
    room_px = canvas.centered_width - 2 * _HOOK_PADDING_X_PX
    for size in HOOK_FONT_SIZES_PX:
        room = room_px / size
        lines = _wrap(words, room)
        fits = len(lines) <= HOOK_MAX_LINES and fonts.max_width_em(lines, "black") <= room
        if fits and (not lines or _hook_height(lines, size) <= max_tall):
            return lines, size
    size = HOOK_FONT_SIZES_PX[-1]
    layout = PageLayout("black", room_px / size)
    parts = [
        part
        for word in words
        for part in (
            [word]
            if layout.width_em(word) <= layout.line_width_em
            else pagination.break_word(word, layout)
        )
    ]
    lines = _wrap(parts, layout.line_width_em)
    most = (max_tall - 2 * _HOOK_PADDING_Y_PX - size) / (_HOOK_LINE_EM * size) + 1
    shown = lines[: max(1, int(min(most, HOOK_MAX_LINES_SMALLEST)))]
    if len(shown) < len(lines):
        shown[-1] = shown[-1][:-1].rstrip() + "…"
    return shown, size


def _wrap(words: list[str], room: float) -> list[str]:
    """Wrap words into lines at most `room` em wide and as even as possible."""
    whole = fonts.width_em(join_words(words), "black")
    count = max(1, -(-int(whole * 1000) // max(1, int(room * 1000))))
    for even in (whole / count * 1.08, whole / count * 1.25, room):
        lines: list[str] = []
        for word in words:
            longer = join_words([*lines[-1:], word])
            if lines and fonts.width_em(longer, "black") <= min(even, room):
                lines[-1] = longer
            else:
                lines.append(word)
        if len(lines) <= count:
            break
    return lines
