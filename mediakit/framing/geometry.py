"""How a picture of any shape is fitted into the upright canvas: pure numbers and filter chains.

Every chain takes decoded pictures, already turned upright by ffmpeg, and gives square pixels in
exactly the canvas size, 4:2:0, with BT.709 matrix and limited range.
"""

from dataclasses import dataclass
from fractions import Fraction

from mediakit.media_info import VideoTrack

CENTER_CROP = "center_crop"
LETTERBOX = "letterbox"
BLUR = "blur"
SMART_CROP = "smart_crop"
STRATEGIES = (CENTER_CROP, LETTERBOX, BLUR, SMART_CROP)
CANVAS = (1080, 1920)

# The blurred background is made this many times smaller than the canvas and scaled up again.
BLUR_SHRINK = 8
BLUR_SIGMA = 5
# A seventh less contrast, with black left where it is: what is dark is not to become black bars.
BLUR_DIM = "eq=contrast=0.86:brightness=-0.045:saturation=0.9"
SD_HEIGHT = 576
MATRICES = {
    "bt709": "bt709",
    "bt470bg": "bt601",
    "smpte170m": "bt601",
    "fcc": "fcc",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
PRIMARIES = ("bt709", "bt470bg", "smpte170m", "bt2020", "smpte431", "smpte432")
HDR_TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}
TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# What every chain ends with.
TAIL = f"setsar=1,{TAGS},sidedata=mode=delete"
# What is white in a high dynamic range (BT.2408: HLG at 75 %, PQ at 58 %): 1.0 in linear light.
HDR_WHITE_NITS = 203


@dataclass(frozen=True, slots=True)
class Size:
    """Whole pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"


def upright(video: VideoTrack) -> tuple[Size, Fraction]:
    """The decoded size and the sample aspect ratio once the picture is turned upright."""
    if video.rotation in (90, 270):
        return Size(video.height, video.width), 1 / video.sar
    return Size(video.width, video.height), video.sar


def even(value: Fraction | int, *, at_most: int) -> int:
    """The nearest even whole number from 2 to the (even) ceiling."""
    return max(2, min(at_most, round(value / 2) * 2))


def crop_to(size: Size, sar: Fraction, canvas: Size) -> Size:
    """The largest part of the picture, in its own pixels, that has the canvas's shape."""
    shape = Fraction(canvas.width, canvas.height) / sar  # wanted width per height, in samples
    if Fraction(size.width, size.height) > shape:
        return Size(max(1, round(size.height * shape)), size.height)
    return Size(size.width, max(1, min(size.height, round(size.width / shape))))


def fit_into(size: Size, sar: Fraction, canvas: Size) -> Size:
    """The even size at which the whole picture, in square pixels, just fits the canvas."""
    width = Fraction(size.width) * sar
    scale = min(canvas.width / width, Fraction(canvas.height, size.height))
    return Size(
        even(width * scale, at_most=canvas.width),
        even(size.height * scale, at_most=canvas.height),
    )


def matrix_of(video: VideoTrack) -> str:
    """The matrix the picture was made with, in swscale's words; guessed by size when untagged."""
    known = MATRICES.get(video.color_space)
    if known is not None:
        return known
    return "bt601" if min(video.width, video.height) <= SD_HEIGHT else "bt709"


def framing(video: VideoTrack, strategy: str, canvas: Size) -> str:
    """The filter graph that fits the picture into the canvas, from `[in]` to `[out]`.

    "smart_crop" here is what is left of it without a plan (`mediakit.framing.crop_filters` has the other): the middle.
    """
    size, sar = upright(video)
    head = f"[in]{source_chain(video)}"
    tail = f"{TAIL}[out]"
    if strategy in {CENTER_CROP, SMART_CROP}:
        return f"{head},{_cropped(video, crop_to(size, sar, canvas), canvas)},{tail}"
    fitted = fit_into(size, sar, canvas)
    if strategy == LETTERBOX:
        padded = f"pad={canvas}:(ow-iw)/2:(oh-ih)/2:color=black"
        return f"{head},{scaled(video, size, fitted)},{padded},{tail}"
    if strategy == BLUR:
        return (
            f"{head}[whole];{on_blur(video, canvas, given='whole', made='framed')};[framed]{tail}"
        )
    raise ValueError(f"unknown strategy {strategy!r}")


def on_blur(
    video: VideoTrack, canvas: Size, *, given: str, made: str, size: Size | None = None
) -> str:
    """The graph that lays `[given]` on a blurred copy of itself, as `[made]`.

    `size` is that of the given picture, in its own pixels, when it is not the whole one.
    """
    whole, sar = upright(video)
    size = size or whole
    small = Size(
        even(Fraction(canvas.width, BLUR_SHRINK), at_most=canvas.width),
        even(Fraction(canvas.height, BLUR_SHRINK), at_most=canvas.height),
    )
    sigma = Fraction(BLUR_SIGMA * small.width, 135)
    part = crop_to(size, sar, canvas)
    cropped = "" if part == size else f"crop={part}:(iw-ow)/2:(ih-oh)/2,"
    back = (
        f"[{made}b]{cropped}{scaled(video, part, small)},setsar=1,"
        f"gblur=sigma={float(sigma):.2f},{BLUR_DIM},scale={canvas}:flags=bicubic,setsar=1[{made}back]"
    )
    front = f"[{made}f]{scaled(video, size, fit_into(size, sar, canvas))},setsar=1[{made}front]"
    over = f"[{made}back][{made}front]overlay=(W-w)/2:(H-h)/2:format=yuv420,format=yuv420p[{made}]"
    return f"[{given}]split=2[{made}b][{made}f];{back};{front};{over}"


def source_chain(video: VideoTrack) -> str:
    """What every picture needs first: a steady size, nothing see-through."""
    size, _ = upright(video)
    steps = [f"scale={size}"]  # passes the usual picture through untouched
    if video.has_alpha:
        steps.append("format=gbrap,premultiply=inplace=1,format=gbrp")
    return ",".join(steps)


def _cropped(video: VideoTrack, part: Size, target: Size) -> str:
    if part == upright(video)[0]:
        return scaled(video, part, target)
    return f"crop={part}:(iw-ow)/2:(ih-oh)/2,{scaled(video, part, target)}"


def scaled(video: VideoTrack, given: Size, target: Size) -> str:
    """Scale a picture of about the given size to the target and bring the colours to BT.709."""
    if video.hdr or video.color_primaries == "bt2020":
        return _wide_to_709(video, given, target)
    if video.has_alpha:  # already RGB
        return f"scale={target}:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv420p"
    in_range = "pc" if video.color_range == "pc" else "tv"
    colours = f"in_color_matrix={matrix_of(video)}:out_color_matrix=bt709"
    return f"scale={target}:flags=bicubic:{colours}:in_range={in_range}:out_range=tv,format=yuv420p"


def _wide_to_709(video: VideoTrack, given: Size, target: Size) -> str:
    """Scale, and map a wide gamut or high dynamic range into BT.709.

    Up to 60 cd/m2 light stays as it is with white at 203 (BT.2408), above it is bent: white comes out at 84 %,
    1000 cd/m2 at 98 %. HLG's own gamma is BT.2100's, of luminance: per channel it makes colours too strong.
    That and the bending are what costs, so they are done at the smaller of the two sizes.
    """
    transfer = HDR_TRANSFERS.get(video.hdr, "bt709")
    matrix = video.color_space if video.color_space in MATRICES else "bt2020nc"
    primaries = video.color_primaries if video.color_primaries in PRIMARIES else "bt2020"
    tags = f"colorspace={matrix}:color_primaries={primaries}:color_trc={transfer}"
    in_range = "pc" if video.color_range == "pc" else "tv"
    # zscale refuses a picture of which a tag is missing, or of an odd size.
    first = f"setparams={tags}:range={in_range},crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"
    size = f"w={target.width}:h={target.height}"
    if not video.hdr:
        return f"{first},zscale={size}:m=709:p=709:t=709:r=limited,format=yuv420p"
    exact = ":agamma=0" if video.hdr == "hlg" else ""
    linear = f"t=linear:npl={HDR_WHITE_NITS}{exact},format=gbrpf32le,zscale=p=709"
    mapped = "tonemap=tonemap=mobius:desat=0,zscale=t=709:m=709:p=709:r=limited,format=yuv420p"
    if given.width * given.height < target.width * target.height:
        colours = "in_color_matrix=bt709:out_color_matrix=bt709:in_range=tv:out_range=tv"
        enlarged = f"scale={target}:flags=bicubic:{colours},format=yuv420p"
        return f"{first},zscale={linear},{mapped},{enlarged}"
    return f"{first},zscale={size}:{linear},{mapped}"
