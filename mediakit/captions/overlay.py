"""A drawing on its way into the picture: the script and the files ffmpeg reads, and the filters that use them."""

import struct
from collections.abc import Mapping
from functools import cache
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
from mediakit.captions.caption_style import BurnIn, Overlays, TimedRegion
from mediakit.captions.pagination import CaptionPage, Coverage, PageLayout
from mediakit.captions.placement import (
    CENTERED_WIDTH_PX,
    SAFE_BOTTOM_PX,
    SAFE_LEFT_PX,
    SAFE_RIGHT_PX,
    SAFE_TOP_PX,
)
from mediakit.captions.preset_renderers import caption_events, paginate_for_style
from mediakit.framing.geometry import CANVAS
from mediakit.sandbox.process import run
from mediakit.text import word_segmentation
from mediakit.text.transcript import join_words, spread_words

# Names in the folder where ffmpeg runs: plain ones, so that no path is ever part of a filter.
SCRIPT_NAME, FONTS_NAME, FONTCONFIG_NAME, LOGO_NAME = (
    "drawing.ass",
    "fonts",
    "fonts.conf",
    "logo.png",
)
# No fonts but those of the folder: the same pixels on every machine.
_FONTCONFIG_XML = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>\n'
)
HOOK_FONT_SIZES_PX = (78, 68, 58, 50, 44)
# A title has so many lines at most; in the smallest letters more, before anything of it is left out.
HOOK_MAX_LINES, HOOK_MAX_LINES_SMALLEST = 3, 5
_HOOK_PADDING_X_PX, _HOOK_PADDING_Y_PX, _HOOK_RADIUS_PX = 44, 30, 26
PROGRESS_BAR_PX = 12
_RED_PROBE_TAGS = "\\an7\\pos(0,0)\\bord0\\shad0\\1c&H0000FF&\\p1"


def caption_pages(drawing: BurnIn) -> list[CaptionPage]:
    """The caption pages of a drawing; none without a style."""
    if drawing.style is None:
        return []
    return paginate_for_style(
        drawing.cues, drawing.style, duration_ms=drawing.duration_ms, language=drawing.language
    )


def caption_coverage(drawing: BurnIn) -> Coverage:
    """Which ms of the Short have speech by its transcript, which have captions, and what is missing."""
    return pagination.measure_coverage(drawing.cues, caption_pages(drawing))


def has_content(drawing: BurnIn | None) -> bool:
    """Whether there is anything to draw at all."""
    if drawing is None:
        return False
    return not drawing.overlays.is_empty or bool(drawing.style and drawing.cues)


def ass_script(drawing: BurnIn, *, matrix: str = "bt709") -> str:
    """The whole drawing, but for its logo, as an ASS script. `matrix` is how ffmpeg paints (`painting`)."""
    events = [*_progress_bar(drawing, matrix)]
    hook, taken = _hook(drawing, matrix)
    events += hook
    taken += _logo_regions(drawing)
    if drawing.style is not None:
        events += caption_events(
            caption_pages(drawing),
            drawing.style,
            taken=(*drawing.faces, *taken),
            matrix=matrix,
            language=drawing.language,
        )
    return build_script(events)


def filter_graph(drawing: BurnIn, canvas: tuple[int, int] = CANVAS) -> str:
    """The filter graph that draws, from `[out]` to `[drawn]`; its files are those of `put_files`."""
    drawn = f"[out]ass=filename={SCRIPT_NAME}:fontsdir={FONTS_NAME}"
    if drawing.logo is None or not drawing.overlays.logo:
        return f"{drawn}[drawn]"
    overlays = drawing.overlays
    share = canvas[0] / CANVAS[0]
    wide = max(2, round(overlays.logo_width * share / 2) * 2)
    top, left = SAFE_TOP_PX * share, SAFE_LEFT_PX * share
    x = f"{left:.0f}" if overlays.logo_corner.endswith("left") else f"{SAFE_RIGHT_PX * share:.0f}-w"
    y = (
        f"{top:.0f}"
        if overlays.logo_corner.startswith("top")
        else f"{SAFE_BOTTOM_PX * share:.0f}-h"
    )
    logo = (
        f"movie=filename={LOGO_NAME}:format_name=png_pipe,format=rgba,scale={wide}:{wide}:force_original_aspect_ratio=decrease:flags=bicubic,"
        f"colorchannelmixer=aa={overlays.logo_opacity / 100:.2f},"
        "scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[logo]"
    )
    return f"{drawn}[titled];{logo};[titled][logo]overlay={x}:{y}:eof_action=repeat:format=yuv420,format=yuv420p[drawn]"


def write_files(drawing: BurnIn, folder: Path) -> None:
    """Lay what `filters` reads into the folder where ffmpeg will run."""
    (folder / SCRIPT_NAME).write_text(
        ass_script(drawing, matrix=libass_color_matrix()), encoding="utf-8"
    )
    _link_fonts(folder)
    if drawing.logo is not None and drawing.overlays.logo:
        (folder / LOGO_NAME).write_bytes(drawing.logo.read_bytes())


def fontconfig_environment(folder: Path) -> Mapping[str, str]:
    """What ffmpeg must be told so that it looks for fonts nowhere else."""
    return {"FONTCONFIG_FILE": str(folder / FONTCONFIG_NAME)}


def _link_fonts(folder: Path) -> None:
    (folder / FONTCONFIG_NAME).write_text(_FONTCONFIG_XML, encoding="ascii")
    link = folder / FONTS_NAME
    if not link.is_symlink():
        link.symlink_to(fonts.FONT_FILES_DIR)


@cache
def libass_color_matrix() -> str:
    """How this machine's ffmpeg paints colours: "bt601" until about ffmpeg 7, "bt709" as the picture says.

    Found by drawing red on black once per process.
    """
    with TemporaryDirectory(prefix="heimdex-") as name:
        folder = Path(name)
        box = Event(0, 0, 10_000, _RED_PROBE_TAGS, rounded_rect_path(CANVAS[0], CANVAS[1], 0))
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


def _progress_bar(drawing: BurnIn, matrix: str) -> list[Event]:
    """The bar along the lower edge that grows with time."""
    if not drawing.overlays.progress:
        return []
    top, wide = CANVAS[1] - PROGRESS_BAR_PX, CANVAS[0]
    shape = rounded_rect_path(wide, PROGRESS_BAR_PX, 0)
    length = drawing.duration_ms
    back = rf"\an7\pos(0,{top})\bord0\shad0\1c&H000000&\1a&H90&\p1"
    color = ass_color(drawing.overlays.progress_color, matrix)
    front = rf"\an7\pos(0,{top})\bord0\shad0\1c{color}\fscx0\t(0,{length},\fscx100)\p1"
    return [Event(5, 0, length, back, shape), Event(6, 0, length, front, shape)]


def _hook(drawing: BurnIn, matrix: str) -> tuple[list[Event], list[TimedRegion]]:
    """The title of the first seconds, and the part of the canvas it takes."""
    lines, size = _hook_lines(drawing.overlays)
    if not lines:
        return [], []
    end = min(drawing.overlays.hook_ms, drawing.duration_ms)
    widest = fonts.max_width_em(lines, "black") * size
    wide, tall = (
        widest + 2 * _HOOK_PADDING_X_PX,
        (len(lines) - 1) * 1.16 * size + size + 2 * _HOOK_PADDING_Y_PX,
    )
    left, top = (CANVAS[0] - wide) / 2, _hook_top(drawing, tall, end)
    # There from the first picture, which platforms show as the cover, and no half of it in the last one.
    fade = r"\fad(0,160)" if end < drawing.duration_ms else ""
    white, ink = ass_color("#ffffff", matrix), ass_color("#121317", matrix)
    panel = rf"\an7\pos({left:.1f},{top:.1f})\bord0\shad0\1c{white}{fade}\p1"
    events = [Event(3, 0, end, panel, rounded_rect_path(wide, tall, _HOOK_RADIUS_PX))]
    first = top + _HOOK_PADDING_Y_PX + size / 2
    words, way = " ".join(lines).split(), ""
    if any(map(is_rtl, words)):
        way = direction_mark(rtl=is_rtl_text(words, expected=is_rtl_language(drawing.language)))
    for number, line in enumerate(lines):
        y = first + number * 1.16 * size
        tags = rf"\an5\pos({CANVAS[0] / 2:.1f},{y:.1f})\fs{size * fonts.LINE_BOX_EM:.1f}\bord0\shad0\1c{ink}{fade}"
        events.append(Event(4, 0, end, tags, way + escape_with_fonts(line, "black")))
    box = TimedRegion(0, end, left / CANVAS[0], top / CANVAS[1], wide / CANVAS[0], tall / CANVAS[1])
    return events, [box]


def _logo_size(drawing: BurnIn) -> tuple[float, float]:
    """How wide and high the logo is shown, as `filters` scales it; 0 without one."""
    most = float(drawing.overlays.logo_width)
    if not drawing.overlays.logo:
        return 0.0, 0.0
    if drawing.logo is None:
        return most, most
    # A PNG of our own making: its size stands in its first header.
    with drawing.logo.open("rb") as file:
        wide, tall = struct.unpack(">II", file.read(24)[16:])
    share = most / max(wide, tall)
    return wide * share, tall * share


def _logo_regions(drawing: BurnIn) -> list[TimedRegion]:
    """The part of the canvas that the logo takes."""
    wide, tall = _logo_size(drawing)
    if not wide:
        return []
    left = SAFE_LEFT_PX if drawing.overlays.logo_corner.endswith("left") else SAFE_RIGHT_PX - wide
    top = SAFE_TOP_PX if drawing.overlays.logo_corner.startswith("top") else SAFE_BOTTOM_PX - tall
    share = (left / CANVAS[0], top / CANVAS[1], wide / CANVAS[0], tall / CANVAS[1])
    return [TimedRegion(0, drawing.duration_ms, *share)]


def _hook_top(drawing: BurnIn, tall: float, end_ms: int) -> float:
    """At the top, below a logo there, or lower where a face would be hidden."""
    top, low = SAFE_TOP_PX + 12.0, SAFE_BOTTOM_PX - 320.0 - tall
    if drawing.overlays.logo and drawing.overlays.logo_corner.startswith("top"):
        top += _logo_size(drawing)[1] + 12
    for face in drawing.faces:
        upper, lower = face.y * CANVAS[1], (face.y + face.height) * CANVAS[1]
        if face.start_ms < end_ms and upper < top + tall and lower > top and lower < low:
            return low
    return top


def _hook_lines(overlays: Overlays) -> tuple[list[str], int]:
    """The title in as few lines and as large letters as fit; what does not fit even so is left out, and dots say so."""
    read = word_segmentation.segment_words(spread_words(overlays.hook, 0, 1))
    words = [text for word in read if (text := pagination.display_text(word.text))]
    for size in HOOK_FONT_SIZES_PX:
        room = (CENTERED_WIDTH_PX - 2 * _HOOK_PADDING_X_PX) / size
        lines = _wrap(words, room)
        if len(lines) <= HOOK_MAX_LINES and fonts.max_width_em(lines, "black") <= room:
            return lines, size
    size, measure = (
        HOOK_FONT_SIZES_PX[-1],
        PageLayout("black", (CENTERED_WIDTH_PX - 2 * _HOOK_PADDING_X_PX) / HOOK_FONT_SIZES_PX[-1]),
    )
    parts = [
        part
        for word in words
        for part in (
            [word] if measure.of(word) <= measure.width else pagination.break_word(word, measure)
        )
    ]
    lines = _wrap(parts, measure.width)
    kept = lines[:HOOK_MAX_LINES_SMALLEST]
    if len(kept) < len(lines):
        kept[-1] = kept[-1][:-1].rstrip() + "…"
    return kept, size


def _wrap(words: list[str], room: float) -> list[str]:
    """Words in lines of that many em, as even as they can be."""
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
