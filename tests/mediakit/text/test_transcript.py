"""Words, and where sentences end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediakit.text.transcript import (
    MAX_SENTENCE_MS,
    MAX_UNPUNCTUATED_MS,
    Cue,
    SentenceEnd,
    Word,
    cues_in_range,
    estimate_words,
    join_words,
    sentence_ends,
    sentence_spans,
    split_into_lines,
    spread_words,
    tokenize,
)


def said(text: str, *, each_ms: int = 300, gap_ms: int = 0) -> list[Word]:
    """The words of `text`, said one after another at an even pace."""
    step = each_ms + gap_ms
    return [Word(i * step, i * step + each_ms, word) for i, word in enumerate(tokenize(text))]


def split(text: str, **pace: int) -> list[str]:
    words = said(text, **pace)
    return [join_words([w.text for w in words[a:b]]) for a, b in sentence_spans(words)]


@pytest.mark.parametrize(
    "parts",
    [
        ["One sentence.", "And another one!", "Is this the third?"],
        ["Dr. Kim met Mrs. J. R. Ewing at 10 a.m. in the lobby.", "They left."],
        ["It cost 3.5 million, i.e. a lot.", "See fig. 3 for more."],
        ["He was born in the U.S. in 1970.", "Then he moved."],
        ["We sell apples, pears, etc. to anyone.", "They sell tea, etc.", "We do not."],
        ["Well... that was odd.", "And then…", "Silence."],
        ['She said "stop!" and left.', '"Why?"', "Nobody knows (really.)", "Fine."],
        ["Item no. 5 is gone.", "She said no.", "He agreed."],
        ["It is chapter 3.", "The end of it.", "See 4. 2 there."],
        ["오늘은 날씨가 좋습니다.", "내일은 어떨까요?", "모르겠네요!"],
        ["左に見えるのは山です。", "右は？", "「海だ！」", "そうか。"],
        ["我们开始吧。", "你准备好了吗？", "好！"],
        ["Wait -- what?", "Yes."],
        ["كيف حالك؟", "أنا بخير."],
        ["Is it here ?", "Yes !"],
    ],
)
def test_sentences_end_at_their_own_ends(parts):
    assert [part.replace(" ", "") for part in split(" ".join(parts))] == [
        part.replace(" ", "") for part in parts
    ]


def test_a_small_letter_goes_on_only_where_capitals_are_used():
    assert split("We met Mr. Lee. then we left.") == ["We met Mr. Lee. then we left."]
    assert split("all small here. nothing is capital.") == [
        "all small here.",
        "nothing is capital.",
    ]


def test_korean_verb_endings_end_a_sentence_where_a_pause_follows():
    text = "오늘은 날씨가 좋습니다 내일은 비가 와요 그래서 집에 있어요"
    assert len(split(text, gap_ms=50)) == 3
    assert len(split(text)) == 1


def test_a_long_pause_ends_a_sentence_and_a_shorter_one_does_where_nothing_is_punctuated():
    words = [Word(0, 500, "First."), Word(600, 900, "And"), Word(4000, 4500, "Then.")]
    assert sentence_ends(words) == [
        (1, SentenceEnd.STOP),
        (2, SentenceEnd.PAUSE),
        (3, SentenceEnd.STOP),
    ]
    plain = [Word(i * 1000, i * 1000 + 200, "word") for i in range(100)]
    assert len(sentence_spans(plain)) == 100


def test_speech_without_any_end_is_split_where_the_pause_is_longest():
    words = said(" ".join(["word"] * 200))
    moved = [Word(w.start_ms + 200 * (i >= 70), w.end_ms + 200 * (i >= 70), w.text)
             for i, w in enumerate(words)]  # fmt: skip
    ends = sentence_ends(moved)
    assert (70, SentenceEnd.FORCED) in ends
    assert all(
        moved[b - 1].end_ms - moved[a].start_ms <= MAX_UNPUNCTUATED_MS
        for a, b in sentence_spans(moved)
    )


def test_a_comma_is_a_better_place_than_none():
    text = ["word"] * 120
    text[64] = "word,"
    assert (65, SentenceEnd.FORCED) in sentence_ends(said(" ".join(text)))


def test_no_words_make_no_sentence():
    assert sentence_spans([]) == []


TEXTS = st.sampled_from(["a", "b.", "c?", "Dr.", "3.5", "니다", "。", "-", "…", ","])
WORDS = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 900), TEXTS), max_size=120)


@given(WORDS)
def test_sentences_hold_every_word_once_and_are_never_long(raw):
    words, now = [], 0
    for gap, length, text in raw:
        words.append(Word(now + gap, now + gap + length, text))
        now += gap + length
    spans = sentence_spans(words)
    assert [i for a, b in spans for i in range(a, b)] == list(range(len(words)))
    for a, b in spans:
        assert b - a == 1 or words[b - 1].end_ms - words[a].start_ms <= MAX_SENTENCE_MS


def test_estimated_words_share_the_cue_by_length_and_say_so():
    cue = estimate_words(Cue(1000, 3000, "a considerably longer\nend."))
    assert [word.text for word in cue.words] == ["a", "considerably", "longer", "end."]
    assert all(word.estimated for word in cue.words)
    assert cue.words[0].start_ms == 1000
    assert 2900 <= cue.words[-1].end_ms < 3000
    lengths = [word.end_ms - word.start_ms for word in cue.words]
    assert lengths[1] > lengths[2] > lengths[0]


def test_words_that_the_source_timed_stay():
    words = (Word(0, 400, "hello"),)
    assert estimate_words(Cue(0, 1000, "hello", words)).words == words


def test_spreading_nothing_gives_nothing():
    assert spread_words(" \n ", 0, 1000) == ()


@given(
    st.text(alphabet="ab .,日本か한국", max_size=60), st.integers(0, 10**7), st.integers(0, 9000)
)
def test_spread_words_are_in_order_and_inside(text, start, length):
    words = spread_words(text, start, start + length)
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert all(start <= time <= start + length for time in times)
    assert "".join(word.text for word in words) == "".join(text.split())


def test_scripts_without_spaces_are_split_into_phrases_and_joined_without_spaces():
    text = "左に見えるのは「カタカナ」です。"
    assert len(tokenize(text)) > 3
    assert join_words(tokenize(text)) == text
    assert join_words(["Hello", "日本", "の", "world"]) == "Hello 日本の world"
    assert join_words([]) == ""


def test_words_become_lines_to_read():
    text = "First we met in the old town, and then we went to see the river. Good. "
    text += "This one is so long that nobody would want to read it on a single line, is it not so?"
    cues = split_into_lines(said(text))
    assert [cue.text for cue in cues][:2] == [text[: text.index(" Good")], "Good."]
    assert all(len(cue.text) <= 84 for cue in cues)
    assert [word for cue in cues for word in cue.words] == said(text)


def test_a_line_ends_in_a_pause():
    words = [Word(0, 400, "Well"), Word(2400, 2800, "maybe"), Word(2800, 3200, "so.")]
    assert [cue.text for cue in split_into_lines(words)] == ["Well", "maybe so."]
    assert split_into_lines([]) == []


def test_range_is_cut_to_the_word_and_counts_from_its_start():
    words = tuple(
        Word(i * 500, i * 500 + 400, text) for i, text in enumerate(["a", "b", "c", "d", "e", "f"])
    )
    cues = (Cue(0, 3000, "a b c d e f", words, "Ann"), Cue(3000, 4000, "later\non"))

    got = cues_in_range(cues, 900, 3900)

    assert [(cue.start_ms, cue.end_ms, cue.text, cue.speaker) for cue in got] == [
        (100, 2100, "c d e f", "Ann"),
        (2100, 3000, "later\non", ""),
    ]
    assert got[0].words[0] == Word(100, 500, "c")
