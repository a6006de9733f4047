"""Title, description and hashtags of a clip, from its own words."""

import re
from collections.abc import Sequence

from mediakit.suggestions.sentences import Sentence
from mediakit.suggestions.statements import Form
from mediakit.suggestions.topics import stem

TITLE_CHARS, DESCRIPTION_CHARS, SENTENCE_CHARS = 70, 200, 240
MAX_HASHTAGS = 5
# Too short to carry a clip, and too long to read at a glance.
CARRYING_WORDS = (5, 40)
_CLAUSE = re.compile(r"[,;:–—] |[、，] ?")


def carrying_sentence(sentences: Sequence[Sentence], term_counts: Sequence[int]) -> Sentence:
    """Return the sentence that says the most: by its forms and key terms; the first of equals."""

    def weight(index: int) -> float:
        sentence = sentences[index]
        count = len(sentence.tokens)
        forms = len(sentence.forms) + (Form.CONCLUSION in sentence.forms)
        readable = CARRYING_WORDS[0] <= count <= CARRYING_WORDS[1]
        leans = sentence.is_question or not sentence.stands_alone or sentence.is_chatter
        return forms + min(3, term_counts[index]) * 0.7 + 1.5 * readable - 1.2 * leans

    return sentences[max(range(len(sentences)), key=weight)]


def title(sentences: Sequence[Sentence], carrying: Sentence) -> str:
    """Return the opening question, otherwise the carrying sentence, shortened where a clause ends."""
    first = sentences[0]
    text = first.text if first.is_question and len(first.tokens) >= 3 else carrying.text
    return shorten(text, TITLE_CHARS).rstrip(".。")


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
    said = {stem(token) for sentence in sentences for token in sentence.tokens}
    found: list[str] = []
    for term in terms:
        words = term.split()
        if all(stem(word.lower()) in said for word in words):
            tag = "".join(
                word if len(words) == 1 else word[:1].upper() + word[1:] for word in words
            )
            tag = re.sub(r"[\W_]", "", tag)
            if len(tag) > 1 and not tag.isdigit() and tag.lower() not in map(str.lower, found):
                found.append(tag)
    return tuple(f"#{tag}" for tag in found[:MAX_HASHTAGS])


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
