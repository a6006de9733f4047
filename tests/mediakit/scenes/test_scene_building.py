"""Scenes: their lengths, their ends, and that nothing is lost or said twice."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from mediakit.probing.frame_rate import MAX_SHORT_MS
from mediakit.scenes.scene_building import MIN_SCENE_MS, SceneSpan, build_scenes, split_cues
from mediakit.text.transcript import Cue, Word, estimate_words, sentence_spans


def talk(count: int, *, sentence: int = 10, word_ms: int = 300, pause_ms: int = 400) -> list[Word]:
    """`count` words, every so many of them a sentence with a pause after it."""
    words, now = [], 0
    for number in range(1, count + 1):
        ends = number % sentence == 0
        text = "end." if ends else "Begin" if number % sentence == 1 else "word"
        words.append(Word(now, now + word_ms, text))
        now += word_ms + (pause_ms if ends else 0)
    return words


def build(duration_ms: int, words=(), *, shots=(), silences=()) -> list[SceneSpan]:
    return build_scenes(duration_ms=duration_ms, words=words, shots_ms=shots, silences_ms=silences)


def lengths(scenes: list[SceneSpan]) -> list[int]:
    return [scene.end_ms - scene.start_ms for scene in scenes]


def assert_sound(scenes: list[SceneSpan], duration_ms: int, words: list[Word]) -> None:
    """What is promised of all scenes, whatever the video."""
    assert scenes[0].start_ms == 0
    assert scenes[-1].end_ms == duration_ms
    for before, after in pairwise(scenes):
        assert before.end_ms == after.start_ms
    assert max(lengths(scenes)) <= MAX_SHORT_MS
    assert min(lengths(scenes)) >= min(MIN_SCENE_MS, duration_ms)
    spans = [range(scene.first_word, scene.last_word) for scene in scenes]
    assert [index for span in spans for index in span] == list(range(len(words)))
    for scene in scenes:
        for word in words[scene.first_word : scene.last_word]:
            inside = scene.start_ms <= word.start_ms < scene.end_ms
            assert inside or word.start_ms >= duration_ms


def test_scenes_of_a_talk_end_on_sentences_and_have_a_readable_length():
    words = talk(600)
    scenes = build(words[-1].end_ms + 500, words)
    assert_sound(scenes, words[-1].end_ms + 500, words)
    ends = {last for _, last in sentence_spans(words)}
    assert {scene.last_word for scene in scenes} <= ends
    assert all(15_000 <= length <= 60_000 for length in lengths(scenes))


def test_a_cut_lies_in_the_pause_and_clips_no_word():
    words = talk(600)
    scenes = build(words[-1].end_ms, words)
    for before, after in pairwise(scenes):
        assert words[before.last_word - 1].end_ms <= before.end_ms
        assert after.start_ms <= words[after.first_word].start_ms


def test_a_change_of_shot_in_the_pause_decides_where_the_cut_is():
    words = talk(200)  # 67 s; sentence ends every 3.4 s
    shot = words[99].end_ms + 130
    scenes = build(words[-1].end_ms, words, shots=[shot])
    assert shot in {scene.end_ms for scene in scenes}


def test_a_scene_does_not_end_with_a_flash_of_the_next_shot():
    """A change of shot just before the last word is said to end decides; an earlier one is inside the word."""
    words = talk(200)
    end = words[99].end_ms
    for shot, decides in ((end - 100, True), (end - 140, False)):
        cuts = {scene.end_ms for scene in build(words[-1].end_ms, words, shots=[shot])}
        assert (shot in cuts) is decides
        assert any(shot <= cut <= words[100].start_ms for cut in cuts)


def test_a_silence_decides_between_equal_pauses():
    words = talk(200)
    silence = (words[89].end_ms + 20, words[89].end_ms + 400)
    scenes = build(words[-1].end_ms, words, silences=[silence])
    assert words[89].end_ms + 210 in {scene.end_ms for scene in scenes}


def test_a_long_pause_is_preferred_to_a_short_one():
    words = talk(200)
    later = [Word(w.start_ms + 900, w.end_ms + 900, w.text) for w in words[110:]]
    scenes = build(later[-1].end_ms, [*words[:110], *later])
    assert 110 in {scene.last_word for scene in scenes}


def test_a_long_pause_belongs_to_the_scene_before_it():
    words = talk(100)
    later = [Word(w.start_ms + 60_000, w.end_ms + 60_000, w.text) for w in words]
    scenes = build(later[-1].end_ms, [*words, *later])
    starts = [scene.start_ms for scene in scenes if scene.first_word == 100]
    assert any(later[0].start_ms - 1000 < start < later[0].start_ms for start in starts)


def test_words_without_any_sentence_end_are_cut_in_pauses():
    words = [Word(i * 400, i * 400 + 350, "word") for i in range(1500)]
    scenes = build(600_000, words)
    assert_sound(scenes, 600_000, words)
    assert max(lengths(scenes)) <= 80_000
    assert all(words[s.last_word - 1].end_ms <= s.end_ms for s in scenes)


def test_a_very_long_word_is_cut():
    words = [Word(0, 500_000, "aaaah")]
    scenes = build(500_000, words)
    assert_sound(scenes, 500_000, words)


def test_without_words_scenes_follow_shots_then_silences():
    shots = [0, 31_000, 31_200, 64_000, 100_000]
    scenes = build(130_000, shots=shots)
    assert_sound(scenes, 130_000, [])
    assert {scene.start_ms for scene in scenes} <= {0, 31_000, 31_200, 64_000, 100_000}
    quiet = build(100_000, silences=[(29_000, 31_000), (69_000, 72_000)])
    assert [scene.start_ms for scene in quiet] == [0, 30_000, 70_500]


def test_without_any_evidence_scenes_are_even():
    scenes = build(400_000)
    assert_sound(scenes, 400_000, [])
    assert max(lengths(scenes)) <= 80_000


def test_a_video_shorter_than_two_scenes_is_one():
    assert build(3_000) == [SceneSpan(0, 3_000, 0, 0)]
    assert build(9_999, talk(20), shots=[5_000]) == [SceneSpan(0, 9_999, 0, 20)]
    assert build(0) == []


def test_captions_that_outlast_the_video_are_kept_in_its_last_scene():
    words = talk(300)
    scenes = build(50_000, words)
    assert scenes[-1].last_word == 300
    assert_sound(scenes, 50_000, words)


def test_a_very_long_video_has_sound_scenes():
    words = talk(30_000, sentence=14)
    duration = words[-1].end_ms
    scenes = build(
        duration,
        words,
        shots=range(0, duration, 2_500),
        silences=[(t, t + 300) for t in range(0, duration, 5_000)],
    )
    assert_sound(scenes, duration, words)


TIMES = st.lists(st.integers(0, 700_000), max_size=60)


@st.composite
def videos(draw):
    """A duration, words, shots and silences that need not agree."""
    words, now = [], draw(st.integers(0, 60_000))
    for gap, length, text in draw(
        st.lists(
            st.tuples(
                st.sampled_from([0, 0, 1, 200, 700, 3_000, 40_000]),
                st.sampled_from([0, 1, 200, 600, 20_000, 250_000]),
                st.sampled_from(["word", "end.", "so,", "니다"]),
            ),
            max_size=80,
        )
    ):
        words.append(Word(now + gap, now + gap + length, text))
        now += gap + draw(st.sampled_from([length, length // 2]))
    silences = sorted((t, t + draw(st.integers(1, 5_000))) for t in set(draw(TIMES)))
    return draw(st.integers(1, 900_000)), words, draw(TIMES), silences


@settings(max_examples=150, deadline=None)
@given(videos())
def test_scenes_are_sound_for_any_video(video):
    duration, words, shots, silences = video
    assert_sound(build(duration, words, shots=shots, silences=silences), duration, words)


def test_a_cue_across_a_boundary_is_cut_between_its_words():
    words = (Word(0, 900, "one"), Word(1000, 1900, "two"), Word(2000, 2900, "three"))
    cue = Cue(0, 3000, "one two\nthree", words, "Ann")
    spans = [SceneSpan(0, 1000, 0, 1), SceneSpan(1000, 9000, 1, 3)]
    assert split_cues([cue], spans) == [
        Cue(0, 1000, "one", words[:1], "Ann"),
        Cue(1000, 3000, "two three", words[1:], "Ann"),
    ]


def test_a_word_across_a_boundary_goes_where_it_starts():
    cue = Cue(0, 3000, "loooong", (Word(500, 2500, "loooong"),))
    spans = [SceneSpan(0, 1000, 0, 1), SceneSpan(1000, 9000, 1, 1)]
    assert split_cues([cue], spans) == [Cue(0, 1000, "loooong", (Word(500, 1000, "loooong"),))]


def test_cues_inside_a_scene_stay_as_they_are():
    cues = [Cue(0, 1000, "a <b>\nc"), Cue(1000, 2000, "")]
    assert split_cues(cues, [SceneSpan(0, 1000, 0, 2), SceneSpan(1000, 2000, 2, 2)]) == cues


@settings(max_examples=60, deadline=None)
@given(videos())
def test_split_cues_keep_every_word_and_cross_no_boundary(video):
    duration, _, shots, silences = video
    cues = [
        estimate_words(Cue(start, start + 7_000, "some words said. Here they are"))
        for start in range(0, duration, 9_000)
    ]
    words = [word for cue in cues for word in cue.words]
    spans = build(duration, words, shots=shots, silences=silences)
    parts = split_cues(cues, spans)
    assert [word.text for cue in parts for word in cue.words] == [word.text for word in words]
    for cue in parts:
        assert not any(cue.start_ms < span.start_ms < cue.end_ms for span in spans)
        assert cue.start_ms < cue.end_ms
