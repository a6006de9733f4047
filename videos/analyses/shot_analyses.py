"""Shot analyses of ranges of a video: made by workers, stored with the video, read by pages."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db.models import Case, When

from mediakit.cutting.cut_time import CutTime
from mediakit.errors import StoppedError
from mediakit.framing.crop_plan import CropPlan, Layout, PairLayout
from mediakit.framing.cut_plan import analysis_in_cut, group_spans_ms
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT
from mediakit.framing.people.speech import Speech
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo, Source
from mediakit.model_store.catalog import BODY, FACE, OBJECT, TEXT
from videos import model_files
from videos.analyses.range_analysis import (
    FramingModels,
    analyze_range,
    empty_shot_layout,
    with_margin,
)
from videos.analyses.speech_levels import speech_index
from videos.models import Cue, ShotAnalysis, Video

logger = logging.getLogger(__name__)

# Increased whenever the meaning of the stored data changes; rows of older versions are ignored.
VERSION = 8
MAX_ROWS = 60
LOCK_POLL_S = 0.5
_range_locks = tuple(threading.Lock() for _ in range(64))
# The detector's name in rows that were made with the face model.
WITH_FACE_MODEL = "yunet"
# Alternative plans are stored beside the plan: other layouts of two people far apart, and one layout for all shots.
ALTERNATIVES_KEY = "others"
UNIFORM_LAYOUTS: Mapping[Layout, str] = {"crop": "all_crop", "stack": "all_stack"}
OTHER_PAIR_LAYOUTS: tuple[PairLayout, ...] = ("fit", "stack", "crop")


def find_analysis(video: Video, start_ms: int, end_ms: int) -> ShotAnalysis | None:
    """The best analysis that covers a range of a video: with the face model before one without, then with the
    models of text, of objects and of bodies before one without, then the newest.

    None without one. What was found is what the rows say; whether this machine has the models plays no part.
    """
    rows = ShotAnalysis.objects.filter(
        video=video, version=VERSION, start_ms__lte=start_ms, end_ms__gte=end_ms
    )
    with_model = Case(When(detector=WITH_FACE_MODEL, then=0), default=1)
    found = ("-finds_text", "-finds_objects", "-finds_bodies")
    return rows.order_by(with_model, *found, "-created_at", "-pk").first()


def analysis_of_cut(video: Video, cut: CutTime) -> RangeAnalysis | None:
    """The stored analyses of the kept ranges as one, in cut time; None unless each group of them has one."""
    rows = [find_analysis(video, *span) for span in group_spans_ms(cut, video.duration_ms)]
    found = [RangeAnalysis.from_json(row.data) for row in rows if row is not None]
    return analysis_in_cut(found, cut) if len(found) == len(rows) else None


def is_best_here(row: ShotAnalysis) -> bool:
    """Whether this machine could make no better analysis. Only for workers."""
    return (
        (row.detector == WITH_FACE_MODEL or model_files.face_model_path() is None)
        and (row.finds_text or model_files.text_model_path() is None)
        and (row.finds_objects or model_files.object_model_path() is None)
        and (row.finds_bodies or model_files.body_model_path() is None)
    )


def may_become_better(row: ShotAnalysis) -> bool:
    """Whether the analysis was made without a model that a machine has by now. For pages."""
    found = (
        (FACE, row.detector == WITH_FACE_MODEL),
        (TEXT, row.finds_text),
        (OBJECT, row.finds_objects),
        (BODY, row.finds_bodies),
    )
    return any(not is_found and model_files.some_machine_has(model) for model, is_found in found)


def speech_of(video: Video, start_ms: int, end_ms: int) -> Speech:
    """When a voice is heard in a range of a video, and the lines of its transcript that have a speaker's name.

    While the voice has not been measured, it is taken to be heard throughout every line.
    """
    cues = Cue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    lines = list(cues.order_by("index").values_list("start_ms", "end_ms", "speaker"))
    index = speech_index(video)
    voice = index.voice_spans_ms(start_ms, end_ms) if index.steps else [(s, e) for s, e, _ in lines]
    return Speech(tuple(voice), tuple(line for line in lines if line[2]))


def ensure_analysis(
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
) -> RangeAnalysis:
    """The stored analysis of a range, else a new one, which is stored. Only for workers.

    A machine with the models makes an analysis again that was made without one of them. Of several workers of this
    process that want the same one, the others wait for the first: exports of a range in several aspect ratios look at
    it once.

    Raises the errors of `mediakit.framing.analysis.shot_analysis`, and `StoppedError`.
    """
    with _range_lock(video, start_ms, end_ms, should_stop=should_stop):
        row = find_analysis(video, start_ms, end_ms)
        if row is not None and is_best_here(row):
            return RangeAnalysis.from_json(row.data)
        return _analyze(
            video,
            source,
            info,
            start_ms=start_ms,
            end_ms=end_ms,
            work_dir=work_dir,
            on_progress=on_progress,
            should_stop=should_stop,
            timeout_s=timeout_s,
        )


@contextlib.contextmanager
def _range_lock(
    video: Video, start_ms: int, end_ms: int, *, should_stop: Callable[[], bool] | None
) -> Iterator[None]:
    """Hold a range of a video in this process. Raises `StoppedError` when `should_stop` says so meanwhile."""
    lock = _range_locks[hash((video.pk, start_ms, end_ms)) % len(_range_locks)]
    while not lock.acquire(timeout=LOCK_POLL_S):
        if should_stop is not None and should_stop():
            raise StoppedError("stopped while another worker analysed the range")
    try:
        yield
    finally:
        lock.release()


def _analyze(
    video: Video,
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    work_dir: Path,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool] | None,
    timeout_s: float,
) -> RangeAnalysis:
    """Analyse a range with its margin, and store the analysis with its plans."""
    low, high = with_margin(start_ms, end_ms, info.duration_ms)
    speech = speech_of(video, low, high)
    models = FramingModels(
        model_files.face_model_path(),
        model_files.text_model_path(),
        model_files.object_model_path(),
        model_files.body_model_path(),
    )
    analysis = analyze_range(
        source,
        info,
        start_ms=low,
        end_ms=high,
        models=models,
        work_dir=work_dir,
        on_progress=on_progress,
        should_stop=should_stop,
        timeout_s=timeout_s,
    )
    plan = _make_plan(analysis, info, speech)
    others = _make_alternative_plans(analysis, plan, info, speech)
    _store(video, analysis, plan, others, models)
    return analysis


@dataclass(frozen=True, slots=True)
class Plans:
    """The crop plans of one shot analysis for one size of picture.

    `alternatives` are other layouts of two people far apart, by layout, and those of `UNIFORM_LAYOUTS`, by name. Plans
    that equal the main one are left out.
    """

    main: CropPlan
    alternatives: dict[str, CropPlan]


def plans_for(video: Video, row: ShotAnalysis, canvas: Size) -> Plans:
    """The crop plans of a shot analysis for a picture of the size `canvas`.

    Those of a Short are stored. For another size they are planned here, from the same analysis, and kept for a while.
    """
    if canvas == SHORT.size:
        stored = row.plan.get(ALTERNATIVES_KEY, {}).items()
        others = {name: CropPlan.from_json(data) for name, data in stored}
        return Plans(CropPlan.from_json(row.plan), others)
    return _plan_again(row.pk, canvas)


@lru_cache(maxsize=64)
def _plan_again(analysis_id: int, canvas: Size) -> Plans:
    """Plan a stored analysis, which never changes, for another size of picture."""
    row = ShotAnalysis.objects.select_related("video").get(pk=analysis_id)
    analysis, info = RangeAnalysis.from_json(row.data), MediaInfo.from_json(row.video.probe)
    speech = speech_of(row.video, row.start_ms, row.end_ms)
    plan = _make_plan(analysis, info, speech, canvas=canvas)
    return Plans(plan, _make_alternative_plans(analysis, plan, info, speech, canvas=canvas))


def _make_plan(
    analysis: RangeAnalysis, info: MediaInfo, speech: Speech, *, canvas: Size = SHORT.size
) -> CropPlan:
    from mediakit.framing.planning.shot_planning import make_crop_plan  # noqa: PLC0415 - numpy, which few pages need

    return make_crop_plan(
        analysis,
        info,
        start_ms=analysis.start_ms,
        end_ms=analysis.end_ms,
        speech=speech,
        empty_shot_layout=empty_shot_layout(),
        canvas=canvas,
    )


def _make_alternative_plans(
    analysis: RangeAnalysis,
    plan: CropPlan,
    info: MediaInfo,
    speech: Speech,
    *,
    canvas: Size = SHORT.size,
) -> dict[str, CropPlan]:
    """Plans for the user's other choices, so that a page can show them without planning."""
    from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout  # noqa: PLC0415

    found: dict[str, CropPlan] = {}
    for layout, name in UNIFORM_LAYOUTS.items():
        other = with_layout(
            plan,
            layout,
            analysis,
            info,
            start_ms=analysis.start_ms,
            speech=speech,
            canvas=canvas,
        )
        if other != plan and any(shot.layout == layout for shot in other.shots):
            found[name] = other
    if any(shot.reason in {"apart", "speaker"} for shot in plan.shots):
        for pair in OTHER_PAIR_LAYOUTS:
            found[pair] = make_crop_plan(
                analysis,
                info,
                start_ms=analysis.start_ms,
                end_ms=analysis.end_ms,
                speech=speech,
                pair_layout=pair,
                empty_shot_layout=empty_shot_layout(),
                canvas=canvas,
            )
    return found


def _store(
    video: Video,
    analysis: RangeAnalysis,
    plan: CropPlan,
    others: dict[str, CropPlan],
    models: FramingModels,
) -> None:
    """Insert the row, and delete the video's oldest rows above `MAX_ROWS`."""
    ShotAnalysis.objects.create(
        video=video,
        start_ms=analysis.start_ms,
        end_ms=analysis.end_ms,
        version=VERSION,
        detector=analysis.detector,
        finds_text=models.text is not None,
        finds_objects=models.object is not None,
        finds_bodies=models.body is not None,
        data=analysis.to_json(),
        plan={
            **plan.to_json(),
            ALTERNATIVES_KEY: {pair: other.to_json() for pair, other in others.items()},
        },
    )
    rows = ShotAnalysis.objects.filter(video=video).order_by("-created_at", "-pk")
    ShotAnalysis.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[MAX_ROWS:])).delete()
