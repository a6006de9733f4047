"""Where cuts go beside words: in the quiet that is heard, whatever the recogniser's times are."""

from mediakit.asr.speech_index import SpeechIndex
from mediakit.text.transcript import Word
from mediakit.tightening.quiet import QuietMap
from mediakit.tightening.tighten import snapped_span
from mediakit.tightening.word_borders import AIR_MS, word_borders, words_as_heard
from tests.mediakit.tightening.spoken_talk import flat_index

# Times are heard in steps of 10 ms, and the level falls within one.
STEP_MS = 10


def borders_of(words, voice_ms, length_ms=4_000):
    quiet = QuietMap(flat_index(voice_ms, length_ms), 0, length_ms)
    return word_borders(words, quiet, duration_ms=length_ms)


def test_no_cut_of_a_spoken_talk_is_inside_a_word(talk):
    quiet = QuietMap(talk.index, 0, talk.duration_ms)
    borders = word_borders(talk.heard, quiet, duration_ms=talk.duration_ms)
    starts = [start for start, _ in talk.true_ms] + [talk.duration_ms]
    ends = [0] + [end for _, end in talk.true_ms]
    checked = 0
    for border, end_ms, start_ms in zip(borders, ends, starts, strict=True):
        if start_ms - end_ms < 40:
            continue
        checked += 1
        assert end_ms <= border.end_ms <= border.start_ms <= start_ms
        if start_ms - end_ms > 200 and end_ms and start_ms < talk.duration_ms:
            assert 20 <= border.end_ms - end_ms <= AIR_MS + 3 * STEP_MS
            assert 20 <= start_ms - border.start_ms <= AIR_MS + 3 * STEP_MS
    assert checked > 130


def test_the_sound_corrects_times_that_are_early_or_late():
    said = [(1_000, 1_400), (2_000, 2_500)]
    for off_ms in (-90, 0, 90):
        words = [Word(start + off_ms, end + off_ms, "word") for start, end in said]
        first, between, last = borders_of(words, said)
        assert (first.start_ms, between.end_ms) == (960, 1_440)
        assert (between.start_ms, last.end_ms) == (1_960, 2_540)


def test_a_word_that_is_said_to_fill_the_pause_ends_where_it_is_heard_to_end():
    words = [Word(1_000, 2_000, "long"), Word(2_000, 2_500, "next")]
    assert borders_of(words, [(1_000, 1_400), (2_000, 2_500)])[1].end_ms == 1_440


def test_the_closure_of_a_last_consonant_is_no_border():
    words = [Word(1_000, 1_400, "stop"), Word(2_000, 2_500, "next")]
    said = [(1_000, 1_280), (1_350, 1_400), (2_000, 2_500)]
    assert borders_of(words, said)[1].end_ms == 1_440


def test_words_that_run_together_are_parted_where_they_are_softest():
    steps = bytearray(flat_index([(1_000, 2_000)], 4_000).steps)
    steps[148:151] = bytes([steps[120] - 10]) * 3  # 7.5 dB softer, far from quiet
    words = [Word(1_000, 1_460, "run"), Word(1_460, 2_000, "on")]
    (_, border, _) = word_borders(
        words, QuietMap(SpeechIndex(bytes(steps)), 0, 4_000), duration_ms=4_000
    )
    assert (border.end_ms, border.start_ms, border.is_pause) == (1_495, 1_495, False)


def test_a_span_of_words_ends_in_the_quiet_beside_them():
    index = flat_index([(1_000, 1_400), (2_000, 2_500)], 4_000)
    words = [Word(940, 1_460, "one"), Word(2_050, 2_450, "two")]
    assert snapped_span(words, index, (1_000, 2_500), duration_ms=4_000) == (960, 2_540)
    assert snapped_span(words, index, (2_000, 2_500), duration_ms=4_000) == (1_960, 2_540)
    assert snapped_span([], index, (2_000, 2_500), duration_ms=4_000) == (2_000, 2_500)
    assert snapped_span(words, SpeechIndex(), (2_000, 2_500), duration_ms=4_000) == (2_000, 2_500)


def test_words_that_are_said_to_fill_pauses_get_as_short_as_they_are_heard():
    said = [(1_000, 1_400), (2_000, 2_500), (2_520, 3_000)]
    quiet = QuietMap(flat_index(said, 4_000), 0, 4_000)
    words = [Word(700, 1_900, "one"), Word(1_900, 2_500, "two"), Word(2_500, 2_980, "three")]
    heard = words_as_heard(words, quiet, duration_ms=4_000)
    assert [(word.start_ms, word.end_ms) for word in heard] == [
        (960, 1_440),
        (1_960, 2_500),
        (2_500, 2_980),
    ]
    silent = QuietMap(flat_index([], 4_000), 0, 4_000)
    assert all(
        word.start_ms < word.end_ms for word in words_as_heard(words, silent, duration_ms=4_000)
    )
    assert words_as_heard([], quiet, duration_ms=4_000) == ()
