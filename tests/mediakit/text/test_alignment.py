"""A text without times gets those of the words that were heard."""

from hypothesis import given
from hypothesis import strategies as st

from mediakit.text.alignment import MAX_LINE_CHARS, align_lines
from mediakit.text.transcript import Word

SAID = "good morning everyone today we plant the garden beans and then we go home"


def heard(text: str, *, word_ms: int = 500, start_ms: int = 1_000) -> list[Word]:
    """The words of a text, one after the other."""
    return [
        Word(start_ms + at * word_ms, start_ms + (at + 1) * word_ms, word)
        for at, word in enumerate(text.split())
    ]


def lines(*texts: str) -> list[tuple[str, str]]:
    return [("", text) for text in texts]


def times(aligned):
    return [(cue.start_ms, cue.end_ms, cue.text) for cue in aligned.cues]


def test_each_line_gets_the_time_at_which_its_words_were_heard():
    aligned = align_lines(
        [
            ("Ann", "Good morning, everyone!"),
            ("Bo", "Today we plant the garden beans,"),
            *lines("and then we go home."),
        ],
        heard(SAID),
    )
    assert times(aligned) == [
        (1_000, 2_500, "Good morning, everyone!"),
        (2_500, 5_500, "Today we plant the garden beans,"),
        (5_500, 8_000, "and then we go home."),
    ]
    assert [cue.speaker for cue in aligned.cues] == ["Ann", "Bo", ""]
    assert aligned.matched == 1.0
    words = [(w.start_ms, w.text, w.estimated) for w in aligned.cues[0].words]
    assert words == [
        (1_000, "Good", False),
        (1_500, "morning,", False),
        (2_000, "everyone!", False),
    ]


def test_words_that_were_heard_differently_have_the_time_of_what_was_heard():
    aligned = align_lines(lines("Good morning Evelyn", "today we plant"), heard(SAID))
    assert times(aligned) == [
        (1_000, 2_500, "Good morning Evelyn"),
        (2_500, 4_000, "today we plant"),
    ]
    assert 0.8 < aligned.matched < 0.9


def test_what_was_not_heard_lies_between_its_neighbours_and_what_is_not_written_is_skipped():
    sound = [
        *heard("good morning"),
        *heard("um uh so", start_ms=2_000),
        *heard("we go", start_ms=9_000),
    ]
    aligned = align_lines(lines("Good morning.", "Nobody said all of this here.", "We go."), sound)
    first, between, last = aligned.cues
    assert (first.start_ms, first.end_ms) == (1_000, 2_000)
    assert 2_000 <= between.start_ms < between.end_ms <= 9_000
    assert (last.start_ms, last.end_ms) == (9_000, 10_000)


def test_words_in_a_long_gap_are_estimated():
    sound = [*heard("good"), *heard("home", start_ms=60_000)]
    words = align_lines(lines("good and much more home"), sound).cues[0].words
    assert [word.estimated for word in words] == [False, True, True, True, False]


def test_scripts_without_spaces_are_aligned_by_their_characters():
    sound = [
        Word(0, 400, "今日"),
        Word(400, 500, "は"),
        Word(500, 900, "天気"),
        Word(900, 1_000, "が"),
        Word(1_000, 1_300, "良い"),
    ]
    aligned = align_lines(lines("今日は", "天気がいい"), sound)
    assert [(cue.start_ms, cue.end_ms) for cue in aligned.cues] == [(0, 500), (500, 1_300)]
    korean = align_lines(
        lines("안녕하세요 여러분.", "시작합니다"), heard("안녕하세요 여러분 시작합니다")
    )
    assert [(cue.start_ms, cue.end_ms) for cue in korean.cues] == [(1_000, 2_000), (2_000, 2_500)]


def test_a_long_line_becomes_several():
    text = f"{SAID}. " * 4
    sound = heard(SAID.replace(" home", " home") + (" " + SAID) * 3)
    cues = align_lines(lines(text.strip()), sound).cues
    assert len(cues) >= 4
    assert all(len(cue.text) <= MAX_LINE_CHARS for cue in cues)
    assert cues[0].start_ms == 1_000
    assert cues[-1].end_ms == sound[-1].end_ms


def test_another_text_matches_little():
    aligned = align_lines(lines("Completely different content entirely"), heard(SAID))
    assert aligned.matched == 0.0
    assert align_lines(lines("Anything"), []).matched == 0.0
    assert align_lines([], heard(SAID)).cues == ()


def test_two_hours_are_aligned():
    spoken = [Word(at * 350, at * 350 + 300, f"w{at * 7919 % 4001}") for at in range(20_000)]
    written = [word.text for at, word in enumerate(spoken) if at % 11]
    texts = [" ".join(written[at : at + 10]) for at in range(0, len(written), 10)]
    aligned = align_lines(lines(*texts), spoken)
    assert aligned.matched == 1.0
    assert len(aligned.cues) == len(texts)
    assert all(
        cue.words[0].text == text.split()[0] for cue, text in zip(aligned.cues, texts, strict=True)
    )


WORDS = st.lists(st.sampled_from([*"abc", "de", "你好", "-", "…", "안녕", "ﬁ", "İ"]), max_size=12)


@given(
    written=st.lists(WORDS, max_size=6),
    spoken=WORDS,
    gaps=st.lists(st.integers(0, 900), min_size=12),
)
def test_times_never_decrease_and_every_word_is_kept_once(written, spoken, gaps):
    at, sound = 0, []
    for word, gap in zip(spoken, gaps, strict=False):
        at += gap
        sound.append(Word(at, at + gap // 2, word))
    texts = [" ".join(words) for words in written]
    aligned = align_lines(lines(*texts), sound)
    words = [word for cue in aligned.cues for word in cue.words]
    assert "".join(word.text for word in words) == "".join("".join(text.split()) for text in texts)
    edges = [edge for word in words for edge in (word.start_ms, word.end_ms)]
    assert edges == sorted(edges)
    assert 0.0 <= aligned.matched <= 1.0
