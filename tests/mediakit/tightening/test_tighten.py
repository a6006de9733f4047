"""What may go: pauses without a word and a voice, fillers, repeated starts. Speech never does."""

import pytest

from mediakit.asr.speech_index import SpeechIndex
from mediakit.cutting.cut_time import MAX_RANGES
from mediakit.text.transcript import Word
from mediakit.tightening.tighten import CutKind, Speed, suggest_cuts, without_cuts
from tests.mediakit.tightening.spoken_talk import flat_index

WORD_MS, GAP_MS = 300, 120


def overlap(first, second) -> int:
    return max(0, min(first[1], second[1]) - max(first[0], second[0]))


def said(text: str, *, gap_ms: int = GAP_MS, gaps: dict[int, int] | None = None):
    """Words with a gap after each (others by its number), and the index of their sound."""
    words, at = [], 1_000
    for number, token in enumerate(text.split()):
        words.append(Word(at, at + WORD_MS, token))
        at += WORD_MS + (gaps or {}).get(number, gap_ms)
    return words, flat_index([(word.start_ms, word.end_ms) for word in words], at + 2_000)


def cuts_of(text: str, *, language: str = "en", speed: Speed = Speed.CALM, **gaps):
    words, index = said(text, **gaps)
    whole = [(words[0].start_ms - 40, words[-1].end_ms + 40)]
    return suggest_cuts(words, index, whole, speed=speed, language=language)


def texts(cuts, kind: CutKind) -> list[str]:
    return [cut.text for cut in cuts if cut.kind == kind]


@pytest.mark.parametrize("speed", Speed)
def test_nothing_of_100_pauses_is_speech_and_the_long_ones_get_shorter(talk, speed):
    cuts = suggest_cuts(talk.heard, talk.index, [(0, talk.duration_ms)], speed=speed, language="en")
    removed_ms = sum(
        overlap((cut.start_ms, cut.end_ms), said) for cut in cuts for said in talk.speech_ms
    )
    assert removed_ms == 0
    long = [span for span in talk.pauses_ms if span[1] - span[0] > 600]
    shortened = [
        span for span in long if any(overlap((c.start_ms, c.end_ms), span) > 100 for c in cuts)
    ]
    assert len(shortened) >= 0.95 * len(long) > 50


def test_faster_speeds_shorten_more_pauses_to_less():
    gaps = {0: 1_000, 1: 400, 2: 150}
    saved = {
        speed: [cut.saved_ms for cut in cuts_of("one two three four", speed=speed, gaps=gaps)]
        for speed in Speed
    }
    assert saved == {Speed.CALM: [700], Speed.BRISK: [860, 260], Speed.FAST: [920, 320, 70]}


def test_a_pause_that_is_loud_or_has_a_voice_stays():
    words, index = said("one two", gaps={0: 1_000})
    for missed in (0xB0, 0x60):  # a soft voice, a loud noise
        steps = bytearray(index.steps)
        steps[140:220] = bytes([missed]) * 80
        ranges = [(words[0].start_ms, words[-1].end_ms)]
        assert suggest_cuts(words, SpeechIndex(bytes(steps)), ranges) == []


def test_a_word_that_was_missed_after_a_filler_stays():
    words, index = said("I um think", gaps={0: 200, 1: 1_000})
    ranges = [(words[0].start_ms, words[-1].end_ms)]
    (whole,) = (cut for cut in suggest_cuts(words, index, ranges, language="en") if cut.text)
    assert (whole.start_ms, whole.end_ms) == (words[1].start_ms - 40, words[2].start_ms - 40)
    missed_ms = words[1].end_ms + 400
    for level in (0xB0, 0x60, 0x90):  # a voice, a noise, a whisper as soft as the room
        steps = bytearray(index.steps)
        steps[missed_ms // 10 : missed_ms // 10 + 30] = bytes([level]) * 30
        (filler,) = (
            cut
            for cut in suggest_cuts(words, SpeechIndex(bytes(steps)), ranges, language="en")
            if cut.text
        )
        assert filler.end_ms <= missed_ms - 40


def test_fillers_go_where_they_are_heard_apart():
    assert texts(cuts_of("so um I think Uh, well"), CutKind.FILLER) == ["um", "Uh,"]
    assert texts(cuts_of("I um think", gap_ms=20), CutKind.FILLER) == []
    assert texts(cuts_of("it is, you know, a lot"), CutKind.FILLER) == ["you know,"]
    close = {0: 60, 1: 60, 2: 60, 3: 60}
    assert texts(cuts_of("do you know the way", gaps=close), CutKind.FILLER) == []


def test_fillers_are_those_of_the_language():
    assert texts(cuts_of("그래서 음, 저기, 학교에 갔다", language="ko"), CutKind.FILLER) == [
        "음,",
        "저기,",
    ]
    assert texts(cuts_of("그래서 음, 저기, 학교에 갔다", language="en"), CutKind.FILLER) == []


def test_a_start_that_is_said_again_goes_once():
    found = cuts_of("we were we were going to the the th- this place")
    assert texts(found, CutKind.REPEAT) == ["we were", "the", "th-"]
    assert texts(cuts_of("it is very very good. Good idea"), CutKind.REPEAT) == []
    assert texts(cuts_of("빨리 빨리 가자 제가 제가 할게요", language="ko"), CutKind.REPEAT) == [
        "제가"
    ]


def test_what_is_outside_the_ranges_is_not_touched_and_ranges_stay_few():
    words, index = said(" ".join(f"word{number}" for number in range(300)), gap_ms=900)
    ranges = [(words[10].start_ms - 40, words[20].end_ms + 40)]
    found = suggest_cuts(words, index, ranges)
    assert [cut.kind for cut in found] == [CutKind.PAUSE] * 10
    assert all(ranges[0][0] <= cut.start_ms < cut.end_ms <= ranges[0][1] for cut in found)
    whole = [(0, words[-1].end_ms + 40)]
    many = suggest_cuts(words, index, whole)
    assert len(without_cuts(whole, many)) == MAX_RANGES
    assert suggest_cuts(words, SpeechIndex(), whole) == []


def test_a_pause_that_was_shortened_can_be_shortened_further():
    words, index = said("one two", gaps={0: 1_000})
    whole = [(words[0].start_ms, words[-1].end_ms)]
    (calm,) = suggest_cuts(words, index, whole)
    tight = without_cuts(whole, [calm])
    assert suggest_cuts(words, index, tight) == []
    (fast,) = suggest_cuts(words, index, tight, speed=Speed.FAST)
    assert (calm.saved_ms, fast.saved_ms) == (700, 220)
    assert fast.start_ms < calm.start_ms < calm.end_ms < fast.end_ms
    assert len(without_cuts(tight, [fast])) == 2


def test_without_words_only_silence_goes():
    index = flat_index([(1_000, 2_000), (5_000, 6_000)], 8_000)
    (cut,) = suggest_cuts([], index, [(1_000, 6_000)])
    assert cut.kind == CutKind.PAUSE
    assert 2_000 <= cut.start_ms < cut.end_ms <= 5_000
    assert (
        suggest_cuts([], flat_index([(1_000, 2_000), (2_500, 6_000)], 8_000), [(1_000, 6_000)])
        == []
    )
    assert without_cuts([(1_000, 6_000)], [cut]) == [(1_000, cut.start_ms), (cut.end_ms, 6_000)]
