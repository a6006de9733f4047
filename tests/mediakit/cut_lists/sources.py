"""Fourteen kinds of source, and 200 cuts of each."""

from fractions import Fraction

from mediakit.cut_lists.cut import CutSource, NamedCut, cut_source
from mediakit.media_info import AudioTrack, MediaInfo, VideoTrack

HOUR_MS = 3_600_000
NAME = "A talk & more (50 %).mp4"


def _info(
    rate: Fraction | int,
    *,
    channels: int = 2,
    size: tuple[int, int] = (1920, 1080),
    is_vfr: bool = False,
    timecode: str = "",
) -> MediaInfo:
    width, height = size
    video = VideoTrack(
        index=0,
        codec="h264",
        width=width,
        height=height,
        sar=Fraction(1),
        rotation=0,
        display_width=width,
        display_height=height,
        frame_rate=Fraction(rate),
        is_vfr=is_vfr,
        pix_fmt="yuv420p",
        bit_depth=8,
    )
    audio = (AudioTrack(1, "aac", channels, 48_000, is_default=True),) if channels else ()
    return MediaInfo("mov", HOUR_MS, 10**9, video, audio, timecode=timecode)


KINDS = {
    "23.976": _info(Fraction(24000, 1001)),
    "25": _info(25),
    "29.97 drop": _info(Fraction(30000, 1001), timecode="10:00:00;00"),
    "29.97 non-drop": _info(Fraction(30000, 1001), timecode="10:00:00:00"),
    "30": _info(30),
    "50": _info(50),
    "59.94 drop": _info(Fraction(60000, 1001), timecode="23:50:00;00"),  # past midnight
    "47.952": _info(Fraction(48000, 1001)),
    "119.88 drop": _info(Fraction(120000, 1001), timecode="10:00:00;00"),
    "variable": _info(Fraction("28.7"), is_vfr=True),
    "mono": _info(25, channels=1),
    "5.1": _info(24, channels=6),
    "rotated": _info(30, size=(1080, 1920)),
    "no sound, embedded time code": _info(25, channels=0, timecode="01:02:03:04"),
}


def source_of(kind: str) -> CutSource:
    """The source of that kind."""
    return cut_source(KINDS[kind], NAME)


def two_hundred_cuts(source: CutSource) -> list[NamedCut]:
    """200 cuts of one range each that begin on a frame; each times in ms as the product keeps them."""
    cuts = []
    for number in range(200):
        first = number * 400 + number * number % 97
        end = first + 20 + number * 7 % 300
        times = [round(source.timebase.seconds(frame) * 1000) for frame in (first, end)]
        cuts.append(NamedCut(f"Cut {number} <b> “하나”", ((times[0], times[1]),)))
    return cuts


def frames_of_cuts() -> list[tuple[int, int]]:
    """(first frame of the source, length) of each of `two_hundred_cuts`."""
    return [(number * 400 + number * number % 97, 20 + number * 7 % 300) for number in range(200)]
