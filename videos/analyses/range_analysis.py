"""Analyses a range of any file, without the database."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mediakit.framing.crop_plan import Layout
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo, Source

# What is beside a range is analysed as well: users often move its edges a little, and it tells how a shot goes on.
MARGIN_MS = 1_500
MAX_RANGE_MS = 186_000


@dataclass(frozen=True, slots=True)
class FramingModels:
    """The verified model files that a range is analysed with, each None without it.

    Without `face` the cascades find faces, without `text` no text is found, without `object` motion and colour say what
    stands out, and without `body` people are found by their faces only.
    """

    face: Path | None = None
    text: Path | None = None
    object: Path | None = None
    body: Path | None = None


def empty_shot_layout() -> Layout:
    """The layout of a shot without people, from the settings."""
    return "crop" if settings.FRAMING_NOBODY == "crop" else "fit"


def with_margin(start_ms: int, end_ms: int, duration_ms: int) -> tuple[int, int]:
    """(start, end) in ms of what is analysed for a range of a video."""
    spare = min(MARGIN_MS, max(0, MAX_RANGE_MS - (end_ms - start_ms)) // 2)
    return max(0, start_ms - spare), min(duration_ms, end_ms + spare)


def analyze_range(
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    models: FramingModels,
    work_dir: Path,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> RangeAnalysis:
    """Analyse a range of any file; nothing is stored. Only for workers."""
    from mediakit.framing.analysis.finders.body_finder import make_body_finder  # noqa: PLC0415
    from mediakit.framing.analysis.finders.face_detection import make_detector  # noqa: PLC0415 - OpenCV, which the web never needs
    from mediakit.framing.analysis.finders.object_finder import make_object_finder  # noqa: PLC0415
    from mediakit.framing.analysis.finders.text_finder import make_text_finder  # noqa: PLC0415
    from mediakit.framing.analysis.shot_analysis import analyze_shots  # noqa: PLC0415

    return analyze_shots(
        source,
        info,
        start_ms=start_ms,
        end_ms=end_ms,
        detector=make_detector(models.face, settings.FACE_MODEL_SHA256),
        find_text=make_text_finder(models.text),
        find_object=make_object_finder(models.object),
        find_bodies=make_body_finder(models.body),
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
