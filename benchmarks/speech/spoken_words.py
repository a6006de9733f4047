"""The words of a text as they are compared for the word error rate: spellings of the same sound are the same.

The rules hold for the captions and for what was heard alike:

1. What is said about sounds goes: "[Music]", "(laughter)", "♪".
2. Compatible characters (NFKC), case and punctuation do not count. Apostrophes and hyphens divide: "l'été" and
   "well-known" are two words each.
3. English contractions that can mean one thing only are written out: "must've", "we'll", "they're", "I'm", "don't",
   "can't", "won't" and "cannot". "'s" stays, which may be "is", "has" or an owner's.
4. Numbers in English words (up to 99) and French ones (up to 69) are digits: "twenty-five" and "vingt-cinq" are 25.
   "Un" and "une" stay, as they are articles, and so do larger numbers.
"""

import re
import unicodedata

_ENCLOSED = re.compile(r"[\[(♪][^\])♪]*[\])♪]")
_CONTRACTIONS = [
    (re.compile(pattern), full)
    for pattern, full in (
        (r"\bcan(?:'t|not)\b", "can not"),
        (r"\bwon't\b", "will not"),
        (r"(?<=\w)n't\b", " not"),
        (r"(?<=\w)'ve\b", " have"),
        (r"(?<=\w)'re\b", " are"),
        (r"(?<=\w)'ll\b", " will"),
        (r"\bi'm\b", "i am"),
    )
]
_ENGLISH = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen
"""
_FRENCH = (
    "zéro - deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
)
_TENS = (
    "twenty thirty forty fifty sixty seventy eighty ninety",
    "vingt trente quarante cinquante soixante",
)
_VALUES = {word: value for line in (_ENGLISH, _FRENCH) for value, word in enumerate(line.split())}
_TEN_VALUES = {word: 10 * ten for line in _TENS for ten, word in enumerate(line.split(), 2)}
_TEN_VALUES["dix"] = 10  # "dix-sept"


def spoken_words(text: str) -> list[str]:
    """Return the words of a text."""
    folded = unicodedata.normalize("NFKC", _ENCLOSED.sub(" ", text)).casefold().replace("’", "'")
    for pattern, full in _CONTRACTIONS:
        folded = pattern.sub(full, folded)
    return _with_digits(re.findall(r"[^\W_]+", folded))


def _with_digits(words: list[str]) -> list[str]:
    """Write small numbers in digits."""
    found: list[str] = []
    ten = 0  # the tens that the word before stands for
    for word in words:
        unit = _VALUES.get(word, 0)
        if ten and 0 < unit < 10:
            found[-1] = str(ten + unit)
        else:
            value = _TEN_VALUES.get(word, _VALUES.get(word))
            found.append(word if value is None else str(value))
        ten = _TEN_VALUES.get(word, 0)
    return found
