"""The places of a query's words in a text as it is written."""

import re
from collections.abc import Iterable, Iterator, Sequence

from mediakit.search_text.folding import encode
from mediakit.search_text.query import Phrase, Term
from mediakit.search_text.tokenizer import (
    GRAM,
    KOREAN,
    TAIL_FROM,
    Token,
    compose,
    word_tails,
    words,
)

Span = tuple[int, int]


class Matcher:
    """Finds the words of required terms in texts."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Sort the terms' phrases by how they are looked up."""
        phrases = [phrase for term in terms for phrase in term.phrases]
        single = [phrase for phrase in phrases if len(phrase.tokens) == 1]
        self._exact = {phrase.tokens[0] for phrase in single if not phrase.is_prefix}
        self._prefixes = tuple(phrase.tokens[0] for phrase in single if phrase.is_prefix)
        several = [phrase for phrase in phrases if len(phrase.tokens) > 1]
        self._sequences = [phrase for phrase in several if not _is_gram(phrase)]
        self._unspaced = [_unspaced_pattern(phrase) for phrase in phrases if _is_gram(phrase)]

    def spans(self, text: str) -> list[Span]:
        """Return the (start, end) character offsets of what is found, in order, without overlaps."""
        tokens = list(words(text))
        found = [*self._single(text, tokens), *self._in_sequence(tokens)]
        for pattern in self._unspaced:
            found += [match.span() for match in pattern.finditer(text)]
        return _merged(found)

    def _single(self, text: str, tokens: Sequence[Token]) -> Iterator[Span]:
        for token in tokens:
            if self._matches(token.text):
                yield token.start, token.end
            elif token.text.startswith(KOREAN) and token.end - token.start > TAIL_FROM:
                yield from self._in_tails(text, token)

    def _matches(self, token: str) -> bool:
        return token in self._exact or token.startswith(self._prefixes)

    def _in_tails(self, text: str, token: Token) -> Iterator[Span]:
        """Yield the second half of a compound that matches."""
        word = compose(text[token.start : token.end])
        for tail in word_tails(word):
            if self._matches(encode(KOREAN, tail)):
                yield max(token.start, token.end - len(tail)), token.end
                return

    def _in_sequence(self, tokens: Sequence[Token]) -> Iterator[Span]:
        texts = [token.text for token in tokens]
        for phrase in self._sequences:
            length = len(phrase.tokens)
            for at in range(len(texts) - length + 1):
                if tuple(texts[at : at + length]) == phrase.tokens:
                    for token in tokens[at : at + length]:
                        yield token.start, token.end


def _is_gram(phrase: Phrase) -> bool:
    return phrase.tokens[0].startswith(GRAM)


def _unspaced_pattern(phrase: Phrase) -> re.Pattern[str]:
    """Return the pattern of a phrase of neighbouring characters: spaces between them make no difference."""
    first = _decoded(phrase.tokens[0])
    chars = first + "".join(_decoded(token)[-1] for token in phrase.tokens[1:])
    return re.compile(r"\s*".join(map(re.escape, chars)))


def _decoded(token: str) -> str:
    """Return the characters of a pair's token."""
    return re.sub("z([0-9a-f]+)z", lambda code: chr(int(code.group(1), 16)), token[1:])


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
