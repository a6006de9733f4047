"""A slide too small to read goes to the block of text that changes: in pauses of the voice, and no line is cut."""

from dataclasses import replace

import numpy as np
import pytest

from mediakit.framing.analysis.text.text_changes import Seen, find_changes
from mediakit.framing.output_format import SIZES
from mediakit.framing.people.speech import Speech
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis, ShotContent, TextChange
from mediakit.framing.rect import Rect, union_of
from tests.mediakit.face_fixtures import WHOLE_PICTURE, plan_of

# Two columns of five small lines each, and a title over both of them.
TITLE = Rect(0.05, 0.05, 0.9, 0.05)
LEFT = [Rect(0.05, 0.2 + 0.12 * row, 0.36, 0.035) for row in range(5)]
RIGHT = [Rect(0.56, 0.2 + 0.12 * row, 0.38, 0.035) for row in range(5)]
TEXTS = (TITLE, *LEFT, *RIGHT)
VOICE = ((0, 4_800), (5_300, 9_000), (9_600, 20_000))


def content(*changes: tuple[int, Rect | None], texts: tuple[Rect, ...] = TEXTS) -> ShotContent:
    return ShotContent(0, 20_001, None, texts, None, tuple(TextChange(*one) for one in changes))


def analysis(found: ShotContent) -> RangeAnalysis:
    samples = tuple(FaceSample(ms) for ms in range(0, 20_000, 200))
    return RangeAnalysis(0, 20_000, "yunet", WHOLE_PICTURE, (), samples, (found,))


def shots_of(found: ShotContent, **more):
    more = {"speech": Speech(VOICE), **more}
    return plan_of(analysis(found), **more).shots


def test_the_block_that_changes_is_shown_larger_from_the_nearest_pause_on():
    first, left, right = shots_of(content((4_500, LEFT[1]), (6_000, LEFT[2]), (10_000, RIGHT[0])))
    assert (first.reason, first.parts, left.reason, right.reason) == (
        *("text", ()),
        *("changes", "changes"),
    )
    assert {shot.layout for shot in (first, left, right)} == {"fit"}
    for at_ms, (low, high) in ((left.start_ms, (4_800, 5_300)), (right.start_ms, (9_000, 9_600))):
        assert low <= at_ms <= high
    assert left.parts[0].width < 0.6
    assert left.parts[0].right <= RIGHT[0].left
    assert right.parts[0].left >= LEFT[0].right
    for shot in (left, right):
        (part,) = shot.parts
        for text in TEXTS:
            outside = text.right <= part.left or text.left >= part.right
            outside |= text.bottom <= part.top or text.top >= part.bottom
            inside = part.left <= text.left and text.right <= part.right
            inside &= part.top <= text.top and text.bottom <= part.bottom
            assert inside or outside
    assert (
        RangeAnalysis.from_json(analysis(content((4_500, LEFT[1]))).to_json()).contents[0].changes
    )


def test_a_new_page_is_shown_whole_at_once_and_a_quiet_one_after_a_while():
    shots = shots_of(content((4_500, LEFT[1]), (7_000, None)))
    assert [shot.reason for shot in shots] == ["text", "changes", "text"]
    assert shots[2].start_ms == pytest.approx(7_000, abs=20)
    quiet = shots_of(content((4_500, LEFT[1])), speech=Speech())
    assert [shot.reason for shot in quiet] == ["text", "changes", "text"]
    assert quiet[2].start_ms == pytest.approx(14_500, abs=20)


@pytest.mark.parametrize(
    "found",
    [
        content((12_000, LEFT[1])),  # the voice does not pause near it
        content((4_500, TITLE)),  # as wide as the slide
        content(
            (4_500, Rect(0.05, 0.3, 0.36, 0.1)),
            texts=tuple(replace(text, height=0.1) for text in TEXTS[1:]),
        ),  # large enough to be read
    ],
)
def test_otherwise_the_slide_stays_whole(found):
    assert [shot.reason for shot in shots_of(found)] == ["text"]


def test_lines_of_another_page_do_not_count():
    wide = Rect(0.03, 0.31, 0.9, 0.1)  # would be cut by any block
    found = content((4_500, LEFT[1]), texts=(*TEXTS, wide))
    assert [shot.reason for shot in shots_of(found)] == ["text"]
    spans = (*((0, 20_000) for _ in TEXTS), (14_000, 20_000))
    later = RangeAnalysis.from_json(analysis(replace(found, text_ms=spans)).to_json()).contents[0]
    assert [shot.reason for shot in shots_of(later)][:2] == ["text", "changes"]


def test_a_block_holds_what_changes_and_appears_while_it_is_shown_and_leaves_a_third_out():
    whole, second = shots_of(content((4_500, LEFT[1]), (7_000, RIGHT[2])))
    assert (whole.reason, second.reason) == ("text", "changes")
    assert second.start_ms >= 9_000  # both together are as wide as the slide
    later = content((4_500, LEFT[1]), (7_000, LEFT[4]))
    assert [shot.reason for shot in shots_of(later)][:2] == ["text", "changes"]
    assert shots_of(later)[1].parts[0].bottom >= LEFT[4].bottom
    middle = Rect(0.3, 0.26, 0.22, 0.035)  # appears after 3 s across the block's edge
    spans = (*((0, 20_000) for _ in TEXTS), (8_200, 20_000))
    appears = replace(content((4_500, LEFT[1]), texts=(*TEXTS, middle)), text_ms=spans)
    (part,) = shots_of(appears)[1].parts
    assert part.right >= middle.right
    wide = tuple(replace(text, width=0.7) if text in LEFT else text for text in TEXTS[:6])
    assert [s.reason for s in shots_of(content((4_500, wide[2]), texts=wide))] == ["text"]


def test_a_part_of_the_shot_goes_where_the_whole_shot_goes():
    found = analysis(content((4_500, LEFT[1]), (10_000, RIGHT[0])))
    whole = plan_of(found, speech=Speech(VOICE))
    inside = plan_of(replace(found, start_ms=6_000, end_ms=9_100), speech=Speech(VOICE))
    (shot,) = inside.shots
    assert shot.parts == whole.shot_at(7_000).parts
    (square, *_) = plan_of(found, canvas=SIZES["1:1"], speech=Speech(VOICE)).shots
    assert square.layout == "fit"


def look(*lines: Rect) -> np.ndarray:
    page = np.full((270, 480), 230, np.uint8)
    for line in lines:
        rows = slice(int(line.top * 270), int(line.bottom * 270))
        page[rows, int(line.left * 480) : int(line.right * 480) : 3] = 20
    return page


def test_what_changes_is_a_line_that_comes_a_pointer_and_a_new_page():
    pointer = look(*LEFT)
    pointer[int(LEFT[3].top * 270) :, 60:68][:12] = 120
    looks = [look(*LEFT[:2]), look(*LEFT[:3]), look(*LEFT), look(*LEFT), pointer, look(*RIGHT)]
    times = [500 * number for number in range(len(looks))]
    seen = [
        Seen(0, tuple(LEFT[:2])),
        Seen(2, tuple(LEFT)),
        Seen(4, tuple(LEFT)),
        Seen(5, tuple(RIGHT)),
    ]
    found = find_changes(looks, times, seen, [])
    assert [change.time_ms for change in found] == [500, 1_000, 2_000, 2_500]
    assert found[0].box == union_of([LEFT[2]])
    assert found[2].box == union_of([LEFT[3]])
    assert found[3].box is None
    stands_there = [FaceSample(ms, (Face(Rect(0.1, 0.3, 0.2, 0.3), 0.9),)) for ms in times]
    assert find_changes(looks[3:5], times[3:5], seen[2:3], stands_there) == ()
