"""Folding: the form of a word in which case, accents and width make no difference."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

# Accents and vowel points, which are optional to write. Vowel signs of Indic and Thai letters are no accents.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"
)
# Letters that Unicode does not decompose into a letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_DIGITS = re.compile(r"[^\W\D0-9]")
MAX_TOKEN_CHARS = 64

_stemmer = snowballstemmer.stemmer("english")
_stemmer_lock = threading.Lock()  # a stemmer keeps the word it works on in itself


@lru_cache(maxsize=32_768)
def fold(word: str) -> str:
    """Return the word without case, accents and width; "" when nothing else is in it."""
    plain = unicodedata.normalize("NFKD", word).casefold().translate(_LETTERS)
    # A second time: casefold may leave a letter decomposable.
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain))
    plain = _DIGITS.sub(lambda digit: str(unicodedata.digit(digit.group())), plain)
    return unicodedata.normalize("NFKC", plain)


@lru_cache(maxsize=32_768)
def stem(folded: str) -> str:
    """Return the English stem (Snowball) of a folded word; other scripts and words with digits stay as they are."""
    if not (folded.isascii() and folded.isalpha()):
        return folded
    with _stemmer_lock:
        return str(_stemmer.stemWord(folded))


def encode(kind: str, folded: str) -> str:
    """Return the token of a folded word: `kind` (one letter), then the word.

    It has only ASCII letters, digits and letters that every database takes for letters, so no database's own
    tokenizer divides or changes it. Other characters are written as their hexadecimal code. Prefixes stay prefixes.
    """
    if folded.isascii():
        return kind + folded[:MAX_TOKEN_CHARS]
    return kind + "".join(map(_encode_char, folded[:MAX_TOKEN_CHARS]))


@lru_cache(maxsize=4096)
def _encode_char(char: str) -> str:
    is_letter = unicodedata.category(char) in {"Ll", "Lo", "Lm"} and char <= "\uffff"
    is_digit = char.isascii() and char.isdigit()
    return char if is_letter or is_digit else f"z{ord(char):x}z"


def encode_label(kind: str, text: str) -> str:
    """Return the one token of a folded text that may have spaces and signs in it."""
    return kind + "".join(map(_encode_char, text[:MAX_TOKEN_CHARS]))
