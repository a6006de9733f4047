"""The films of the benchmark of speakers: which shots of a clip they are made of."""

from pathlib import Path

import pytest

from benchmarks.framing.speakers import Measured, score
from benchmarks.framing.talk_films import TalkFilm, longest_shots
from mediakit.asr.speech_index import SpeechIndex
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.people.speech import Speech
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_face, make_info


def test_a_webinar_is_no_shot_of_a_person():
    contents = (
        ShotContent(0, 5_000),
        ShotContent(5_000, 14_000, inset=Rect(0.7, 0.6, 0.2, 0.3)),
        ShotContent(14_000, 20_001),
    )
    cuts_us = (5_000_000, 14_000_000)
    analysis = RangeAnalysis(0, 20_000, "yunet", WHOLE_PICTURE, cuts_us, (), contents)
    assert longest_shots(analysis) == [(14_000, 20_000), (0, 5_000)]


@pytest.mark.parametrize(
    ("parts", "on"),
    [
        ((Rect(0, 0, 0.45, 1),), 1),
        ((Rect(0.1, 0, 0.8, 1),), 0),
        ((Rect(0.5, 0, 0.45, 1),), 0),
        ((), 0),
    ],
)
def test_the_camera_is_on_who_speaks_in_a_part_on_blur_with_nobody_else(parts, on):
    frames, columns = 50, ((0, 480), (480, 960))
    film = TalkFilm(Path("film"), columns, (), (0,) * frames, (-1,) * frames, SpeechIndex())
    faces = (make_face(0.25), make_face(0.75))
    samples = tuple(FaceSample(i * 200, faces) for i in range(10))
    analysis = RangeAnalysis(0, 2_000, "yunet", WHOLE_PICTURE, (), samples)
    measured = Measured(film, make_info(), analysis, Speech(()), 0)
    plan = CropPlan(WHOLE_PICTURE, (Shot(0, 2_000, "fit", parts=parts),))
    found = score(measured, plan)
    assert (found.on, found.whole, found.filled) == (on, on, 0)
