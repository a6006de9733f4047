"""Which words of a caption page stand out: those that tell what it is about."""

from collections.abc import Sequence

from mediakit.captions.pagination import CaptionPage
from mediakit.text.key_terms import key_terms
from mediakit.text.transcript import is_unspaced, join_words

MAX_KEYWORDS, WORDS_PER_KEYWORD = 2, 4


def normalize_word(text: str) -> str:
    """A word by its letters and digits alone, in one case."""
    return "".join(char for char in text.casefold() if char.isalnum())


def emphasized_words(found: Sequence[CaptionPage], language: str) -> dict[int, frozenset[str]]:
    """For each page, by its start, the words that it is about."""
    texts = [join_words([word.text for word in page.words]) for page in found]
    keys: dict[int, frozenset[str]] = {}
    for page, text in zip(found, texts, strict=True):
        count = min(MAX_KEYWORDS, max(1, len(page.words) // WORDS_PER_KEYWORD))
        terms = key_terms(text, language=language, corpus=texts, count=count)
        wanted = {normalize_word(part) for term in terms[:count] for part in term.split()}
        spoken = {normalize_word(word.text) for word in page.words}
        # In languages that put endings on words the term is the beginning of what is said.
        keys[page.start_ms] = frozenset(
            word for word in spoken if word and any(_is_inflected_form(word, key) for key in wanted)
        )
    return keys


def _is_inflected_form(word: str, key: str) -> bool:
    if is_unspaced(word):
        return len(word) > 1 and word in key  # terms are longer than words there
    return bool(key) and (
        word == key or (len(key) > 1 and word.startswith(key) and len(word) - len(key) < 4)
    )
