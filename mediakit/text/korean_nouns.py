"""Stems of Korean nouns: particles are removed where the text itself shows that the rest is a noun."""

import re
from collections import Counter
from collections.abc import Iterable

# The longest first, so that no part of a longer particle is left behind.
_PARTICLES = (
    *(
        "이라고는",
        "에서부터",
        "으로부터",
        "이라는",
        "이라고",
        "에서는",
        "에서도",
        "으로는",
        "으로서",
    ),
    *("으로써", "입니다", "인데요", "이에요", "에게서", "까지는", "라는", "라고", "에서", "에게"),
    *(
        "한테",
        "께서",
        "으로",
        "부터",
        "까지",
        "처럼",
        "보다",
        "마다",
        "이나",
        "이란",
        "이랑",
        "하고",
    ),
    *(
        "에는",
        "에도",
        "와의",
        "과의",
        "들이",
        "들은",
        "들을",
        "들의",
        "인데",
        "예요",
        "이다",
        "이고",
    ),
    *("은", "는", "을", "를", "이", "가", "의", "에", "로", "와", "과", "도", "만", "들"),
)
# Often the end of a noun itself: removed only from a long word, or from one that also occurs without them.
_AMBIGUOUS_PARTICLES = frozenset(
    ("이", "가", "의", "로", "와", "과", "도", "만", "들", "에", "하고", "이나", "보다")
)
# Endings of verbs and adjectives, which are no nouns.
_VERB_ENDING = re.compile(
    r"(?:니다|니까|어요|아요|여요|세요|네요|까요|데요|군요|지요|거든요|는데|지만|면서|해서|하는|하면|하게|했던"
    r"|되는|되어|된다|한다|했다|있는|없는|같은|있다|없다|이런|그런|저런|하기|하지|려고|어서|아서|거나|죠|던|듯이)$"
)


class NounStemmer:
    """Finds the stems of the nouns in one video."""

    def __init__(self, words: Iterable[str]) -> None:
        """Collect the nouns from all words of the video."""
        distinct = set(words)
        seen_stems = Counter(stem for word in distinct for stem in stems(word))
        # A stem with two different particles, or one that also stands alone, is a noun.
        self._nouns = {stem for stem, seen in seen_stems.items() if seen > 1 or stem in distinct}

    def stem(self, word: str) -> str:
        """Return the noun in the word, "" for a verb, or the word itself if unsure."""
        found = stems(word)
        for stem in found:
            if stem in self._nouns:
                return stem
        if _VERB_ENDING.search(word):
            return ""
        for stem in found:
            particle = word[len(stem) :]
            if particle not in _AMBIGUOUS_PARTICLES or len(stem) >= 3:
                return stem
        return word


def stems(word: str) -> list[str]:
    """Return the word without each particle it may end with; at least two syllables stay."""
    return [
        word[: -len(particle)]
        for particle in _PARTICLES
        if word.endswith(particle) and len(word) - len(particle) >= 2
    ]
