"""A search query: words, "exact phrases" and -excluded words, as terms that every index can look up."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from mediakit.search_text.folding import encode, fold, stem
from mediakit.search_text.korean import forms_of, noun_of
from mediakit.search_text.tokenizer import (
    GRAM,
    KOREAN,
    WORD,
    compose,
    grams,
    runs,
    unspaced_lines,
    words,
)

# A Korean word of this many syllables is found across spaces too (인공지능, 인공 지능).
SPACING_FROM = 4
# The most written forms of one Korean word that are looked up.
MAX_FORMS = 120
_CHUNK = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'))
_SYLLABLES = re.compile("[가-힣]+")
# Sounds without a vowel or final, as they stand while a syllable is being typed.
_UNFINISHED = re.compile("[\u3131-\u318e]+$")


class Phrase(NamedTuple):
    """Tokens that follow each other in a text. With `is_prefix` the last one may go on."""

    tokens: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a query: any of its phrases occurs. `parts` are found inside of longer words only.

    `word` is the folded word as it was typed, to complete or correct it; "" where that is not possible.
    """

    phrases: tuple[Phrase, ...]
    parts: tuple[Phrase, ...] = ()
    word: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """All `required` terms occur, none of the `excluded`."""

    required: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()

    def loosened(self) -> "Query":
        """The query with the parts of words that are found only inside of longer words."""
        required = tuple(replace(term, phrases=term.phrases + term.parts) for term in self.required)
        return replace(self, required=required)

    @property
    def is_loosenable(self) -> bool:
        """Whether `loosened` may find more."""
        return any(term.parts for term in self.required)


def parse_query(text: str) -> Query:
    """Parse what a person typed. Anything is a query; one without words has no `required` terms.

    A quote that is not closed reaches to the end. The same word twice is one term.
    """
    required: dict[Term, None] = {}
    excluded: dict[Term, None] = {}
    for match in _CHUNK.finditer(text.translate(_QUOTES)):
        if match["word"] is None:
            terms = list(_phrase_terms(match["phrase"]))
            is_excluded = bool(match["minus"])
        else:
            is_excluded = match["word"][0] in "-−–" and len(match["word"]) > 1
            terms = list(_word_terms(match["word"]))
        if is_excluded:
            excluded.update(dict.fromkeys(terms))
        else:
            required.update(dict.fromkeys(terms))
    return Query(tuple(required), tuple(excluded))


def completed(term: Term, completions: Iterable[str]) -> Term:
    """Return the term with the folded words that its own word may become."""
    phrases = [*term.phrases, *(Phrase((encode(WORD, stem(word)),)) for word in completions)]
    return replace(term, phrases=tuple(dict.fromkeys(phrases)))


def corrected(term: Term, corrections: Iterable[str]) -> Term:
    """Return the term for other folded words in place of its own."""
    phrases = [Phrase((encode(WORD, stem(word)),)) for word in corrections]
    return replace(term, phrases=tuple(dict.fromkeys(phrases)))


def _word_terms(chunk: str) -> Iterator[Term]:
    """Yield the terms of what stands between two spaces: one for each script in it."""
    letters: list[str] = []
    surfaces: list[str] = []
    for run in runs(chunk):
        if run.kind == "other":
            found = [token.text for token in words(run.text)]
            letters += found
            surfaces += [fold(run.text)] if found else []
            continue
        if run.kind == "hangul":
            yield from _korean_terms(compose(run.text), after_letters=bool(letters))
        else:
            yield _unspaced_term(compose(run.text))
    if letters:
        is_one = len(letters) == 1
        yield Term((Phrase(tuple(letters)),), word=surfaces[0] if is_one else "")


def _korean_terms(word: str, *, after_letters: bool) -> Iterator[Term]:
    word = _UNFINISHED.sub("", word)
    if not _SYLLABLES.fullmatch(word):
        return
    if after_letters and len(noun_of("가가" + word)) == 2:
        return  # a particle of the word in letters before it
    forms = sorted(forms_of(word), key=lambda form: (len(form.text), form.text))[:MAX_FORMS]
    phrases = [Phrase((encode(KOREAN, text),), is_prefix) for text, is_prefix in forms]
    noun = noun_of(word)
    if len(noun) >= SPACING_FROM:
        phrases.append(Phrase(tuple(grams(noun))))
    parts = [Phrase(tuple(grams(text))) for text in {word, noun} if len(text) > 1]
    if len(noun) == 1:
        parts.append(Phrase((encode(KOREAN, noun),), is_prefix=True))
    yield Term(tuple(_without_covered(phrases)), tuple(sorted(parts)))


def _without_covered(phrases: Iterable[Phrase]) -> Iterator[Phrase]:
    """Yield the phrases that no shorter prefix among them covers; the shorter ones come first."""
    prefixes: list[str] = []
    for phrase in phrases:
        if not any(phrase.tokens[0].startswith(prefix) for prefix in prefixes):
            yield phrase
        if phrase.is_prefix:
            prefixes.append(phrase.tokens[0])


def _unspaced_term(text: str) -> Term:
    if len(text) == 1:
        return Term((Phrase((encode(GRAM, text),), is_prefix=True),))
    return Term((Phrase(tuple(grams(text))),))


def _phrase_terms(text: str) -> Iterator[Term]:
    """Yield the terms of an exact phrase: the words in letters in their order, and each stretch without spaces."""
    for is_word, tokens in groupby(words(text), lambda token: token.text.startswith(WORD)):
        if is_word:
            yield Term((Phrase(tuple(token.text for token in tokens)),))
    for line in unspaced_lines(text):
        if len(line) > 1:
            yield Term((Phrase(tuple(grams(line))),))
        elif _SYLLABLES.fullmatch(line):
            yield Term((Phrase((encode(KOREAN, line),), is_prefix=True),))
        else:
            yield _unspaced_term(line)
