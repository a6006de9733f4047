"""Faces in consecutive pictures: where there have been none for a while fewer are searched, and none is lost."""

import pytest

from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.people.face_sampler import MOTION_STEPS, FaceSampler
from mediakit.framing.analysis.pictures import Pixels
from mediakit.framing.geometry import Size
from mediakit.framing.range_analysis import Face
from mediakit.framing.rect import Rect

SIZE = Size(64, 36)
FACE = Face(Rect(0.3, 0.2, 0.2, 0.4), 0.9)


def sampled(with_face: set[int], count: int) -> tuple[FaceSampler, list[int]]:
    """The sampler after `count` samples, a face in some, and which samples were searched, in that order."""
    searched = []

    def find(planes: Pixels, _: bool) -> list[Face]:
        searched.append(int(planes[0, 0]))
        return [FACE] if searched[-1] in with_face else []

    sampler = FaceSampler(SIZE, Detector("numbered", find), 1_000, count, lambda _: None)
    for picture in range((count - 1) * MOTION_STEPS + 1):
        sampler.feed(bytes([picture // MOTION_STEPS]) * (SIZE.width * SIZE.height * 3 // 2))
    sampler.flush()
    return sampler, searched


@pytest.mark.parametrize("first", [24, 25, 26])
def test_after_two_seconds_without_faces_every_second_sample_is_searched(first: int):
    sampler, searched = sampled(set(range(first, 40)), 40)
    assert [sample.time_ms for sample in sampler.samples] == [1_000 + 200 * i for i in range(40)]
    assert [bool(sample.faces) for sample in sampler.samples] == [i >= first for i in range(40)]
    assert [each is None for each in sampler.evidence] == [i >= first for i in range(40)]
    assert searched[:14] == [*range(10), 11, 13, 15, 17]
    assert sorted(searched)[-40 + first :] == list(range(first, 40))


@pytest.mark.parametrize("count", [31, 32])
def test_the_last_sample_of_a_range_is_searched(count: int):
    sampler, searched = sampled({count - 1}, count)
    assert len(sampler.samples) == count
    assert sampler.samples[-1].faces
    assert searched.count(count - 1) == 1
