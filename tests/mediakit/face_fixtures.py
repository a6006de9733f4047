"""What was seen in a film that nobody filmed, and what is planned of it."""

from fractions import Fraction

from mediakit.framing.crop_plan import (
    CropPlan,
    Face,
    FaceSample,
    RangeAnalysis,
    Rect,
    path_position,
)
from mediakit.framing.shot_planning import make_crop_plan
from mediakit.media_info import MediaInfo, VideoTrack

WHOLE = Rect(0, 0, 1, 1)
WINDOW = 608 / 1920


def info_of(width: int = 1920, height: int = 1080, seconds: int = 60) -> MediaInfo:
    """A plain video of that size, 25 pictures a second."""
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


def face(x: float, *, size: float = 0.12, motion: float = 0.0) -> Face:
    """A face whose middle is there."""
    return Face(Rect(x - size / 2, 0.3, size, size * 16 / 9), 0.9, motion)


def seen(
    *ways, seconds: float, cuts_s: tuple[float, ...] = (), area: Rect = WHOLE
) -> RangeAnalysis:
    """An analysis in which each way (a function of s, None where nobody is) is a face."""
    samples = []
    for i in range(int(seconds * 5)):
        places = [way(i / 5) for way in ways]
        faces = tuple(f if isinstance(f, Face) else face(f) for f in places if f is not None)
        samples.append(FaceSample(i * 200, faces))
    cuts_us = tuple(int(cut * 1_000_000) for cut in cuts_s)
    return RangeAnalysis(0, int(seconds * 1000), "yunet", area, cuts_us, tuple(samples))


def plan_of(analysis: RangeAnalysis, info: MediaInfo | None = None, **more) -> CropPlan:
    """The plan of all of it."""
    return make_crop_plan(
        analysis, info or info_of(), start_ms=analysis.start_ms, end_ms=analysis.end_ms, **more
    )


def middle(plan: CropPlan, time_s: float) -> float:
    """Where the window's middle is."""
    return path_position(plan.shot_at(int(time_s * 1000)).path, time_s * 1000)[0]
