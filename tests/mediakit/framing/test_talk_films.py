"""The films of the benchmark of speakers: which shots of a clip they are made of."""

from benchmarks.framing.talk_films import longest_shots
from mediakit.framing.crop_plan import RangeAnalysis, Rect, ShotContent
from tests.mediakit.face_fixtures import WHOLE_PICTURE


def test_a_webinar_is_no_shot_of_a_person():
    contents = (
        ShotContent(0, 5_000),
        ShotContent(5_000, 14_000, inset=Rect(0.7, 0.6, 0.2, 0.3)),
        ShotContent(14_000, 20_001),
    )
    cuts_us = (5_000_000, 14_000_000)
    analysis = RangeAnalysis(0, 20_000, "yunet", WHOLE_PICTURE, cuts_us, (), contents)
    assert longest_shots(analysis) == [(14_000, 20_000), (0, 5_000)]
