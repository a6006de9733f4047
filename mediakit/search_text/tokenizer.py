"""The tokens of a text. Texts and queries go through the same functions, so that both databases find the same.

A token begins with its kind: `w` a word (English ones as stems), `k` a Korean word or the second half of a compound,
`g` two neighbouring characters of Korean, Japanese or Chinese.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from mediakit.search_text.folding import encode, fold, stem

WORD, KOREAN, GRAM = "w", "k", "g"
# Stands between the parts of an indexed text; no word has this token, so no phrase reaches over it.
SEPARATOR = "z"

_HANGUL = "가-힣\u1100-\u11ff\u3131-\u318e"
_CJ = "々〆ぁ-ヿㇰ-ㇿ㐀-䶿一-鿿\uf900-\ufaffｦ-ﾟ\U00020000-\U0003fffd"


def _marks() -> str:
    """Return the combining marks as ranges of a character class: they belong to the word before them."""
    codes = [code for code in range(0x300, 0xFFFF) if unicodedata.category(chr(code))[0] == "M"]
    spans: list[list[int]] = []
    for code in codes:
        if spans and spans[-1][1] == code - 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans) + "\u200c\u200d\u0640"


# The plain letters first, because they are most and quickly told.
_LETTER = f"(?:[a-zA-Z0-9]|(?![{_HANGUL}{_CJ}])(?:[^\\W_]|[{_marks()}]))"
_RUN = re.compile(
    f"(?P<hangul>[{_HANGUL}]+)|(?P<cj>[{_CJ}]+)|(?P<other>{_LETTER}+(?:['’ʼ]{_LETTER}+)*)"
)
# English: the negation is part of the word, other endings after an apostrophe are not.
_NEGATED = re.compile(r"n['’ʼ]t$", re.IGNORECASE)
_CONTRACTED = re.compile(r"['’ʼ](?:s|re|ve|ll|d|m)$", re.IGNORECASE)
_WORD_PARTS = re.compile(r"[^'’ʼ]+")
# The second half of a Korean compound is found from its third syllable on (초등학교: 학교).
TAIL_FROM = 2
_ENDING_ONLY = re.compile(
    r"(?:[습입합]니다|니다|[어아여해]요|[이예]에?요|에서[는도]?|으로[는도]?|에게|까지|부터|하고|하는|는데|지만|면서|입니다)$"
)


class Token(NamedTuple):
    """One word of a text: its token, and where it stands as character offsets."""

    text: str
    start: int
    end: int


class Run(NamedTuple):
    """A run of letters of one script as it is written: `kind` is `hangul`, `cj` or `other`."""

    kind: str
    text: str
    start: int
    end: int


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of letters and digits of a text."""
    for match in _RUN.finditer(text):
        yield Run(str(match.lastgroup), match.group(), match.start(), match.end())


def words(text: str) -> Iterator[Token]:
    """Yield the words of a text in order, except those in Japanese and Chinese, which have no marked ends."""
    for match in _RUN.finditer(text):
        kind, run = match.lastgroup, match.group()
        if kind == "hangul":
            yield Token(encode(KOREAN, compose(run)), *match.span())
        elif kind == "other":
            is_plain = run.isalnum()
            parts = [(run, *match.span())] if is_plain else _parts(run, match.start(), match.end())
            for surface, start, end in parts:
                token = _word_token(surface)
                if token:
                    yield Token(token, start, end)


@lru_cache(maxsize=32_768)
def _word_token(surface: str) -> str:
    """Return the token of a word in letters as it is written; "" when folding leaves nothing of it."""
    folded = fold(surface)
    return encode(WORD, stem(folded)) if folded else ""


def surface_words(text: str) -> Counter[str]:
    """Count the folded, unstemmed words of a text in scripts of letters, to complete and correct queries with."""
    found: Counter[str] = Counter()
    for run in runs(text):
        if run.kind == "other":
            found.update(
                folded
                for folded in (
                    fold(surface) for surface, _, _ in _parts(run.text, run.start, run.end)
                )
                if 2 <= len(folded) <= 40 and folded.isalpha()
            )
    return found


def compose(text: str) -> str:
    """Return Korean or Japanese text with composed characters of normal width."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def grams(text: str) -> list[str]:
    """Return the tokens of all two neighbouring characters of a composed text."""
    return [encode(GRAM, first + second) for first, second in pairwise(text)]


def index_text(texts: Iterable[str]) -> str:
    """Return what is indexed of some texts: words, then halves of compounds, then pairs, divided by spaces."""
    stream: list[str] = []
    tails: list[str] = []
    pairs: list[str] = []
    for text in texts:
        stream += [token.text for token in words(text)]
        stream.append(SEPARATOR)
        for line in unspaced_lines(text):
            pairs += grams(line)
            pairs.append(encode(GRAM, line[-1]))  # found alone, and ends the line
        tails += [
            encode(KOREAN, tail)
            for run in runs(text)
            if run.kind == "hangul"
            for tail in word_tails(compose(run.text))
        ]
    return " ".join([*stream, *tails, SEPARATOR, *pairs, SEPARATOR])


def word_tails(word: str) -> Iterator[str]:
    """Yield the second halves of a Korean word of four syllables and more, each of two syllables and more."""
    for start in range(TAIL_FROM, len(word) - 1):
        tail = word[start:]
        if not _ENDING_ONLY.match(tail):
            yield tail


def unspaced_lines(text: str) -> list[str]:
    """Return the stretches of Korean without their spaces, and those of Japanese and Chinese."""
    lines: list[str] = []
    end, kind = -1, ""
    for run in runs(text):
        continues = kind == run.kind == "hangul" and not text[end : run.start].strip()
        if run.kind != "other":
            if continues:
                lines[-1] += compose(run.text)
            else:
                lines.append(compose(run.text))
        end, kind = run.end, run.kind
    return lines


def _parts(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Yield (word, start, end) of a run of letters: divided at apostrophes, English contractions undone."""
    if text.isalnum():
        yield text, start, end
        return
    if _NEGATED.search(text):
        yield "".join(_WORD_PARTS.findall(text)), start, end
        return
    kept = _CONTRACTED.sub("", text) or text
    parts = list(_WORD_PARTS.finditer(kept))
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        yield part.group(), start + part.start(), end if is_last else start + part.end()
