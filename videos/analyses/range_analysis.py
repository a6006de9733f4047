"""Analyses a range of any file, without the database."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from mediakit.framing.crop_plan import Layout, RangeAnalysis
from mediakit.media_info import MediaInfo, Source


def empty_shot_layout() -> Layout:
    """The layout of a shot without people, from the settings."""
    return "crop" if settings.FRAMING_NOBODY == "crop" else "fit"


def analyze_range(
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    face_model: Path | None,
    text_model: Path | None,
    object_model: Path | None,
    work_dir: Path,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> RangeAnalysis:
    """Analyse a range of any file; nothing is stored. Only for workers.

    `face_model` is the verified model to detect faces with; None for the cascades. `text_model` is that to find text
    with; without one no text is found. `object_model` is that for what stands out; without one, motion and colour say.
    """
    from mediakit.framing.analysis.face_detection import make_detector  # noqa: PLC0415 - OpenCV, which the web never needs
    from mediakit.framing.analysis.object_finder import make_object_finder  # noqa: PLC0415
    from mediakit.framing.analysis.shot_analysis import analyze_shots  # noqa: PLC0415
    from mediakit.framing.analysis.text_finder import make_text_finder  # noqa: PLC0415

    return analyze_shots(
        source,
        info,
        start_ms=start_ms,
        end_ms=end_ms,
        detector=make_detector(face_model, settings.FACE_MODEL_SHA256),
        find_text=make_text_finder(text_model),
        find_object=make_object_finder(object_model),
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
