"""A person's glossary: names and product words, as they are to be written, and found words corrected to it.

A word is corrected in two cases only: it is the term in other capitals, or the recogniser doubted it and it is spelt
or sounds almost like the term. Scripts without spaces are left as they were heard.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz.distance import Levenshtein

from mediakit.text.function_words import function_words
from mediakit.text.korean_nouns import stems
from mediakit.text.stored_words import DOUBTFUL_PROBABILITY
from mediakit.text.transcript import Word, is_unspaced, spread_words

MAX_TERMS, MAX_TERM_CHARS, MAX_TERM_WORDS = 200, 60, 5
# Letters (Korean: jamo) from which on one and two of them may be other than in the term.
ONE_EDIT_FROM, TWO_EDITS_FROM = 5, 9
MIN_KOREAN_SYLLABLES = 3
# What sounds alike has the same consonants, at least so many, and most of the same sounds.
MIN_CONSONANTS, MIN_SOUND_SIMILARITY = 4, 0.7

_PUNCTUATION = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
_POSSESSIVE = re.compile(r"['’]s$")
_LATIN = re.compile(r"[a-z0-9]+")
_SOUNDS = (
    (re.compile("ph"), "f"),
    (re.compile("th"), "t"),
    (re.compile("c(?=[eiy])|z"), "s"),
    (re.compile("ck|[cq]"), "k"),
    (re.compile("x"), "ks"),
    (re.compile("w"), "v"),
    (re.compile("y"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)


@dataclass(frozen=True)
class _Term:
    text: str

    @cached_property
    def words(self) -> list[str]:
        """Its words, folded."""
        return [key for part in self.text.split() if (key := _fold(part))]

    @cached_property
    def key(self) -> str:
        """Its letters, folded."""
        return "".join(self.words)


@dataclass(frozen=True, slots=True)
class _Span:
    """Consecutive words as one text: punctuation around it, letters, and an ending that is no part of a name."""

    words: tuple[Word, ...]
    before: str
    parts: tuple[str, ...]  # the words' letters, folded, the last one without the ending
    after: str

    @property
    def key(self) -> str:
        return "".join(self.parts)


def clean_terms(lines: Iterable[str]) -> list[str]:
    """Return terms with single spaces, without control characters and repeats; the first spelling counts."""
    terms: dict[str, str] = {}
    for line in lines:
        printable = "".join(char if char.isprintable() else " " for char in line)
        text = " ".join(unicodedata.normalize("NFC", printable).split())
        if key := _fold(text):
            terms.setdefault(key, text)
    return list(terms.values())


def correct_words(words: Sequence[Word], terms: Sequence[str], *, language: str = "") -> list[Word]:
    """Return the words with those that are a term written as the term; `Word.heard` keeps what was heard instead.

    A term is found where it was heard as more or fewer words, too. What a function word says is never changed by
    likeness. Endings stay: punctuation, 's, Korean particles.
    """
    if not terms:
        return list(words)
    known = sorted(filter(_is_findable, map(_Term, terms)), key=lambda term: -len(term.key))
    usual = function_words(language)
    little = usual.openers | usual.proclitics | usual.enclitics

    def is_alike(span: _Span, term: _Term) -> bool:
        fresh = not any(word.heard for word in span.words)
        return fresh and not little.intersection(span.parts) and _is_alike(span, term)

    return list(_replaced(list(_replaced(words, known, _is_exact)), known, is_alike))


def _is_findable(term: _Term) -> bool:
    """Whether each part of it has letters: "C & A" is told to the model only."""
    return 0 < len(term.words) == len(term.text.split())


def _replaced(
    words: Sequence[Word], terms: Sequence[_Term], matches: Callable[[_Span, _Term], bool]
) -> Iterator[Word]:
    """Yield the words, those that match a term as the term."""
    most = 1 + min(MAX_TERM_WORDS, max((len(term.words) for term in terms), default=0))
    at = 0
    while at < len(words):
        spans = _spans(words[at : at + most])
        found = next(((s, t) for s in spans for t in terms if matches(s, t)), None)
        if found is None:
            yield words[at]
            at += 1
        else:
            yield from _written(*found)
            at += len(found[0].words)


def _spans(words: Sequence[Word]) -> Iterator[_Span]:
    """Yield the spans that begin with the first word, the longest first; punctuation ends one."""
    parts = [_split(word.text) for word in words]
    open_until = next(
        (at for at in range(1, len(parts)) if parts[at - 1][2] or parts[at][0]), len(parts)
    )
    for count in range(open_until, 0, -1):
        letters = [_fold(part[1]) for part in parts[: count - 1]]
        for core, ending in _endings(parts[count - 1][1]):
            keys = (*letters, _fold(core))
            if all(keys):
                yield _Span(tuple(words[:count]), parts[0][0], keys, ending + parts[count - 1][2])


def _split(text: str) -> tuple[str, str, str]:
    """Return the punctuation before a word, the word, and the punctuation after it."""
    match = _PUNCTUATION.fullmatch(text)
    return (match[1], match[2], match[3]) if match else ("", text, "")


def _endings(word: str) -> Iterator[tuple[str, str]]:
    """Yield the word whole, and without a possessive or a Korean particle, with what was taken off."""
    yield word, ""
    for stem in (_POSSESSIVE.sub("", word), *stems(word)):
        if stem != word:
            yield stem, word[len(stem) :]


def _is_exact(span: _Span, term: _Term) -> bool:
    """Whether the span is the term but for capitals; divided differently only where the recogniser was not sure."""
    if span.key != term.key or span.before.endswith(("@", "#", "/", ".")):
        return False
    if list(span.parts) == term.words:
        return True
    return len(term.key) >= ONE_EDIT_FROM and any(_is_doubtful(word) for word in span.words)


def _is_alike(span: _Span, term: _Term) -> bool:
    """Whether the recogniser doubted each word that is not in the term, and the span is spelt or sounds like it."""
    said, key = span.key, term.key
    is_sure = any(
        not _is_doubtful(word) and part not in term.words
        for word, part in zip(span.words, span.parts, strict=True)
    )
    if is_sure or said == key or min(len(said), len(key)) < ONE_EDIT_FROM:
        return False
    if is_unspaced(term.text) or any(char.isdigit() for char in said + key):
        return False
    if _is_korean(term.text) and len(re.sub(r"[^가-힣]", "", term.text)) < MIN_KOREAN_SYLLABLES:
        return False
    edits = 2 if len(key) >= TWO_EDITS_FROM else 1
    if said[0] == key[0] and Levenshtein.distance(said, key, score_cutoff=edits) <= edits:
        return True
    return _sounds_alike(said, key)


def _sounds_alike(said: str, key: str) -> bool:
    if not (_LATIN.fullmatch(said) and _LATIN.fullmatch(key)):
        return False
    sounds = _sound(said), _sound(key)
    consonants = [re.sub("[aeiou]", "", sound) for sound in sounds]
    return (
        consonants[0] == consonants[1]
        and len(consonants[0]) >= MIN_CONSONANTS
        and Levenshtein.normalized_similarity(*sounds) >= MIN_SOUND_SIMILARITY
    )


def _sound(letters: str) -> str:
    for pattern, sound in _SOUNDS:
        letters = pattern.sub(sound, letters)
    return letters


def _written(span: _Span, term: _Term) -> Iterator[Word]:
    """Yield the words of the term, with the times of what was heard; a span that is written so already as it is."""
    texts = term.text.split()
    texts[0] = span.before + texts[0]
    texts[-1] += span.after
    if [word.text for word in span.words] == texts:
        yield from span.words
        return
    heard = " ".join(word.text for word in span.words)
    if len(texts) == len(span.words):
        for word, text in zip(span.words, texts, strict=True):
            yield replace(word, text=text, heard=word.text) if word.text != text else word
        return
    sure = [word.probability for word in span.words if word.probability is not None]
    for word in spread_words(" ".join(texts), span.words[0].start_ms, span.words[-1].end_ms):
        yield replace(
            word,
            estimated=len(texts) > 1 or any(each.estimated for each in span.words),
            probability=min(sure, default=None),
            heard=heard,
        )


def _is_doubtful(word: Word) -> bool:
    return word.probability is not None and word.probability < DOUBTFUL_PROBABILITY


def _is_korean(text: str) -> bool:
    return any("가" <= char <= "힣" for char in text)


def _fold(text: str) -> str:
    """Return letters and digits without case and accents; a Korean syllable as its letters (jamo)."""
    return "".join(
        char for char in unicodedata.normalize("NFKD", text.casefold()) if char.isalnum()
    )
