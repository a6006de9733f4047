"""Suggested clips of whole made transcripts: what is promised for every list."""

import dataclasses
from itertools import combinations
from typing import Any

import pytest

from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.suggestions.material import Basis, FaceSighting, Material, Reason, Suggestion
from mediakit.suggestions.selection import MAX_OVERLAP, overlap
from mediakit.suggestions.suggest import suggest, suggest_by_openings, suggestion_count
from tests.mediakit.suggestions.speech import said

RAMBLING = [
    "And then he went over there and {a} it a bit.",
    "That was sort of the {a} thing, you know.",
    "It took them a while to {a} with it.",
    "They put it next to the other one near the {b}.",
    "So this is where that came from.",
    "Here they were again with the {b}.",
]
ANSWER = [
    "Why does bread rise in the oven?",
    "Bread rises because yeast turns sugar into gas.",
    "In about 40 minutes the dough doubles, unlike a cake, which needs baking powder.",
    "The most important thing is patience, because cold dough needs three times as long.",
    "That is why bakers start at night.",
]
KOREAN_ANSWER = [
    "빵은 왜 오븐에서 부풀까요?",
    "효모가 설탕을 가스로 바꾸기 때문에 빵이 부풀어 오릅니다.",
    "약 40분이 지나면 반죽이 두 배가 되고, 반면 케이크는 베이킹 파우더가 필요합니다.",
    "가장 중요한 것은 인내입니다, 차가운 반죽은 시간이 세 배나 필요하기 때문입니다.",
    "그래서 제빵사는 밤에 일을 시작해야 합니다.",
]
KOREAN_RAMBLING = [
    "그거는 거기서 그냥 그렇게 했고요.",
    "그게 좀 그랬던 것 같아요.",
    "그분이 그걸 거기에 두었어요.",
]


def rambling(count: int) -> list[str]:
    verbs = ["paint", "carry", "turn", "mend", "sell", "fold", "lift"]
    things = ["door", "lake", "wall", "market", "garden"]
    return [
        RAMBLING[i % len(RAMBLING)].format(a=verbs[i % 7], b=things[i % 5]) for i in range(count)
    ]


def made_answer(number: int) -> list[str]:
    """Return an answer like ANSWER about other things."""
    name = [f"{syllable}{'aeiou'[number % 5]}{'nrst'[number // 5]}o" for syllable in "bdfgklmp"]
    return [
        f"Why does {name[0]} grow near {name[1]}?",
        f"Old {name[0]} grows because {name[2]} turns {name[3]} into {name[4]}.",
        f"In {number + 2} minutes {name[4]} doubles, unlike {name[5]}, which needs {name[6]}.",
        f"The most important {name[3]} is {name[7]}, because {name[6]} wants three more {name[1]}.",
        f"That is why {name[2]} and {name[5]} start {name[7]} at night.",
    ]


def material(texts: list[str], **more: Any) -> Material:
    cues = said(texts)
    made = Material(duration_ms=cues[-1].end_ms + 5_000, cues=cues)
    return dataclasses.replace(made, **more)


@pytest.mark.parametrize(
    ("before", "answer", "after"),
    [
        (rambling(60), ANSWER, rambling(60)),
        (KOREAN_RAMBLING * 30, KOREAN_ANSWER, KOREAN_RAMBLING * 30),
    ],
)
def test_an_answer_in_the_middle_of_rambling_comes_first(
    before: list[str], answer: list[str], after: list[str]
) -> None:
    made = material([*before, *answer, *after])
    first = suggest(made)[0]
    question, last = (made.cues[len(before) + i] for i in (0, len(answer) - 1))
    assert first.start_ms == question.start_ms - 150
    assert abs(first.end_ms - last.end_ms) <= 350
    assert first.reasons[0] == Reason.QUESTION
    assert first.title == answer[0]
    assert first.sentence in answer[1:]
    assert first.description.startswith(answer[0])


def test_every_clip_keeps_the_promises() -> None:
    texts = [text for number in range(12) for text in [*made_answer(number), *rambling(45)]]
    made = material(texts)
    found = suggest(made)
    assert made.duration_ms > 30 * 60_000
    assert len(found) >= 6
    assert all(15_000 <= each.end_ms - each.start_ms <= 60_000 for each in found)
    starts = {cue.start_ms - 150 for cue in made.cues}
    assert all(each.start_ms in starts for each in found)
    spans = [(each.start_ms, each.end_ms) for each in found]
    assert all(overlap(one, other) <= MAX_OVERLAP for one, other in combinations(spans, 2))
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert suggest(made) == found
    longer = suggest(made, max_ms=180_000)
    assert max(each.end_ms - each.start_ms for each in longer) <= 180_000


def test_greetings_and_sponsors_rank_below_an_answer() -> None:
    sponsor = [
        "Welcome back everybody to the channel.",
        "This video is sponsored by a shop with 40 kinds of tea.",
        "Use the code TEA because the most important thing is a discount of 20 percent.",
        "Thanks for watching, and subscribe if you want three more videos.",
        "See you next week with the best tea.",
    ]
    made = material([*sponsor, *rambling(30), *ANSWER, *rambling(30), *sponsor])
    assert suggest(made)[0].title == ANSWER[0]


def test_repeated_footage_is_suggested_once() -> None:
    made = material([*ANSWER, *rambling(60), *ANSWER, *rambling(60)])
    assert [each.title for each in suggest(made)].count(ANSWER[0]) == 1


def test_others_take_the_place_of_clips_that_open_badly() -> None:
    lines = [line for n in range(8) for line in (*rambling(10), *made_answer(n))]
    made = material(lines)
    before = [each.start_ms for each in suggest(made)]
    black = set(before[:3])

    after = suggest_by_openings(made, lambda starts: [(at in black, False) for at in starts])
    slides = suggest_by_openings(made, lambda starts: [(False, True) for _ in starts])
    night = suggest_by_openings(made, lambda starts: [(True, False) for _ in starts])

    starts = [each.start_ms for each in after]
    assert not black & set(starts)
    assert len(starts) >= len(before) - 1
    assert [each.start_ms for each in slides] == before
    assert night


def test_faces_voice_and_dark_openings_decide_between_equal_words() -> None:
    other = [text.replace("read", "reed") for text in ANSWER]
    texts = [*ANSWER, *rambling(60), *other, *rambling(60)]
    made = material(texts)

    def first_of(found: list[Suggestion]) -> int:
        return found[0].start_ms

    second_ms = made.cues[65].start_ms - 150
    lufs = [
        -18.0 if second_ms <= 100 * step <= second_ms + 25_000 else -30.0 for step in range(4_000)
    ]
    loud = LoudnessIndex.from_levels(lufs, lufs, track=1)
    faces = [FaceSighting(at, seen=at >= second_ms) for at in range(0, made.duration_ms, 1_000)]
    for more in ({"levels": loud}, {"faces": faces}, {"dark_ms": [1_500]}):
        assert first_of(suggest(dataclasses.replace(made, **more))) == second_ms
    assert first_of(suggest(dataclasses.replace(made, dark_ms=[second_ms + 500]))) < 2_000


def test_without_words_the_loud_and_changing_parts_are_suggested() -> None:
    lufs = ([-35.0] * 290 + [-70.0] * 10) * 8
    lufs[900:1_190] = [-16.0] * 290
    made = Material(
        duration_ms=240_000,
        levels=LoudnessIndex.from_levels(lufs, lufs, track=1),
        shots_ms=[150_500, 155_000, 160_000, 165_000],
    )
    found = suggest(made)
    assert {each.basis for each in found} == {Basis.SOUND}
    assert all(each.title == each.sentence == "" for each in found)
    loudest = found[0]
    assert loudest.start_ms <= 90_500
    assert 118_500 <= loudest.end_ms <= 120_500
    assert loudest.reasons == (Reason.ENERGY,)
    assert any(Reason.PICTURE in each.reasons for each in found)


@pytest.mark.parametrize(
    "nothing",
    [
        Material(duration_ms=4_000, cues=said(["Rivers carve rock."])),
        Material(duration_ms=600_000),
        Material(
            duration_ms=600_000,
            levels=LoudnessIndex.from_levels([-90.0] * 6_000, [-90.0] * 6_000, track=1),
        ),
        Material(duration_ms=600_000, cues=said(["[Music]"] * 40, pause_ms=9_000)),
        Material(duration_ms=600_000, cues=said(["They left it."] * 40, pause_ms=9_000)),
    ],
)
def test_where_nothing_stands_on_its_own_there_are_no_suggestions(nothing: Material) -> None:
    assert suggest(nothing) == []


def test_longer_videos_have_more_suggestions() -> None:
    counts = [suggestion_count(minutes * 60_000) for minutes in (1, 30, 60, 600)]
    assert counts == [5, 10, 20, 40]
