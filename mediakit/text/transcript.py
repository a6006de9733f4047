"""Words, cues and transcripts with their times in integer ms, and sentence boundaries."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import partial
from itertools import pairwise

# A longer sentence is split; the second limit is for text without punctuation.
MAX_SENTENCE_MS = 45_000
MAX_UNPUNCTUATED_MS = 20_000
# A pause this long ends a sentence that has no full stop (shorter where nothing is punctuated).
PAUSE_MS = 2_500
PAUSE_UNPUNCTUATED_MS = 700
# A text with fewer sentence ends than one in this many words counts as unpunctuated.
WORDS_PER_SENTENCE = 40
# The last estimated word of a cue ends this share of the cue (1/20), at most MAX_TAIL_MS, before the cue does.
# So the end of a cue counts as a small pause even if the next cue follows at once.
TAIL_DIVISOR = 20
MAX_TAIL_MS = 80

# Limits of a transcript line; a pause of LINE_PAUSE_MS ends one.
MAX_LINE_CHARS, MAX_LINE_MS, LINE_PAUSE_MS = 84, 8_000, 1_500

_CLOSERS = "\"'”’»›」』）)]}〉》*♪ "
_OPENERS = "\"'“‘«‹「『（([{〈《¿¡*♪-–— "
_TERMINALS = ".!?…。！？．؟۔।॥"
_CJK = "぀-ヿ㐀-䶿一-鿿\uf900-﫿ｦ-ﾟ々〆"
_CJK_PUNCTUATION = "。、！？，；：・…」』）〉》】"
_CJK_CHAR = re.compile(f"[{_CJK}{_CJK_PUNCTUATION}「『（〈《【]")
# A zero-width space at the beginning of a word: no space is written before it. Needed for Thai, where spaces have a
# meaning; in other scripts the letters decide.
NO_SPACE_MARK = "\u200b"
_UNSPACED = re.compile(f"[{_CJK}\u0e00-\u0e7f]")
# Inside a run without spaces: a phrase is up to four ideographs with the kana after them.
_CJK_PHRASE = re.compile(
    f"[「『（〈《【]*(?:[㐀-䶿一-鿿\uf900-﫿々〆]{{1,4}}[ぁ-ゖー]{{0,6}}|[ァ-ヿｦ-ﾟ]{{1,12}}[ぁ-ゖー]{{0,6}}"
    f"|[ぁ-ゖー]{{1,8}}|[^{_CJK}「『（〈《【{_CJK_PUNCTUATION}]+|.)[{_CJK_PUNCTUATION}]*"
)
_ABBREVIATED = (
    "mr mrs ms dr prof sr jr st vs etc approx dept est fig figs gen col lt sgt capt cmdr rev hon"
    " inc ltd co corp no nos vol pp ed eds al ca cf e.g i.e eg ie p.s a.m p.m am pm u.s u.k ph.d"
    " jan feb mar apr jun jul aug sep sept oct nov dec mt ft bros mme mlle m mm bzw z.b d.h usw"
    " nr str hr fr sra srta ud uds av"
)
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
# These may end a sentence, so the next word decides.
_OPEN_ABBREVIATED = "etc a.m p.m am pm inc ltd co corp u.s u.k jr sr usw"
_OPEN_ABBREVIATIONS = frozenset(_OPEN_ABBREVIATED.split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_LIST_NUMBER = re.compile(r"\d{1,3}")
# Closing forms of Korean verbs; the nouns that end in the same syllable are left out.
_KOREAN_END = re.compile(r"(?:[가-힣]니다|니까|[가-힣](?<![중필수주개동강고])요|[가-힣]죠)$")


class WordCorrection(StrEnum):
    """Where the time of a word that a person corrected comes from."""

    NONE = ""  # not corrected
    TIMED = "timed"  # it is the time of the one word that it replaces
    SPREAD = "spread"  # a share, by letters, of the time of the words that it replaces
    HEARD = "heard"  # the speech model found it in the sound


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word. `estimated` means that its times were derived from its cue's, not measured.

    `probability` (0 to 1) is how sure a recogniser was of it; None for words that people wrote. `heard` is what the
    recogniser wrote where the owner's glossary or a correction has it otherwise.
    """

    start_ms: int
    end_ms: int
    text: str
    estimated: bool = False
    probability: float | None = None
    heard: str = ""
    correction: WordCorrection = WordCorrection.NONE


@dataclass(frozen=True, slots=True)
class Cue:
    """One timed line of text. `words` is empty until word times are read or estimated."""

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...] = ()
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Cues in order of time. `language` is a code such as `en`, or empty if unknown."""

    language: str
    cues: tuple[Cue, ...]


class SentenceEnd(IntEnum):
    """The evidence for the end of a sentence; a smaller value is more certain."""

    STOP = 0  # a full stop
    PAUSE = 1  # a long pause
    FORCED = 2  # only length: the best place inside a long run


def tokenize(text: str) -> list[str]:
    """Split a text into words at spaces; runs of Chinese or Japanese into short phrases."""
    found: list[str] = []
    for token in text.split():
        if _CJK_CHAR.search(token):
            found.extend(match.group() for match in _CJK_PHRASE.finditer(token))
        else:
            found.append(token)
    return found


def join_words(words: Sequence[str]) -> str:
    """Join words with a space between two, except where both are in a script that writes none."""
    text = "".join(
        before + ("" if _are_unspaced(before, after) else " ") for before, after in pairwise(words)
    )
    return text + (words[-1] if words else "")


def _are_unspaced(before: str, after: str) -> bool:
    both_cjk = _CJK_CHAR.match(before[-1:]) and _CJK_CHAR.match(after[:1])
    return bool(both_cjk) or after.startswith(NO_SPACE_MARK)


def is_unspaced(text: str) -> bool:
    """Whether the text is in a script that writes no spaces between words: Chinese, Japanese, Thai."""
    return bool(_UNSPACED.search(text))


def spread_words(text: str, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """Return the words of `text` with estimated times: the span is divided in proportion to their length."""
    parts = tokenize(text)
    if not parts:
        return ()
    weights = [duration_weight(part) for part in parts]
    total, done = sum(weights), 0
    length = max(0, end_ms - start_ms)
    words = []
    for part, weight in zip(parts, weights, strict=True):
        first = start_ms + length * done // total
        done += weight
        words.append(Word(first, start_ms + length * done // total, part, estimated=True))
    return tuple(words)


def duration_weight(token: str) -> int:
    """Return how long a token takes to speak, in letters. A character of a syllabic script counts twice."""
    letters = sum(2 if ord(char) > 0x2E80 else 1 for char in token if char.isalnum())
    pause = 2 if token[-1] in _TERMINALS else 1 if token[-1] in ",;:、，—–" else 0
    return letters + 1 + pause


def estimate_words(cue: Cue) -> Cue:
    """Return the cue with words: its own if it has them, else estimated ones."""
    if cue.words:
        return cue
    length = cue.end_ms - cue.start_ms
    tail = min(MAX_TAIL_MS, length // TAIL_DIVISOR)
    return replace(cue, words=spread_words(cue.text, cue.start_ms, cue.end_ms - tail))


def cues_in_range(cues: Iterable[Cue], start_ms: int, end_ms: int) -> tuple[Cue, ...]:
    """Return the words of exactly that range, in cues with times in ms from the range's start.

    A word belongs to the range if its middle does. Words without times get shares of their cue by their length.
    A cue wholly inside the range keeps its text as written.
    """
    found = []
    for cue in cues:
        if cue.end_ms <= start_ms or cue.start_ms >= end_ms:
            continue
        whole = estimate_words(cue)
        inside = [w for w in whole.words if start_ms <= (w.start_ms + w.end_ms) // 2 < end_ms]
        if inside:
            found.append(_clip_cue(whole, inside, start_ms, end_ms))
    return tuple(found)


def _clip_cue(cue: Cue, inside: Sequence[Word], start_ms: int, end_ms: int) -> Cue:
    """Return the cue with only the words `inside`, with times from the range's start and limited to the range."""

    def at(time_ms: int) -> int:
        return min(max(time_ms, start_ms), end_ms) - start_ms

    words = tuple(replace(w, start_ms=at(w.start_ms), end_ms=at(w.end_ms)) for w in inside)
    if len(words) == len(cue.words):
        return Cue(at(cue.start_ms), at(cue.end_ms), cue.text, words, cue.speaker)
    first = words[0].start_ms if inside[0] != cue.words[0] else at(cue.start_ms)
    last = words[-1].end_ms if inside[-1] != cue.words[-1] else at(cue.end_ms)
    return Cue(first, last, join_words([word.text for word in words]), words, cue.speaker)


def split_into_lines(words: Sequence[Word]) -> list[Cue]:
    """Return the words as transcript lines: one per sentence; long sentences are broken at a pause or comma."""
    cues: list[Cue] = []
    for first, last in sentence_spans(words):
        line: list[Word] = []
        for index in range(first, last):
            if line and _breaks_line(line, words[index]):
                cues.append(_line(line))
                line = []
            line.append(words[index])
        cues.append(_line(line))
    return cues


def _breaks_line(line: Sequence[Word], word: Word) -> bool:
    """Whether a line ends before the word."""
    letters = sum(len(said.text) + 1 for said in line)
    comfortable = letters * 3 > MAX_LINE_CHARS * 2 and _break_quality_ms((line[-1], word), 1) >= 100
    too_long = (
        letters + len(word.text) > MAX_LINE_CHARS or word.end_ms - line[0].start_ms > MAX_LINE_MS
    )
    return comfortable or too_long or word.start_ms - line[-1].end_ms > LINE_PAUSE_MS


def _line(words: Sequence[Word]) -> Cue:
    text = join_words([word.text for word in words])
    return Cue(words[0].start_ms, max(word.end_ms for word in words), text, tuple(words))


def sentence_spans(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the sentences as (first index, index after the last). Every word is in exactly one."""
    spans, first = [], 0
    for last, _ in sentence_ends(words):
        spans.append((first, last))
        first = last
    return spans


def sentence_ends(words: Sequence[Word]) -> list[tuple[int, SentenceEnd]]:
    """Return the ends of sentences as (index of the next word, evidence), including the last one."""
    if not words:
        return []
    stops = _stops(words)
    punctuated = _has_enough_stops(stops, words)
    ends = dict.fromkeys(stops, SentenceEnd.STOP)
    pause = PAUSE_MS if punctuated else PAUSE_UNPUNCTUATED_MS
    for index in range(1, len(words)):
        if words[index].start_ms - words[index - 1].end_ms >= pause:
            ends.setdefault(index, SentenceEnd.PAUSE)
    ends[len(words)] = ends.get(len(words), SentenceEnd.STOP)
    longest = MAX_SENTENCE_MS if punctuated else MAX_UNPUNCTUATED_MS
    for first, last in pairwise([0, *sorted(ends)]):
        for index in forced_breaks(
            words, first, last, longest, quality=partial(_break_quality_ms, words)
        ):
            ends[index] = SentenceEnd.FORCED
    return sorted(ends.items())


def is_punctuated(words: Sequence[Word]) -> bool:
    """Whether a text has about as many ends of sentences as punctuated text has."""
    return _has_enough_stops(_stops(words), words)


def _has_enough_stops(stops: Sequence[int], words: Sequence[Word]) -> bool:
    return len(stops) * WORDS_PER_SENTENCE >= len(words) - WORDS_PER_SENTENCE // 2


def _stops(words: Sequence[Word]) -> list[int]:
    """Return the indices of words that follow the end of a sentence by its punctuation or its form."""
    cased = _is_cased(words)
    return [
        index
        for index in range(1, len(words))
        if _ends_sentence(words[index - 1].text, words[index].text, cased=cased)
        or _is_korean_end(words[index - 1], words[index])
    ]


def forced_breaks(
    words: Sequence[Word],
    first: int,
    last: int,
    longest_ms: int,
    *,
    quality: Callable[[int], int],
) -> list[int]:
    """Return indices that divide a run of words into parts no longer than `longest_ms`.

    Each division lies in the middle half of a part, where `quality` of the word's index is best. So the parts are of
    similar length, and the work stays small.
    """
    found, open_runs = [], [(first, last)]
    while open_runs:
        begin, end = open_runs.pop()
        start_ms, length = words[begin].start_ms, words[end - 1].end_ms - words[begin].start_ms
        if length <= longest_ms or end - begin < 2:
            continue
        low, high = start_ms + length // 4, start_ms + length * 3 // 4
        inner = [i for i in range(begin + 1, end) if low <= words[i].start_ms <= high]
        middle = start_ms + length // 2
        cut = max(
            inner or range(begin + 1, end),
            key=lambda i: (
                quality(i),
                -abs(words[i].start_ms - middle),
            ),
        )
        found.append(cut)
        open_runs += [(begin, cut), (cut, end)]
    return found


def _break_quality_ms(words: Sequence[Word], index: int) -> int:
    """Return how good a break before the word at `index` is, in ms of pause; a comma counts as 150 ms."""
    before, after = words[index - 1], words[index]
    comma = 150 if before.text[-1:] in ",;:、，" else 0
    return max(0, after.start_ms - before.end_ms) + comma


def _is_cased(words: Sequence[Word]) -> bool:
    """Whether the text uses capitals, so that a lower-case letter means that a sentence continues."""
    capitals = sum(1 for word in words if word.text.lstrip(_OPENERS)[:1].isupper())
    return capitals * 50 >= len(words)


def _ends_sentence(text: str, following: str, *, cased: bool) -> bool:
    """Whether `text` ends its sentence, given the word that follows."""
    body = text.rstrip(_CLOSERS)
    if not body or body[-1] not in _TERMINALS or not following.strip(_TERMINALS + _CLOSERS):
        return False
    head = following.lstrip(_OPENERS)[:1]
    goes_on = cased and head.islower()
    if body[-1] == "…" or body.endswith(".."):
        return not goes_on
    if body[-1] != ".":
        return not (goes_on and body != text)  # a quoted question inside a sentence
    return not goes_on and not _is_abbreviation(body[:-1].lstrip(_OPENERS), head)


def _is_abbreviation(stem: str, head: str) -> bool:
    """Whether the full stop after `stem` marks an abbreviation. `head` is the first letter of the next word."""
    lowered = stem.lower()
    if lowered in _OPEN_ABBREVIATIONS:
        return not head.isupper()
    if lowered in _ABBREVIATIONS:
        # "No." and "Co." abbreviate before a number only; on their own they are words.
        return lowered not in {"no", "est", "ed", "mar", "al"} or head.isdigit()
    if _INITIALS.fullmatch(stem) and stem.isascii() and lowered != "i":
        return True
    return bool(_LIST_NUMBER.fullmatch(stem)) and head.isdigit()


def _is_korean_end(before: Word, after: Word) -> bool:
    """Whether a final verb form before a pause ends a Korean sentence without punctuation."""
    pause = after.start_ms - before.end_ms
    return pause >= MAX_TAIL_MS // 2 and bool(_KOREAN_END.search(before.text.rstrip(_CLOSERS)))
