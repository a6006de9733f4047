"""Fit a picture of any shape into a canvas of any other: sizes and ffmpeg filter chains.

Every chain takes decoded pictures that ffmpeg has already turned upright. It returns pictures of exactly
the canvas size with square pixels, 4:2:0, BT.709 matrix and limited range.
"""

from dataclasses import dataclass
from fractions import Fraction

from mediakit.media_info import VideoTrack

CENTER_CROP = "center_crop"
LETTERBOX = "letterbox"
BLUR = "blur"
SMART_CROP = "smart_crop"
STRATEGIES = (CENTER_CROP, LETTERBOX, BLUR, SMART_CROP)

# The blurred background that is a copy of the picture is computed at a fraction of the canvas size and scaled up.
BLUR_DOWNSCALE = 8
BLUR_SIGMA = 5
# The colours of a picture's edges are computed in a smaller one, and blurred so far along them and across them (px).
EDGE_DOWNSCALE = 40
EDGE_SIGMAS = (8, 3)
# A seventh less contrast with black unchanged, so that dark pictures do not become black bars.
BLUR_DIM = "eq=contrast=0.86:brightness=-0.045:saturation=0.9"
_EDGE_CHROMA = "(val-32768)*0.9+32768"
EDGE_DIM = f"lutyuv=y=val*0.86+576:u={_EDGE_CHROMA}:v={_EDGE_CHROMA}"  # the same of 16 bits
MAX_SD_LINES = 576  # up to here an untagged picture is taken for BT.601
SWSCALE_MATRICES = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "fcc": "fcc",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
KNOWN_PRIMARIES = ("bt709", "bt470bg", "smpte170m", "bt2020", "smpte431", "smpte432")
HDR_TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}
BT709_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# From this shape on a picture fills a phone's screen (`mediakit.framing.output_format`).
FULL_SCREEN = Fraction(3, 5)
# Where a whole picture ends on such a screen, so that captions have a band of two lines below it, and the least that is
# left above it: shares of the canvas's height. A picture that has no room between lies in the middle.
FIT_BOTTOM, FIT_TOP = Fraction(1000, 1920), Fraction(1, 20)
# The last filters of every chain.
OUTPUT_FILTERS = f"setsar=1,{BT709_TAGS},sidedata=mode=delete"
# Reference white of high dynamic range, 1.0 in linear light (ITU-R BT.2408: HLG at 75 %, PQ at 58 %).
HDR_WHITE_NITS = 203


# What ffmpeg itself would put before the first filter, by `VideoTrack.turn`.
TURN_FILTERS = {
    "none": "null",
    "half": "hflip,vflip",
    "hflip": "hflip",
    "vflip": "vflip",
    "clock": "transpose=clock",
    "cclock": "transpose=cclock",
    "clock_flip": "transpose=clock_flip",
    "cclock_flip": "transpose=cclock_flip",
}


@dataclass(frozen=True, slots=True)
class Size:
    """A size in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


def upright_size(video: VideoTrack) -> tuple[Size, Fraction]:
    """The decoded size and the sample aspect ratio after turning the picture upright."""
    if video.rotation in (90, 270):
        return Size(video.height, video.width), 1 / video.sar
    return Size(video.width, video.height), video.sar


def constant_size_filters(video: VideoTrack) -> str:
    """The filters that fit every picture whole into the size of the track, wherever a file changes the size of its
    pictures; they do nothing to a picture of that size.

    They come before any filter that keeps state (`trim`, `split` and `fps` pass on any size), and turn the pictures
    upright afterwards. They copy each, as the decoder still needs it. `input_args_at(steady=True)` keeps ffmpeg from
    starting the graph anew at a change, and from turning pictures itself.
    """
    size = Size(video.width, video.height) if video.turn else upright_size(video)[0]
    fitted = f"scale={size}:force_original_aspect_ratio=decrease"
    steady = f"{fitted},pad={size}:(ow-iw)/2:(oh-ih)/2:color=black:eval=frame"
    return f"{steady},{TURN_FILTERS[video.turn]}" if video.turn else steady


def round_to_even(value: Fraction | int, *, maximum: int) -> int:
    """The nearest even integer between 2 and `maximum`, which must be even."""
    return max(2, min(maximum, round(value / 2) * 2))


def crop_size(size: Size, sar: Fraction, canvas: Size) -> Size:
    """The size in source pixels of the largest part of the picture that has the canvas's shape."""
    shape = Fraction(canvas.width, canvas.height) / sar  # width per height, in samples
    if Fraction(size.width, size.height) > shape:
        return Size(max(1, round(size.height * shape)), size.height)
    return Size(size.width, max(1, min(size.height, round(size.width / shape))))


def fit_size(size: Size, sar: Fraction, canvas: Size) -> Size:
    """The largest even size in square pixels at which the whole picture fits the canvas."""
    width = Fraction(size.width) * sar
    scale = min(canvas.width / width, Fraction(canvas.height, size.height))
    return Size(
        round_to_even(width * scale, maximum=canvas.width),
        round_to_even(size.height * scale, maximum=canvas.height),
    )


def fit_top(canvas: Size, height: int) -> int:
    """The even top in px of a picture of that height that is shown whole on a canvas, in the middle from side to side.

    On a full screen it is moved up to make room for captions; otherwise it lies in the middle.
    """
    middle = (canvas.height - height) // 2
    highest = canvas.height * FIT_BOTTOM - height
    is_full_screen = Fraction(canvas.width, canvas.height) <= FULL_SCREEN
    if not is_full_screen or highest < canvas.height * FIT_TOP:
        return middle
    return min(middle, int(highest) // 2 * 2)


def color_matrix(video: VideoTrack) -> str:
    """The picture's color matrix in swscale's names; guessed from its size when untagged."""
    known = SWSCALE_MATRICES.get(video.color_space)
    if known is not None:
        return known
    return "bt601" if min(video.width, video.height) <= MAX_SD_LINES else "bt709"


def framing_graph(video: VideoTrack, strategy: str, canvas: Size) -> str:
    """The filter graph that fits the picture into the canvas, from `[in]` to `[out]`.

    "smart_crop" without a plan is the centre crop; `mediakit.framing.crop_filters` has the planned one.
    Raises `ValueError` for an unknown strategy.
    """
    size, sar = upright_size(video)
    head = f"[in]{source_filters(video)}"
    tail = f"{OUTPUT_FILTERS}[out]"
    if strategy in {CENTER_CROP, SMART_CROP}:
        return f"{head},{_crop_filters(video, crop_size(size, sar, canvas), canvas)},{tail}"
    fitted = fit_size(size, sar, canvas)
    if strategy == LETTERBOX:
        padded = f"pad={canvas}:(ow-iw)/2:(oh-ih)/2:color=black"
        return f"{head},{scale_filters(video, size, fitted)},{padded},{tail}"
    if strategy == BLUR:
        graph = blurred_background_graph(video, canvas, input_label="whole", output_label="framed")
        return f"{head}[whole];{graph};[framed]{tail}"
    raise ValueError(f"unknown strategy {strategy!r}")


def blurred_background_graph(
    video: VideoTrack, canvas: Size, *, input_label: str, output_label: str
) -> str:
    """The graph that lays the picture of one label in the middle of a blurred copy of itself."""
    size, sar = upright_size(video)
    small = _reduced(canvas, BLUR_DOWNSCALE)
    sigma = Fraction(BLUR_SIGMA * small.width, 135)
    part = crop_size(size, sar, canvas)
    cropped = "" if part == size else f"crop={part}:(iw-ow)/2:(ih-oh)/2,"
    blurred = f"{cropped}{scale_filters(video, part, small)},setsar=1,gblur=sigma={float(sigma):.2f},{BLUR_DIM}"
    fitted = fit_size(size, sar, canvas)
    left, top = (canvas.width - fitted.width) // 2, (canvas.height - fitted.height) // 2
    front = f"{scale_filters(video, size, fitted)},setsar=1"
    return _laid_over(blurred, front, canvas, (left, top), (input_label, output_label))


def edge_background_graph(
    video: VideoTrack,
    canvas: Size,
    *,
    input_label: str,
    output_label: str,
    size: Size | None = None,
    has_caption_band: bool = False,
) -> str:
    """The graph that lays the picture of one label on the colours of its own edges, which go on to the canvas's edges.

    They are blurred so far that no shape is left. `size` is the input's size in source pixels when it is not the whole
    picture. With `has_caption_band` the picture lies where `fit_top` says, otherwise in the middle.
    """
    whole, sar = upright_size(video)
    size = size or whole
    fitted = fit_size(size, sar, canvas)
    middle = (canvas.height - fitted.height) // 2
    left = (canvas.width - fitted.width) // 2
    top = fit_top(canvas, fitted.height) if has_caption_band else middle
    small = _reduced(canvas, EDGE_DOWNSCALE)
    inner = Size(
        round_to_even(Fraction(fitted.width, EDGE_DOWNSCALE), maximum=small.width),
        round_to_even(Fraction(fitted.height, EDGE_DOWNSCALE), maximum=small.height),
    )
    at_left = min(round(left / EDGE_DOWNSCALE), small.width - inner.width)
    at_top = min(round(top / EDGE_DOWNSCALE), small.height - inner.height)
    borders = (
        f"left={at_left}:right={small.width - inner.width - at_left}:"
        f"top={at_top}:bottom={small.height - inner.height - at_top}"
    )
    # Along the bands they are blurred most. With 8 bits so soft a blur would have visible steps.
    along, across = EDGE_SIGMAS if fitted.width == canvas.width else EDGE_SIGMAS[::-1]
    # Scaled down so far, grey is off by four levels without exact rounding.
    edges = (
        f"{scale_filters(video, size, inner, flags='bicubic+accurate_rnd')},setsar=1,format=yuv444p16,{EDGE_DIM},"
        f"pad={small}:{at_left}:{at_top},fillborders={borders}:mode=smear,"
        f"gblur=sigma={along}:sigmaV={across}:steps=3"
    )
    front = f"{scale_filters(video, size, fitted)},setsar=1"
    return _laid_over(edges, front, canvas, (left, top), (input_label, output_label))


def _reduced(size: Size, times: int) -> Size:
    """An even size so many times smaller."""
    return Size(
        round_to_even(Fraction(size.width, times), maximum=size.width),
        round_to_even(Fraction(size.height, times), maximum=size.height),
    )


def _laid_over(
    back: str, front: str, canvas: Size, at: tuple[int, int], labels: tuple[str, str]
) -> str:
    """The graph from one label to another that lays a version of a picture over a small one, which fills the canvas."""
    input_label, output_label = labels
    below, above = f"{output_label}back", f"{output_label}front"
    enlarged = f"scale={canvas}:flags=bicubic,format=yuv420p,setsar=1"
    return (
        f"[{input_label}]split=2[{below}0][{above}0];[{below}0]{back},{enlarged}[{below}];"
        f"[{above}0]{front}[{above}];"
        f"[{below}][{above}]overlay={at[0]}:{at[1]}:format=yuv420,format=yuv420p[{output_label}]"
    )


def source_filters(video: VideoTrack) -> str:
    """The first filters of every chain: a constant size, transparency laid on black."""
    size, _ = upright_size(video)
    steps = [f"scale={size}"]  # does nothing to a picture of this size
    if video.has_alpha:
        steps.append("format=gbrap,premultiply=inplace=1,format=gbrp")
    return ",".join(steps)


def _crop_filters(video: VideoTrack, part: Size, target: Size) -> str:
    if part == upright_size(video)[0]:
        return scale_filters(video, part, target)
    return f"crop={part}:(iw-ow)/2:(ih-oh)/2,{scale_filters(video, part, target)}"


def scale_filters(video: VideoTrack, source: Size, target: Size, *, flags: str = "bicubic") -> str:
    """The filters that scale a picture of about the source size to the target and convert it to BT.709.

    `flags` are swscale's; zscale, which scales a wide gamut, is always exact.
    """
    if video.hdr or video.color_primaries == "bt2020":
        return _wide_gamut_filters(video, source, target)
    if video.has_alpha:  # already RGB
        return f"scale={target}:flags={flags}:out_color_matrix=bt709:out_range=tv,format=yuv420p"
    in_range = "pc" if video.color_range == "pc" else "tv"
    colours = f"in_color_matrix={color_matrix(video)}:out_color_matrix=bt709"
    return f"scale={target}:flags={flags}:{colours}:in_range={in_range}:out_range=tv,format=yuv420p"


def _wide_gamut_filters(video: VideoTrack, source: Size, target: Size) -> str:
    """The filters that scale, and map a wide gamut or high dynamic range to BT.709.

    White is at 203 cd/m2 (BT.2408). Tone mapping is linear up to 60 cd/m2; white becomes 84 %, 1000 cd/m2 98 %.
    HLG's gamma applies to luminance (BT.2100): applied per channel it makes colours too strong.
    Linearising and tone mapping are expensive, so they run at the smaller of the two sizes.
    """
    transfer = HDR_TRANSFERS.get(video.hdr, "bt709")
    matrix = video.color_space if video.color_space in SWSCALE_MATRICES else "bt2020nc"
    primaries = video.color_primaries if video.color_primaries in KNOWN_PRIMARIES else "bt2020"
    tags = f"colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}"
    in_range = "pc" if video.color_range == "pc" else "tv"
    # zscale refuses a picture with a missing tag or an odd size.
    first = f"setparams={tags}:range={in_range},crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"
    size = f"w={target.width}:h={target.height}"
    if not video.hdr:
        return f"{first},zscale={size}:m=709:p=709:t=709:r=limited,format=yuv420p"
    exact = ":agamma=0" if video.hdr == "hlg" else ""
    linear = f"t=linear:npl={HDR_WHITE_NITS}{exact},format=gbrpf32le,zscale=p=709"
    mapped = "tonemap=tonemap=mobius:desat=0,zscale=t=709:m=709:p=709:r=limited,format=yuv420p"
    if source.width * source.height < target.width * target.height:
        colours = "in_color_matrix=bt709:out_color_matrix=bt709:in_range=tv:out_range=tv"
        enlarged = f"scale={target}:flags=bicubic:{colours},format=yuv420p"
        return f"{first},zscale={linear},{mapped},{enlarged}"
    return f"{first},zscale={size}:{linear},{mapped}"
