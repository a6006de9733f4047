"""Title, description and hashtags of a clip, from its own words."""

import re
from collections.abc import Sequence

from mediakit.suggestions.sentences import Sentence
from mediakit.suggestions.statements import Form
from mediakit.text.transcript import join_words

TITLE_CHARS, DESCRIPTION_CHARS, SENTENCE_CHARS = 70, 200, 240
MAX_HASHTAGS = 5
# Too short to carry a clip, and too long to read at a glance.
CARRYING_WORDS = (5, 40)
LEAST_QUESTION_WORDS = 3
# A title that is whole may weigh this much less than one that would be cut.
WHOLE_IS_WORTH = 3.0
# A clause that begins or ends so says nothing without the next one.
_HANGING_START = re.compile(
    r"(?:if|when|while|because|since|although|as|until|once|si|quand|lorsque|comme|puisque|wenn|weil|als|obwohl|"
    r"cuando|mientras|aunque|porque)\b",
    re.IGNORECASE,
)
_HANGING_END = re.compile(r"[가-힣](?:면|니까|는데|지만|고|서|며|자|도록)$")
_ENDINGS = ("", "s", "es", "e", "en", "n", "'s", "’s")
# Scripts in which particles or the next words follow without a space.
_WITHOUT_ENDINGS = re.compile(r"[가-힣ぁ-ヿ㐀-鿿]")
# What stands before the first word of a title, and after its last one but for "?", "!" and closing quotation marks.
_AROUND = re.compile(r"^[\s,;:.…–—-]+|[\s,;:–—-]+$")
_CLAUSE = re.compile(r"[,;:–—] |[、，] ?")


def carrying_sentence(sentences: Sequence[Sentence], term_counts: Sequence[int]) -> Sentence:
    """Return the sentence that says the most: by its forms and key terms; the first of equals."""
    weights = list(map(_weight, sentences, term_counts))
    return sentences[weights.index(max(weights))]


def _weight(sentence: Sentence, term_count: int) -> float:
    """Return how much a sentence says."""
    forms = len(sentence.forms) + (Form.CONCLUSION in sentence.forms)
    readable = CARRYING_WORDS[0] <= len(sentence.tokens) <= CARRYING_WORDS[1]
    leans = sentence.is_question or not sentence.stands_alone or sentence.is_chatter
    return forms + min(3, term_count) * 0.7 + 1.5 * readable - 1.2 * leans


def title(sentences: Sequence[Sentence], term_counts: Sequence[int]) -> str:
    """Return the opening question, otherwise the sentence that says the most.

    A sentence that fits whole goes before one that would be cut, unless it says much less.
    """
    first = sentences[0]
    opens = first.asks and len(first.tokens) >= LEAST_QUESTION_WORDS
    if opens and len(first.text) <= TITLE_CHARS:
        return _bare(first.text)
    weights = list(map(_weight, sentences, term_counts))
    best = weights.index(max(weights))
    whole = [i for i, each in enumerate(sentences) if _is_title(each, term_counts[i])]
    found = max(whole, key=weights.__getitem__, default=best)
    if found in whole and weights[found] >= weights[best] - WHOLE_IS_WORTH:
        return _bare(sentences[found].text)
    return _bare(_cut(first.text if opens else sentences[best].text))


def _is_title(sentence: Sentence, term_count: int) -> bool:
    """Whether a sentence can be a title as it is: it fits, says something, and leans on nothing."""
    return (
        len(sentence.text) <= TITLE_CHARS
        and len(sentence.tokens) >= CARRYING_WORDS[0]
        and bool(sentence.forms or term_count)
        and sentence.stands_alone
        and not sentence.is_question
        and not sentence.is_chatter
        and not sentence.backward_count
        and not sentence.hesitation_count
    )


def _cut(text: str) -> str:
    """Return the beginning of a sentence as a title; "…" says where the rest of a thought is missing."""
    short = shorten(text, TITLE_CHARS)
    hangs = short != text and (_HANGING_START.match(short) or _HANGING_END.search(short))
    return f"{short.rstrip('…')}…" if hangs else short


def _bare(text: str) -> str:
    """Return a title without its full stop, and without a quotation mark that has no other."""
    text = text.rstrip(".。")
    return text.replace('"', "") if text.count('"') == 1 else text


def title_of_words(words: Sequence[str]) -> str:
    """Return words of a clip as its title, without the signs around them and with a capital letter."""
    text = _AROUND.sub("", join_words(words))
    return _bare(shorten(text[:1].upper() + text[1:], TITLE_CHARS))


def description(sentences: Sequence[Sentence]) -> str:
    """Return the first sentences, as many as fit."""
    text = sentences[0].text
    for sentence in sentences[1:]:
        if len(text) + 1 + len(sentence.text) > DESCRIPTION_CHARS:
            break
        text = f"{text} {sentence.text}"
    return shorten(text, DESCRIPTION_CHARS)


def hashtags(sentences: Sequence[Sentence], terms: Sequence[str]) -> tuple[str, ...]:
    """Return the key terms of the video that are said here, as hashtags, the best first."""
    said = {part for each in sentences for token in each.tokens for part in _parts(token)}
    found: list[str] = []
    for term in terms:
        if all(_is_said(word.lower(), said) for word in term.split()):
            words = re.split(r"[\s\-]+", term)
            tag = "".join(
                word if len(words) == 1 else word[:1].upper() + word[1:] for word in words
            )
            tag = re.sub(r"[\W_]", "", tag)
            if len(tag) > 1 and not tag.isdigit() and tag.lower() not in map(str.lower, found):
                found.append(tag)
    return tuple(f"#{tag}" for tag in found[:MAX_HASHTAGS])


def _parts(token: str) -> tuple[str, ...]:
    """Return a word, and what of it stands behind an apostrophe: "outil" of "l'outil"."""
    return (token, token.rpartition("'")[2], token.rpartition("’")[2])


def _is_said(word: str, said: set[str]) -> bool:
    """Whether a word is said, in this form or with an ending; "comparing" is not "comparable"."""
    if word in said:
        return True
    if _WITHOUT_ENDINGS.search(word):
        return any(word in token for token in said)
    bare = word.removesuffix("s")
    return any(f"{bare}{ending}" in said for ending in _ENDINGS)


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters: up to the end of a clause if one is in the second half, else of a word."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    clauses = [match.start() for match in _CLAUSE.finditer(head) if match.start() * 2 >= limit]
    if clauses:
        return head[: clauses[-1]]
    words = head[: limit - 1].rsplit(" ", 1)[0] if " " in head else head[: limit - 1]
    return f"{words.rstrip(' ,;:.')}…"
