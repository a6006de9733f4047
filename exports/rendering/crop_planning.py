"""The plan by which one Short follows people: made in the background, kept on the export's own row."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core.errors import HeimdexError
from exports.choices import ExportStage, Strategy
from exports.framing_options import Framing
from exports.models import Export
from jobs.lease import Claim
from jobs.work_folders import work_folder
from mediakit.captions import face_regions
from mediakit.errors import MediaError, StoppedError, ToolTimeoutError
from mediakit.framing.crop_plan import Analysis, Plan
from mediakit.media_info import MediaInfo, Source
from storage.source_reader import open_source
from videos import shot_analyses
from videos.models import Video

logger = logging.getLogger(__name__)

# Three minutes of 4K on a busy machine take long; nobody waits for it, and it makes room for exports.
LOOK_TIMEOUT_S = 300


class Attempt(Protocol):
    """What is used of `exports.rendering.pipeline.Attempt`."""

    @property
    def left_s(self) -> float:
        """Seconds until the time is up."""

    def progress(self, stage: str, fraction: float) -> None:
        """Say how far a stage is."""

    def should_stop(self) -> bool:
        """Whether the work must end now."""

    def check(self) -> None:
        """Raise when told to stop, or when the time is up."""


def plan_of(export: Export) -> Plan | None:
    """The plan that the export keeps; None when there is none that can be read."""
    try:
        return Plan.from_json(export.plan) if export.plan else None
    except (KeyError, TypeError, ValueError):
        return None


def plan_for(
    claim: Claim[Export], source: Source, info: MediaInfo, *, folder: Path, attempt: Attempt
) -> Plan | None:
    """How to frame an export: as its row says already, else made now and written there.

    None for a strategy that follows nobody, and where nothing can be found out about the pictures: then the Short
    shows their middle. Raises `StoppedError` and `ToolTimeoutError`.
    """
    export = claim.row
    if export.aspect_ratio_strategy != Strategy.SMART_CROP:
        return None
    kept = plan_of(export)
    if kept is not None:
        return kept
    try:
        plan = _make(export, source, info, folder=folder, attempt=attempt)
    except (StoppedError, ToolTimeoutError):
        attempt.check()
        raise
    except MediaError:
        logger.warning(
            "nothing could be seen in the range; the Short shows the middle", exc_info=True
        )
        return None
    mine = Export.objects.filter(pk=export.pk, claim_token=claim.token)
    mine.update(plan=plan.to_json())
    return plan


def subject_share(export: Export, info: MediaInfo, plan: Plan | None) -> float | None:
    """In what share of the looks the Short shows the middle of the largest face; None where nobody knows."""
    if plan is None or export.video is None:
        return None
    row = shot_analyses.known(export.video, export.start_ms, export.end_ms)
    if row is None:
        return None
    analysis = Analysis.from_json(row.data)
    span = {"start_ms": export.start_ms, "end_ms": export.end_ms}
    return face_regions.visible_face_share(analysis, info.video, plan, **span)


def _make(
    export: Export, source: Source, info: MediaInfo, *, folder: Path, attempt: Attempt
) -> Plan:
    assert export.video is not None  # noqa: S101 -- the caller has its source
    analysis = shot_analyses.look(
        export.video,
        source,
        info,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        work_dir=folder,
        on_progress=lambda share: attempt.progress(ExportStage.LOOK, share),
        should_stop=attempt.should_stop,
        timeout_s=attempt.left_s,
    )
    from mediakit.framing.camera_path import make_plan  # noqa: PLC0415 - numpy, which the web never needs

    wish = Framing.from_json(export.framing)
    return make_plan(
        analysis,
        info,
        start_ms=export.start_ms,
        end_ms=export.end_ms,
        speech_ms=shot_analyses.speech_in(export.video, export.start_ms, export.end_ms),
        pair=wish.pair,
        nobody=shot_analyses.nobody(),
        overrides=wish.shots,
    )


def look_ahead(
    video: Video, start_ms: int, end_ms: int, *, should_stop: Callable[[], bool]
) -> None:
    """Look at a range before anybody asks for an export of it. Whatever goes wrong, the export finds out itself."""
    if shot_analyses.known(video, start_ms, end_ms) is not None:
        return
    try:
        with work_folder("look") as folder, open_source(video.source_key) as source:
            shot_analyses.look(
                video,
                source,
                MediaInfo.from_json(video.probe),
                start_ms=start_ms,
                end_ms=end_ms,
                work_dir=folder,
                should_stop=should_stop,
                timeout_s=LOOK_TIMEOUT_S,
            )
    except StoppedError:
        logger.info("the look ahead made room for an export")
    except (MediaError, HeimdexError, KeyError, TypeError, ValueError):
        logger.warning("a range could not be looked at ahead", exc_info=True)
