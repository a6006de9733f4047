"""No window without anybody: people who are hidden, are not there yet, or whom the camera has left."""

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.people.lost_places import LostPlaces
from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.analysis.subjects.salient_region import Evidence, find_whirls
from mediakit.framing.range_analysis import Face, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.probing.probe import probe
from tests.mediakit.face_fixtures import make_analysis, plan_of

FACE = Rect(0.45, 0.2, 0.1, 0.2)
SKIN, SHIRT, WALL, TRAM = (170, 150, 150), (90, 110, 180), (200, 128, 128), (120, 90, 110)


def room(*, hidden: bool = False, away: bool = False) -> Pixels:
    """A small picture in Lab: a person before a wall, who looks away, or is hidden by a tram."""
    picture = np.full((90, 160, 3), WALL, np.uint8)
    picture[36:80, 66:94] = SHIRT
    picture[18:36, 72:88] = SHIRT if away else SKIN
    if hidden:
        picture[:, 40:120] = TRAM
    return picture


def lost_of(*pictures: Pixels, seen: set[int], shots: list[int] | None = None) -> list[bool]:
    places = LostPlaces()
    for number, picture in enumerate(pictures):
        places.add(picture, [FACE] if number in seen else [])
    return places.lost(shots or [0] * len(pictures))


def test_who_turns_away_is_there_and_who_is_hidden_is_not():
    seen, away, hidden = room(), room(away=True), room(hidden=True)
    assert lost_of(seen, away, hidden, seen=seen_at(0)) == [False, False, True]
    assert lost_of(hidden, away, seen, seen=seen_at(2)) == [True, False, False]
    # Between two faces it is enough that one of the places looks as it did.
    assert lost_of(seen, hidden, seen, seen=seen_at(0, 2)) == [False, True, False]
    # Nothing is said of a picture without a face in its shot.
    assert lost_of(seen, hidden, seen=seen_at(0), shots=[0, 1]) == [False, False]


def seen_at(*numbers: int) -> set[int]:
    return set(numbers)


def lost_between(*spans: tuple[float, float], seconds: float = 8, **more) -> RangeAnalysis:
    """Somebody in the middle who is lost for spans of seconds."""

    def is_lost(time_s: float) -> bool:
        return any(start <= time_s < end for start, end in spans)

    analysis = make_analysis(lambda t: None if is_lost(t) else 0.5, seconds=seconds, **more)
    samples = tuple(replace(s, lost=is_lost(s.time_ms / 1000)) for s in analysis.samples)
    return replace(analysis, samples=samples)


@pytest.mark.parametrize(
    ("spans", "layouts"),
    [
        ([(0, 1.4)], ["fit", "crop"]),
        ([(0, 0.8)], ["crop"]),
        ([(6.4, 8)], ["crop", "fit"]),
        ([(3, 5.4)], ["crop", "fit", "crop"]),
        ([(3, 4.4)], ["crop"]),  # something passes in front
        ([(0.4, 1.4)], ["fit", "crop"]),  # a glimpse before it
        ([(0, 0.2), (0.8, 2.2)], ["fit", "crop"]),  # the camera whips past
        ([(0, 0.2), (1.2, 2.6)], ["crop"]),
    ],
    ids=[
        *("first", "first, briefly", "last", "between", "between, briefly", "glimpsed"),
        *("glimpsed between", "seen between"),
    ],
)
def test_the_picture_is_whole_while_people_are_lost(spans, layouts):
    plan = plan_of(lost_between(*spans))
    assert [shot.layout for shot in plan.shots] == layouts
    assert all(
        shot.reason == ("person" if shot.layout == "crop" else "nobody") for shot in plan.shots
    )


def test_a_shot_that_is_whole_goes_on_until_the_next_one_has_its_subject():
    def whole_before(lost_s: float) -> list[tuple[str, int]]:
        analysis = lost_between((0, 3 + lost_s), cuts_s=(3,))
        return [(shot.layout, shot.start_ms) for shot in plan_of(analysis).shots]

    assert whole_before(0.8) == [("fit", 0), ("fit", 2_980), ("crop", 3_700)]
    assert whole_before(0.2) == [("fit", 0), ("crop", 2_980)]


def test_a_dissolve_to_a_face_is_cut_in_its_middle():
    colours = np.zeros((6, 10, 3), np.float32)
    calm, whirl = Evidence(None, colours, None), Evidence(None, colours, None, is_whirl=True)
    assert find_whirls([*[calm] * 5, *[whirl] * 2, *[None] * 7], {7, 8}) == [7]
    assert find_whirls([*[calm] * 5, *[whirl] * 2, *[None] * 7], {9}) == [6]
    # The camera turns with somebody who is seen all the time.
    assert find_whirls([*[calm] * 5, *[None] * 4, *[calm] * 5], {5, 6, 7, 8}) == []


def test_a_lost_sample_survives_its_json():
    analysis = lost_between((0.2, 0.6), seconds=1)
    stored = RangeAnalysis.from_json(analysis.to_json())
    assert [sample.lost for sample in stored.samples] == [False, True, True, False, False]
    assert stored.to_json() == analysis.to_json()


def find_orange(planes: Pixels, _: bool) -> list[Face]:
    """A detector of orange faces."""
    high, wide = planes.shape[0] * 2 // 3, planes.shape[1]
    red = planes[high + high // 4 :].reshape(-1, wide // 2)[: high // 2]
    rows, columns = np.nonzero(red > 170)
    if len(rows) < 40:
        return []
    left, top = columns.min() * 2 / wide, rows.min() * 2 / high
    right, bottom = (columns.max() + 1) * 2 / wide, (rows.max() + 1) * 2 / high
    return [Face(Rect(left, top, right - left, bottom - top), 0.9)]


def test_somebody_behind_a_tram_of_a_real_file_is_not_waited_for(tmp_path: Path):
    path = tmp_path / "tram.mp4"
    graph = (
        "gradients=s=640x360:r=15:d=4:seed=3:c0=gray:c1=0x606060:speed=0.00001[ground];"
        "color=0xf08030:s=60x70:r=15:d=4[face];color=0x204080:s=110x240:r=15:d=4[body];"
        "color=0x305030:s=900x360:r=15:d=4[tram];"
        "[ground][body]overlay=x=265:y=130[a];[a][face]overlay=x=290:y=60[b];"
        "[b][tram]overlay=x='-300+200*max(0,t-0.2)+400*max(0,t-1)':y=0[out]"
    )
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-filter_complex", graph, "-map", "[out]"),
            *("-c:v", "libx264", "-preset", "ultrafast", str(path)),
        ],
        check=True,
        timeout=60,
    )
    info = probe(str(path))
    detector = Detector("orange", find_orange)
    analysis = analyze_shots(
        str(path), info, start_ms=0, end_ms=4_000, detector=detector, work_dir=tmp_path
    )
    first = next(sample.time_ms for sample in analysis.samples if sample.faces)
    assert 1_400 <= first <= 2_400
    plan = plan_of(analysis, info)
    *before, last = plan.shots
    assert (last.layout, last.reason) == ("crop", "person")
    assert first - 600 <= last.start_ms <= first + 250  # the tram is a scene of its own
    assert "person" not in {shot.reason for shot in before}
