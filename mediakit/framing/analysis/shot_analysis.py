"""Shot analysis: the cuts, black bars and faces in a range of a video.

One ffmpeg run decodes the range and sends small pictures through a pipe, in which faces are detected.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from mediakit.errors import (
    FATAL_ERRORS,
    ToolError,
)
from mediakit.ffmpeg.source_args import format_seconds, input_args_at
from mediakit.framing.analysis.finders.body_finder import BodyFinder
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.finders.object_finder import ObjectFinder
from mediakit.framing.analysis.finders.text_finder import TextFinder
from mediakit.framing.analysis.people import face_sampler
from mediakit.framing.analysis.people.face_sampler import FaceSampler
from mediakit.framing.analysis.people.people_bodies import with_bodies
from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.analysis.shot_content import (
    LOOK_AREA_PX,
    LOOK_FILES,
    LOOKS_PER_S,
    find_contents,
    some_looks,
    timed_looks,
)
from mediakit.framing.analysis.shots.scene_changes import differing, find_scene_changes
from mediakit.framing.analysis.shots.shot_bars import without_false_bars
from mediakit.framing.analysis.subjects.object_regions import with_objects
from mediakit.framing.analysis.subjects.salient_region import (
    Evidence,
    find_regions,
    find_whirls,
    without_watermarks,
)
from mediakit.framing.analysis.text.watermarks import Watermarks
from mediakit.framing.geometry import (
    LETTERBOX,
    Size,
    constant_size_filters,
    fit_size,
    framing_graph,
    upright_size,
)
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.media_info import MediaInfo, Source, VideoTrack
from mediakit.sandbox import process

SAMPLE_AREA_PX = 100_000  # of such a picture: 420 x 236 for 16:9
SCORE_SIDE_PX = 320
# The lowest `scdet` score of a cut (percent of the picture that differs from the one before, less what
# differed between the two before), and the shortest time between two cuts. It is 0.20 in the scale of `select`.
CUT_SCORE = 20 / 2.56
MIN_CUT_DISTANCE_US = 400_000
MIN_WHIRL_DISTANCE_US = 1_000_000  # of a cut without a sharp edge from one with
# A cut in a dark or moving picture has a low score: near the middle of a whirl it is the picture that differs from the
# one before by so much more (percent) than both of its neighbours do, and so many times more than any other does.
FAINT_CUT_PEAK, FAINT_CUT_LEAD, FAINT_CUT_NEAR_US = 2.5, 2.0, 400_000
# So is a picture without such a change near it whose difference leads by so much, if so much of it is another picture.
LONE_LEAD, LONE_DIFFERENT = 4.0, 0.85
# Black bars are equally wide on both sides, within the tolerance, and between MIN_BAR and MAX_BAR wide.
# All are fractions of the picture's side.
BAR_TOLERANCE = 0.02
MIN_BAR, MAX_BAR = 0.02, 0.4
MAX_BAR_LUMA = 24  # of 255: the mean of a line that belongs to a bar
_SCORES, _BARS = "scores.txt", "bars.txt"


def analyze_shots(
    source: Source,
    info: MediaInfo,
    *,
    start_ms: int,
    end_ms: int,
    detector: Detector | None,
    work_dir: Path,
    find_text: TextFinder | None = None,
    find_object: ObjectFinder | None = None,
    find_bodies: BodyFinder | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
    timeout_s: float = 600,
) -> RangeAnalysis:
    """Detect cuts, black bars, faces and what else the shots show between `start_ms` and `end_ms` in one decode.

    Faces are detected in a few pictures a second, and their motion is measured in more (`face_sampler`); without a
    detector there are none, without `find_text` no lines of text, and without `find_object` the subjects of shots
    without faces are found by motion and colour only. Files are written to `work_dir`. `on_progress` gets a share from
    0 to 1. Undecodable pictures are skipped. Raises `ToolError` when no picture could be decoded, and each of
    FATAL_ERRORS, such as `ToolTimeoutError` when the time is up.
    """
    shape = sample_size(info)
    sampler = FaceSampler(
        shape,
        detector,
        start_ms,
        max(1, (end_ms - start_ms) * face_sampler.SAMPLES_PER_S // 1000),
        on_progress,
    )
    try:
        process.run(
            build_args(source, info, start_ms=start_ms, end_ms=end_ms),
            timeout_s=timeout_s,
            reads=[source],
            cwd=work_dir,
            on_bytes=sampler.feed,
            should_stop=should_stop,
        )
    except FATAL_ERRORS:
        raise
    except ToolError:
        if not sampler.samples:
            raise
    sampler.flush()
    area = _active_area(work_dir / _BARS, shape)
    cuts = _all_cuts(work_dir / _SCORES, sampler, start_ms, end_ms)
    lost = sampler.places.lost([bisect_right(cuts, s.time_ms * 1000) for s in sampler.samples])
    known = [replace(s, lost=each) for s, each in zip(sampler.samples, lost, strict=True)]
    edges_ms = [start_ms, *(cut // 1000 for cut in cuts), end_ms + 1]
    looks = timed_looks(work_dir, start_ms)
    area = without_false_bars(area, some_looks([file for _, file in looks]))
    watermarks = Watermarks(looks, edges_ms)
    evidence = [each and without_watermarks(each, watermarks) for each in sampler.evidence]
    samples = tuple(_with_regions(known, evidence, cuts, area))
    samples = with_objects(looks, edges_ms, samples, evidence, find_object, find_bodies=find_bodies)
    if find_bodies is not None:
        samples = with_bodies(looks, edges_ms, samples, find_bodies)
    return RangeAnalysis(
        start_ms=start_ms,
        end_ms=end_ms,
        detector=detector.name if detector else "",
        area=area,
        cuts_us=tuple(cuts),
        samples=samples,
        contents=find_contents(looks, edges_ms, samples, find_text, watermarks),
    )


def sample_size(info: MediaInfo) -> Size:
    """The size of the pictures in which faces are detected: upright, with square pixels."""
    return _size_of_area(info, SAMPLE_AREA_PX)


def _size_of_area(info: MediaInfo, area_px: int) -> Size:
    """An upright size with square pixels of at most that area, no larger than the picture."""
    size, sar = upright_size(info.video)
    wide, high = max(2, info.video.display_width), max(2, info.video.display_height)
    share = min(1.0, math.sqrt(area_px / (wide * high)))
    return fit_size(size, sar, Size(_even(wide * share), _even(high * share)))


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def build_args(source: Source, info: MediaInfo, *, start_ms: int, end_ms: int) -> list[str]:
    """The command line: scores of every picture go to a file, the pictures for faces to the pipe, looks to files."""
    video = info.video
    length = format_seconds(end_ms - start_ms)
    rate = face_sampler.SAMPLES_PER_S * face_sampler.MOTION_STEPS
    # To fit and turn a whole picture copies it, so it is done to those that are kept only. Scores need neither.
    all_steady, steady = "", f"{constant_size_filters(video)},"
    if video.is_interlaced:
        all_steady, steady = f"{steady}bwdif=mode=send_frame:deint=interlaced,", ""
    graph = (
        f"[0:{video.index}]{all_steady}trim=end={length},split=3[all][some][large];"
        f"[all]scale={_score_size(video)}:flags=fast_bilinear,format=yuv420p,settb=1/1000000,"
        f"scdet=threshold=100,metadata=print:file={_SCORES},nullsink;"
        f"[large]fps={LOOKS_PER_S}:start_time=0:round=up,trim=end={length},{steady}"
        f"scale={_size_of_area(info, LOOK_AREA_PX)}:flags=area,setsar=1,format=yuvj420p[looks];"
        f"[some]fps={rate}:start_time=0:round=up,trim=end={length},{steady}null[in];"
        f"{framing_graph(video, LETTERBOX, sample_size(info))};"
        f"[out]cropdetect=limit={MAX_BAR_LUMA}:round=2:reset=0,metadata=print:file={_BARS},"
        "format=yuv420p[look]"
    )
    return [
        *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-nostats", "-y"),
        # Without deblocking the picture is good enough for detection, and decoding is a fifth cheaper.
        *("-max_error_rate", "1", "-skip_loop_filter:v", "all"),
        *input_args_at(source, info, start_ms=start_ms, steady=True),
        # The pictures are small: to share one among threads costs more than it saves.
        *("-filter_complex_threads", "1"),
        *("-filter_complex", graph, "-map", "[look]", "-fps_mode", "passthrough"),
        *("-f", "rawvideo", "-"),
        *("-map", "[looks]", "-fps_mode", "passthrough", "-c:v", "mjpeg", "-q:v", "3"),
        *("-f", "image2", LOOK_FILES),
    ]


def _score_size(video: VideoTrack) -> Size:
    """The size of the pictures that get a score: upright if ffmpeg or a filter turned them, else as they lie."""
    size, sar = upright_size(video)
    if video.turn and not video.is_interlaced:
        size, sar = Size(video.width, video.height), video.sar
    return fit_size(size, sar, Size(SCORE_SIDE_PX, SCORE_SIDE_PX))


def _all_cuts(scores: Path, sampler: FaceSampler, start_ms: int, end_ms: int) -> list[int]:
    """The times (µs) of the cuts: clear ones, faint ones, and changes of scene without an edge."""
    cuts = find_cuts(_values(scores, "scd.score"), start_ms, end_ms)
    steps = [(start_ms * 1000 + at, step) for at, step in _values(scores, "scd.mafd")]
    times = [sample.time_ms * 1000 for sample in sampler.samples]
    whirls = [times[at] for at in find_whirls(sampler.evidence, sampler.whirls)]
    faint = [edge for at in whirls if (edge := edge_near(at, steps)) is not None]
    faint += [at for at in lone_edges(steps) if _is_other_picture(at, times, sampler.pictures)]
    cuts = sorted({*cuts, *(at for at in faint if _is_apart(at, cuts, MIN_WHIRL_DISTANCE_US))})
    edges = sorted({bisect_left(times, cut) for cut in cuts} - {0, len(times)})
    faces = [[face.box for face in sample.faces] for sample in sampler.samples]
    changes = find_scene_changes(sampler.pictures, sampler.changes, faces, edges)
    for change in changes:
        middle = round(float(np.interp(change, range(len(times)), times)))
        for at in (edge_near(middle, steps), middle):
            if at is not None and _is_apart(at, cuts, MIN_CUT_DISTANCE_US):
                cuts = sorted([*cuts, at])
                break
    return cuts


def _is_apart(at_us: int, cuts_us: Sequence[int], distance_us: int) -> bool:
    return all(abs(at_us - cut) >= distance_us for cut in cuts_us)


def lone_edges(steps: Sequence[tuple[int, float]]) -> list[int]:
    """The times of the pictures that differ from the one before LONE_LEAD times more than any other near them does.

    `steps` are those of `edge_near`.
    """
    peaks = [
        (at, step - max(before, after))
        for (_, before), (at, step), (_, after) in zip(steps, steps[1:], steps[2:], strict=False)
    ]
    return [
        at
        for at, peak in peaks
        if peak >= FAINT_CUT_PEAK
        and all(
            peak >= LONE_LEAD * other
            for other_at, other in peaks
            if 0 < abs(other_at - at) <= FAINT_CUT_NEAR_US
        )
    ]


def _is_other_picture(at_us: int, times_us: Sequence[int], pictures: Sequence[Pixels]) -> bool:
    """Whether nearly all of the sample at or after a time differs from the one before it, however the camera moves."""
    after = bisect_left(times_us, at_us)
    if not 0 < after < len(pictures):
        return False
    return differing(pictures[after - 1], pictures[after]) >= LONE_DIFFERENT


def edge_near(middle_us: int, steps: Sequence[tuple[int, float]]) -> int | None:
    """The time of the one picture near a time that differs from the one before much more than others do; None without.

    `steps` are (µs, percent of difference from the picture before) of every picture. Those of a dissolve and of a whip
    pan are alike, or rise and fall.
    """
    peaks = [
        (step - max(before, after), at)
        for (_, before), (at, step), (_, after) in zip(steps, steps[1:], steps[2:], strict=False)
        if abs(at - middle_us) <= FAINT_CUT_NEAR_US
    ]
    *others, (highest, edge) = sorted([(0.0, 0), (0.0, 0), *peaks])
    return edge if highest >= max(FAINT_CUT_PEAK, FAINT_CUT_LEAD * others[-1][0]) else None


def _with_regions(
    samples: Sequence[FaceSample],
    evidence: Sequence[Evidence | None],
    cuts_us: Sequence[int],
    area: Rect,
) -> list[FaceSample]:
    """The samples with the regions found in each shot."""
    shots = [bisect_right(cuts_us, sample.time_ms * 1000) for sample in samples]
    found: list[FaceSample] = []
    for _, group in groupby(range(len(samples)), key=shots.__getitem__):
        inside = list(group)
        known = [evidence[i] for i in inside]
        if inside[0] > 0 and known[0] is not None:
            known[0] = replace(
                known[0], motion=None
            )  # what differs from the shot before is no motion
        regions = find_regions(known, area)
        found += [replace(samples[i], region=r) for i, r in zip(inside, regions, strict=True)]
    return found


def find_cuts(scores: Sequence[tuple[int, float]], start_ms: int, end_ms: int) -> list[int]:
    """The times (µs from the video's start) at which a shot begins.

    `scores` are (µs from the range's start, scdet score) of every picture. A cut is a score of at least CUT_SCORE that
    none within MIN_CUT_DISTANCE_US exceeds. The range's own edges are not cuts.
    """
    strong = [(time, score) for time, score in scores if score >= CUT_SCORE and time > 0]
    length = (end_ms - start_ms) * 1000
    found: list[tuple[int, float]] = []
    for time, score in strong:
        if found and time - found[-1][0] < MIN_CUT_DISTANCE_US:
            if score > found[-1][1]:
                found[-1] = (time, score)
        else:
            found.append((time, score))
    return [start_ms * 1000 + time for time, _ in found if time < length]


def _active_area(path: Path, size: Size) -> Rect:
    """The picture without its black bars; the whole picture when the dark parts are not bars."""
    last: dict[str, float] = {}
    for values in _blocks(path):
        if "lavfi.cropdetect.w" in values:
            last = values
    if not last:
        return WHOLE_PICTURE
    x, y, w, h = (last.get(f"lavfi.cropdetect.{name}", 0.0) for name in "xywh")
    left, width = _without_bars(x, w, size.width)
    top, height = _without_bars(y, h, size.height)
    return Rect(left, top, width, height)


def _without_bars(start: float, length: float, whole: int) -> tuple[float, float]:
    """(start, length) as fractions of a side; (0, 1) unless both ends have equal bars."""
    first, second = start / whole, (whole - start - length) / whole
    thin, wide = sorted((first, second))
    if length <= 0 or thin < MIN_BAR or wide > MAX_BAR or wide - thin > BAR_TOLERANCE:
        return 0.0, 1.0
    pixel = 1 / whole  # the edge itself may be half black
    return first + pixel, 1 - first - second - 2 * pixel


def _blocks(path: Path) -> list[dict[str, float]]:
    """The values `metadata=print` wrote for each frame; "pts" is the frame's timestamp."""
    found: list[dict[str, float]] = []
    if not path.exists():
        return found
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            head = re.match(r"frame:\d+\s+pts:(-?\d+)", line)
            if head:
                found.append({"pts": float(head[1])})
            elif found and line.startswith("lavfi."):
                name, _, value = line.strip().partition("=")
                found[-1][name] = _number(value)
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _values(path: Path, name: str) -> list[tuple[int, float]]:
    return [(int(v["pts"]), v[f"lavfi.{name}"]) for v in _blocks(path) if f"lavfi.{name}" in v]
