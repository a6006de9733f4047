"""The sentences of a transcript, with what each one does."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from mediakit.suggestions.openings import (
    addresses_somebody,
    filler_words,
    is_dangling,
    is_question,
    is_quoted_question,
    is_tag,
)
from mediakit.suggestions.phrases import Phrases
from mediakit.suggestions.statements import Form, statement_forms
from mediakit.text.transcript import (
    Cue,
    SentenceEnd,
    Word,
    estimate_words,
    is_punctuated,
    join_words,
)
from mediakit.text.unpunctuated import spoken_sentence_ends

_OPENING, _CLOSING = "[(（【", "])）】"
_NOISE = re.compile(r"[\[(（【][^\])）】]{2,40}[\])）】]|♪")
_LAUGHTER = re.compile(r"laugh|chuckl|rires?\b|risas|lachen|gelächter|웃음|笑", re.IGNORECASE)
_APPLAUSE = re.compile(r"applau|clapping|aplausos|beifall|박수|拍手|掌声", re.IGNORECASE)
# A clip may begin this much before its first word.
MAX_LEAD_MS = 150
# A question of at most so many words that has a pronoun is about something that was said before.
SHORT_QUESTION_WORDS = 8
_TOKEN = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence from its first word that is no filler. Times in ms; pauses reach to the neighbours' words.

    `starts_surely` and `ends_surely`: punctuation or a pause marks the border; otherwise it is only a guess. `tokens`
    are its words in lower case. A clip may begin `lead_ms` earlier. `stands_alone`: it does not begin with a word that
    needs what came before. `goes_on`: it does, or its filler is a connective such as "so". `is_question` says what may
    end and begin beside it; it `asks` if that is also a question that a clip can open with: neither quoted nor a
    short one about something that was said before ("Is this the point?").
    """

    start_ms: int
    end_ms: int
    text: str
    tokens: tuple[str, ...]
    speaker: str
    lead_ms: int
    pause_before_ms: int
    pause_after_ms: int
    starts_surely: bool
    ends_surely: bool
    stands_alone: bool
    goes_on: bool
    addresses: bool
    is_question: bool
    asks: bool
    is_chatter: bool
    forms: frozenset[Form]
    backward_count: int
    pronoun_count: int
    hesitation_count: int
    has_laughter: bool
    has_applause: bool


def read_sentences(cues: Sequence[Cue], language: Phrases, *, duration_ms: int) -> list[Sentence]:
    """Return the sentences in order of time. Descriptions of sounds, such as "[laughter]", are not part of the text."""
    timed = [estimate_words(cue) for cue in cues]
    said = sorted(
        ((word, cue.speaker) for cue in timed for word in _spoken(cue)),
        key=lambda each: each[0].start_ms,
    )
    words = [word for word, _ in said]
    punctuated = is_punctuated(words)
    noises = _Noises(cues)
    found: list[Sentence] = []
    first, sure = 0, True
    for last, ends_surely in _ends(said):
        sentence = _sentence(
            words[first:last],
            language,
            speaker=said[first][1],
            before_ms=words[first - 1].end_ms if first else 0,
            after_ms=words[last].start_ms if last < len(words) else duration_ms,
            borders=(sure, ends_surely),
            punctuated=punctuated,
            noises=noises,
        )
        if sentence is not None:
            found.append(sentence)
        first, sure = last, ends_surely
    return found


def _ends(said: Sequence[tuple[Word, str]]) -> list[tuple[int, bool]]:
    """Return the ends of sentences as (index of the next word, whether it is sure). A change of speaker is one."""
    words = [word for word, _ in said]
    ends = {index: kind != SentenceEnd.FORCED for index, kind in spoken_sentence_ends(words)}
    for index in range(1, len(said)):
        if said[index][1] != said[index - 1][1]:
            ends[index] = True
    return sorted(ends.items())


def _sentence(
    words: Sequence[Word],
    language: Phrases,
    *,
    speaker: str,
    before_ms: int,
    after_ms: int,
    borders: tuple[bool, bool],
    punctuated: bool,
    noises: "_Noises",
) -> Sentence | None:
    """Return the sentence of these words; None if they have no letters."""
    words = [*dropwhile(lambda word: not _TOKEN.search(word.text), words)]
    if not words:
        return None
    whole = _text(words)
    kept = words[filler_words(whole, language) :]
    text = _text(kept)
    text = text[:1].upper() + text[1:]
    end_ms = max(word.end_ms for word in kept)
    pause_ms = max(0, words[0].start_ms - before_ms)
    tokens = tuple(token.lower() for token in _TOKEN.findall(text))
    tag = is_tag(text, language)
    asks = not tag and is_question(text, language, punctuated=punctuated)
    pronouns = len(language.pronoun.findall(text))
    leans = pronouns > 0 and len(tokens) <= SHORT_QUESTION_WORDS
    laughter, applause = noises.between(words[0].start_ms, max(after_ms, end_ms))
    return Sentence(
        start_ms=kept[0].start_ms,
        end_ms=end_ms,
        text=text,
        tokens=tokens,
        speaker=speaker,
        lead_ms=0 if kept[0] is not words[0] else min(MAX_LEAD_MS, pause_ms // 2),
        pause_before_ms=pause_ms,
        pause_after_ms=max(0, after_ms - end_ms),
        starts_surely=borders[0],
        ends_surely=borders[1],
        stands_alone=not tag and not is_dangling(text, language),
        goes_on=is_dangling(text, language) or bool(language.connective.match(whole)),
        addresses=addresses_somebody(text, language),
        is_question=asks,
        asks=asks and not leans and not is_quoted_question(text),
        is_chatter=bool(language.chatter.search(text)),
        forms=statement_forms(text, language),
        backward_count=len(language.backward.findall(text)),
        pronoun_count=pronouns,
        hesitation_count=len(language.hesitation.findall(whole)),
        has_laughter=laughter,
        has_applause=applause,
    )


def _text(words: Sequence[Word]) -> str:
    return " ".join(join_words([word.text for word in words]).lstrip(">- ").split())


def _spoken(cue: Cue) -> Iterator[Word]:
    """Yield the words of a cue that are no description of a sound."""
    inside = False
    for word in cue.words:
        inside = inside or (word.text[:1] in _OPENING and bool(_NOISE.search(cue.text)))
        if not inside and "♪" not in word.text:
            yield word
        inside = inside and word.text.rstrip(".,:;!?")[-1:] not in _CLOSING


class _Noises:
    """Laughter and applause as the captions name them, by time."""

    def __init__(self, cues: Sequence[Cue]) -> None:
        found = []
        for cue in cues:
            named = " ".join(_NOISE.findall(cue.text))
            laughter, applause = bool(_LAUGHTER.search(named)), bool(_APPLAUSE.search(named))
            if laughter or applause:
                found.append((cue.start_ms, laughter, applause))
        self._found = sorted(found)
        self._starts = [start_ms for start_ms, _, _ in self._found]

    def between(self, start_ms: int, end_ms: int) -> tuple[bool, bool]:
        """Return whether there is laughter, and applause, from `start_ms` to `end_ms`."""
        low, high = (bisect_right(self._starts, time) for time in (start_ms - 1, end_ms))
        inside = self._found[low:high]
        return any(each[1] for each in inside), any(each[2] for each in inside)
