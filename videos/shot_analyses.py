"""What was seen in ranges of a video: looked up by pages, made by background work, kept with the video."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mediakit.framing.crop_plan import Analysis, Layout, Plan
from mediakit.media_info import MediaInfo, Source
from videos.models import Cue, ShotAnalysis, Video

logger = logging.getLogger(__name__)

# Grows whenever what is seen changes its meaning: older rows are then looked past.
VERSION = 3
# Ranges are often moved a little after the first look.
MARGIN_MS = 1_500
LONGEST_MS = 186_000
MOST_KEPT = 60
# Beside a plan: those for two people apart laid out otherwise, and for every shot laid out otherwise.
OTHERS = "others"
WHOLLY: Mapping[Layout, str] = {"crop": "all_crop", "stack": "all_stack"}
OTHER_PAIRS: tuple[Layout, ...] = ("stack", "crop")


def known(video: Video, start_ms: int, end_ms: int) -> ShotAnalysis | None:
    """The newest analysis that covers a range of a video, as good as can be made now; None without one."""
    rows = ShotAnalysis.objects.filter(
        video=video, version=VERSION, start_ms__lte=start_ms, end_ms__gte=end_ms
    )
    if has_model():
        rows = rows.filter(detector="yunet")
    return rows.order_by("-created_at", "-pk").first()


def has_model() -> bool:
    """Whether the face model's file is there and the right one."""
    try:
        changed = Path(settings.FACE_MODEL).stat().st_mtime_ns if settings.FACE_MODEL else 0
    except OSError:
        return False
    return bool(changed) and _is_right(settings.FACE_MODEL, changed, settings.FACE_MODEL_SHA256)


@lru_cache(maxsize=4)
def _is_right(path: str, _changed_ns: int, sha256: str) -> bool:
    """Whether a file has that SHA-256; read once for each time it was changed."""
    try:
        data = Path(path).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == sha256.lower()


def nobody() -> Layout:
    """What is shown of a shot without anybody, as the settings say."""
    return "crop" if settings.FRAMING_NOBODY == "crop" else "fit"


def speech_in(video: Video, start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """When words are said in a range."""
    cues = Cue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    return [(row[0], row[1]) for row in cues.order_by("index").values_list("start_ms", "end_ms")]


def look(
    video: Video,
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    work_dir: Path,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> Analysis:
    """The analysis of a range: the kept one, else made now and kept. For background work only.

    Raises what `mediakit.framing.shot_analysis` raises.
    """
    row = known(video, start_ms, end_ms)
    if row is not None:
        return Analysis.from_json(row.data)
    low, high = _widened(start_ms, end_ms, info.duration_ms)
    said = speech_in(video, low, high)
    analysis, plan = look_at(
        source,
        info,
        start_ms=low,
        end_ms=high,
        speech_ms=said,
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    _keep(video, analysis, plan, _others(analysis, plan, info, said))
    return analysis


def others_of(row: ShotAnalysis) -> dict[str, Plan]:
    """The plans for the other ways to lay out two people apart, by layout, and those of `WHOLLY`, by their names.

    What would change nothing is left out.
    """
    return {pair: Plan.from_json(data) for pair, data in row.plan.get(OTHERS, {}).items()}


def _others(
    analysis: Analysis, plan: Plan, info: MediaInfo, speech_ms: Sequence[tuple[int, int]]
) -> dict[str, Plan]:
    """Plans for what a person may choose instead, so that a page can show it without planning."""
    from mediakit.framing.camera_path import laid_out, make_plan  # noqa: PLC0415

    found: dict[str, Plan] = {}
    for layout, name in WHOLLY.items():
        other = laid_out(
            plan, layout, analysis, info, start_ms=analysis.start_ms, speech_ms=speech_ms
        )
        if other != plan and any(shot.layout == layout for shot in other.shots):
            found[name] = other
    if any(shot.layout == "fit" and shot.people > 1 for shot in plan.shots):
        for pair in OTHER_PAIRS:
            found[pair] = make_plan(
                analysis,
                info,
                start_ms=analysis.start_ms,
                end_ms=analysis.end_ms,
                speech_ms=speech_ms,
                pair=pair,
                nobody=nobody(),
            )
    return found


def look_at(
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    speech_ms: Sequence[tuple[int, int]],
    work_dir: Path,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> tuple[Analysis, Plan]:
    """Look at a range of any file as the settings say, and plan it; nothing is kept. For background work only."""
    from mediakit.framing.camera_path import make_plan  # noqa: PLC0415
    from mediakit.framing.face_detection import make_detector  # noqa: PLC0415 - OpenCV, which the web never needs
    from mediakit.framing.shot_analysis import watch  # noqa: PLC0415

    model = Path(settings.FACE_MODEL) if settings.FACE_MODEL else None
    analysis = watch(
        source,
        info,
        start_ms=start_ms,
        end_ms=end_ms,
        detector=make_detector(model, settings.FACE_MODEL_SHA256),
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    plan = make_plan(
        analysis,
        info,
        start_ms=start_ms,
        end_ms=end_ms,
        speech_ms=speech_ms,
        nobody=nobody(),
    )
    return analysis, plan


def _widened(start_ms: int, end_ms: int, duration_ms: int) -> tuple[int, int]:
    spare = min(MARGIN_MS, max(0, LONGEST_MS - (end_ms - start_ms)) // 2)
    return max(0, start_ms - spare), min(duration_ms, end_ms + spare)


def _keep(video: Video, analysis: Analysis, plan: Plan, others: dict[str, Plan]) -> None:
    """Write the row, and forget the oldest ones of a video that has many."""
    ShotAnalysis.objects.create(
        video=video,
        start_ms=analysis.start_ms,
        end_ms=analysis.end_ms,
        version=VERSION,
        detector=analysis.detector,
        data=analysis.to_json(),
        plan={
            **plan.to_json(),
            OTHERS: {pair: other.to_json() for pair, other in others.items()},
        },
    )
    rows = ShotAnalysis.objects.filter(video=video).order_by("-created_at", "-pk")
    ShotAnalysis.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[MOST_KEPT:])).delete()
