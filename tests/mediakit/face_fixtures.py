"""Made-up analyses of videos with moving faces, and crop plans of them."""

from fractions import Fraction

from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.framing.window_path import path_position
from mediakit.media_info import MediaInfo, VideoTrack

WHOLE_PICTURE = Rect(0, 0, 1, 1)
WINDOW_WIDTH = 608 / 1920


def make_info(width: int = 1920, height: int = 1080, seconds: int = 60) -> MediaInfo:
    """The media info of a plain video of that size at 25 fps."""
    video = VideoTrack(
        index=0,
        codec="h264",
        width=width,
        height=height,
        sar=Fraction(1),
        rotation=0,
        display_width=width,
        display_height=height,
        frame_rate=Fraction(25),
        is_vfr=False,
        pix_fmt="yuv420p",
        bit_depth=8,
        end_ms=seconds * 1000,
    )
    return MediaInfo("mov", seconds * 1000, 10**6, video)


def make_face(x: float, *, size: float = 0.12, motion: float = 0.0) -> Face:
    """A face centred at `x`."""
    return Face(Rect(x - size / 2, 0.3, size, size * 16 / 9), 0.9, motion)


def make_analysis(
    *positions, seconds: float, cuts_s: tuple[float, ...] = (), area: Rect = WHOLE_PICTURE
) -> RangeAnalysis:
    """An analysis with a face for each of `positions`: functions from s to x or Face, None for absent."""
    samples = []
    for i in range(int(seconds * 5)):
        values = [position(i / 5) for position in positions]
        faces = tuple(f if isinstance(f, Face) else make_face(f) for f in values if f is not None)
        samples.append(FaceSample(i * 200, faces))
    cuts_us = tuple(int(cut * 1_000_000) for cut in cuts_s)
    return RangeAnalysis(0, int(seconds * 1000), "yunet", area, cuts_us, tuple(samples))


def plan_of(analysis: RangeAnalysis, info: MediaInfo | None = None, **more) -> CropPlan:
    """The crop plan of the whole analysis."""
    return make_crop_plan(
        analysis, info or make_info(), start_ms=analysis.start_ms, end_ms=analysis.end_ms, **more
    )


def window_centre(plan: CropPlan, time_s: float) -> float:
    """The x of the window's centre at a time."""
    return path_position(plan.shot_at(int(time_s * 1000)).path, time_s * 1000)[0]
