"""The words of a caption page to emphasize: its key terms."""

from collections.abc import Sequence

from mediakit.captions.pagination import CaptionPage
from mediakit.text.key_terms import key_terms
from mediakit.text.transcript import is_unspaced, join_words

MAX_KEYWORDS, WORDS_PER_KEYWORD = 2, 4


def normalize_word(text: str) -> str:
    """Return the letters and digits of a word, case-folded."""
    return "".join(char for char in text.casefold() if char.isalnum())


def emphasized_words(pages: Sequence[CaptionPage], language: str) -> dict[int, frozenset[str]]:
    """Return the normalized words to emphasize, by the start of their page in ms."""
    texts = [join_words([word.text for word in page.words]) for page in pages]
    emphasized: dict[int, frozenset[str]] = {}
    for page, text in zip(pages, texts, strict=True):
        count = min(MAX_KEYWORDS, max(1, len(page.words) // WORDS_PER_KEYWORD))
        terms = key_terms(text, language=language, corpus=texts, count=count)
        term_words = {normalize_word(part) for term in terms[:count] for part in term.split()}
        spoken = {normalize_word(word.text) for word in page.words}
        # In inflected languages a term is the beginning of the spoken word.
        emphasized[page.start_ms] = frozenset(
            word
            for word in spoken
            if word and any(_is_inflected_form(word, key) for key in term_words)
        )
    return emphasized


def _is_inflected_form(word: str, key: str) -> bool:
    if is_unspaced(word):
        return len(word) > 1 and word in key  # a term may be longer than a word
    return bool(key) and (
        word == key or (len(key) > 1 and word.startswith(key) and len(word) - len(key) < 4)
    )
