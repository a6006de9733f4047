"""Made texts, and looking a query up in them as an index does."""

from hypothesis import strategies as st

from mediakit.search_text import ranking
from mediakit.search_text.query import Query, parse_query
from mediakit.search_text.tokenizer import index_text

LATIN = st.text("abcdefghijklmnopqrstuvwxyzéüñçøßABCDEFÉ", min_size=1, max_size=10)
CYRILLIC = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяЁЙ", min_size=1, max_size=10)
ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=1, max_size=8)
DEVANAGARI = st.text("कखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहािीुूेैोौ्", min_size=1, max_size=8)
KOREAN = st.text(
    st.characters(min_codepoint=ord("가"), max_codepoint=ord("힣")), min_size=1, max_size=8
)
JAPANESE = st.text("東京都大学日本語天気のはがをテストカメラ", min_size=1, max_size=8)
WORDS = st.one_of(LATIN, CYRILLIC, ARABIC, DEVANAGARI, KOREAN, JAPANESE)
SENTENCES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def matches(query: str | Query, *texts: str, loosened: bool = False) -> bool:
    """Whether an index of the texts finds the query."""
    parsed = parse_query(query) if isinstance(query, str) else query
    if loosened:
        parsed = parsed.loosened()
    return ranking.matches(parsed, index_text(texts))
