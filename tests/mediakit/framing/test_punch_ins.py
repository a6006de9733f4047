"""Punch-ins: what covers the joins of kept ranges, and what stresses a louder sentence."""

from dataclasses import replace
from itertools import pairwise

import pytest

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cut_time import cut_time
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.cut_plan import crop_plan_in_cut
from mediakit.framing.geometry import Size
from mediakit.framing.people.emphasis import emphasised_ms
from mediakit.framing.planning.camera.punch_ins import (
    PUNCH_ZOOM,
    PunchSpan,
    emphasis_spans,
    join_spans,
    punched,
)
from mediakit.framing.range_analysis import ShotContent
from mediakit.framing.rect import Rect
from mediakit.framing.shot_report import shot_reports
from tests.mediakit.face_fixtures import WINDOW_WIDTH, make_analysis, make_face, make_info, plan_of

INFO = make_info()
CANVAS = Size(1080, 1920)
RANGES = ((0, 3_000), (3_400, 6_000), (6_500, 7_000), (7_500, 12_000))


def talk(x: float = 0.4, *, size: float = 0.08, cuts_s: tuple[float, ...] = ()):
    return make_analysis(lambda _: make_face(x, size=size), seconds=12, cuts_s=cuts_s)


def closer(plan: CropPlan, analysis, spans) -> CropPlan:
    return punched(plan, spans, analysis, INFO, start_ms=0, canvas=CANVAS)


def test_every_other_piece_is_closer_where_joins_are_far_enough_apart():
    analysis, cut = talk(), cut_time(INFO, RANGES)
    (spans,) = join_spans(cut, [analysis])
    plan = crop_plan_in_cut([closer(plan_of(analysis), analysis, spans)], cut)
    # The third piece lasts half a second: its end comes too soon after the change at its start.
    assert [shot.zoom for shot in plan.shots] == [1, PUNCH_ZOOM, 1, 1]
    assert [shot.punch_in for shot in plan.shots] == ["", "joins", "", ""]
    assert all(a.end_ms == b.start_ms for a, b in pairwise(plan.shots))
    assert [shot.start_ms for shot in plan.shots] == pytest.approx([0, 3_000, 5_600, 6_100], abs=40)
    (_, row, *_) = shot_reports(plan, INFO.video, CANVAS)
    assert (row["zoom"], row["punch_in"]) == (PUNCH_ZOOM, "joins")


def test_a_cut_of_the_video_needs_no_cover_and_ends_one():
    cut = cut_time(INFO, RANGES)
    (at_join,) = join_spans(cut, [talk(cuts_s=(3.2,))])
    assert min(span.start_ms for span in at_join) > 5_900  # the first change is the next join
    (inside,) = join_spans(cut, [talk(cuts_s=(5.0,))])
    assert (inside[0].start_ms, inside[0].end_ms) == (pytest.approx(3_200, abs=40), 5_000)


def test_a_closer_window_keeps_the_face_where_it_is():
    analysis = talk(0.45)
    plan = plan_of(analysis)
    before, part, after = closer(plan, analysis, [PunchSpan(4_000, 8_000, "emphasis")]).shots
    width = WINDOW_WIDTH / PUNCH_ZOOM
    place = (0.45 - (before.path[0].x - WINDOW_WIDTH / 2)) / WINDOW_WIDTH
    assert (0.45 - (part.path[0].x - width / 2)) / width == pytest.approx(place, abs=0.001)
    assert part.path[0].y - 0.5 / PUNCH_ZOOM >= 0
    assert part.path[0].y + 0.5 / PUNCH_ZOOM <= 1
    assert (before.zoom, after.zoom, after.end_ms) == (1, 1, plan.shots[-1].end_ms)


def test_nothing_is_cut_for_a_punch_in():
    spans = [PunchSpan(4_000, 8_000, "joins")]
    large = talk(0.4, size=0.97 * WINDOW_WIDTH)
    assert closer(plan_of(large), large, spans) == plan_of(large)
    empty = make_analysis(lambda _: None, seconds=12)
    bare = plan_of(empty, empty_shot_layout="crop")
    assert closer(bare, empty, spans) == bare
    name = ShotContent(0, 12_000, texts=(Rect(0.26, 0.9, 0.28, 0.05),))
    named = replace(talk(), contents=(name,))
    assert closer(plan_of(named), named, spans) == plan_of(named)
    whole = plan_of(empty)
    assert closer(whole, empty, spans) == whole


def voice(*phrases: tuple[float, float, float]) -> SpeechIndex:
    """Phrases of (start, end, level) in s and dBFS, silence between them."""
    steps = bytearray(2_500)
    for start, end, level in phrases:
        for step in range(round(start * 100), round(end * 100)):
            steps[step] = 0x80 | round((level + 95) / 0.75)
    return SpeechIndex(bytes(steps))


def test_a_sentence_that_begins_louder_than_the_others_is_stressed():
    loud = voice(
        (0.5, 3, -25), (3.5, 6, -25), (6.5, 8, -18), (8.5, 11, -20), (11.5, 18, -19), (19, 22, -25),
        (22.4, 24, -25),
    )  # fmt: skip
    # Of two that are too near the louder one counts, and a long phrase is closer for its first four seconds.
    assert emphasised_ms(loud, 0, 25_000) == [(6_500, 8_000), (11_500, 15_500)]
    assert emphasised_ms(loud, 0, 25_000, [11_400]) == [(11_500, 15_500)]
    even = voice(*((at, at + 2, -20) for at in (0.5, 3, 6, 9, 12)))
    assert emphasised_ms(even, 0, 25_000) == []
    assert emphasised_ms(SpeechIndex(), 0, 25_000) == []


def test_emphasis_stays_in_its_piece_and_away_from_covered_joins():
    pieces = [(1_000, 6_000), (7_000, 20_000)]
    joins = [PunchSpan(5_500, 9_000, "joins")]
    spans = emphasis_spans(
        [(3_000, 5_000), (6_100, 6_900), (10_000, 12_000), (18_000, 22_000)],
        *(pieces, joins),
        start_ms=1_000,
    )
    assert spans == [PunchSpan(17_000, 19_000, "emphasis")]
    assert emphasis_spans([(5_000, 8_000)], pieces, [], start_ms=1_000) == [
        PunchSpan(4_000, 5_000, "emphasis")
    ]
