"""User names that look like other names: letters of several scripts in one, and letters that look Latin."""

import unicodedata

# Scripts whose letters stand together in one name. All others stand alone.
_EAST_ASIAN = frozenset({"LATIN", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"})
# Cyrillic and Greek letters that look like Latin ones, and the Latin ones.
_LOOKS_LIKE = str.maketrans("аеорсухіјѕѵԁԛԝһӏαορνιυκτχγ", "aeopcyxijsvdqwhlaopviuktxy")


def is_mixed(username: str) -> bool:
    """Whether the letters belong to scripts that do not stand together in one name."""
    scripts = {_script(c) for c in username if c.isalpha()}
    return len(scripts) > 1 and not scripts <= _EAST_ASIAN


def latin_lookalike(username: str) -> str:
    """The name with letters that look Latin replaced by the Latin ones, in lower case."""
    return unicodedata.normalize("NFKC", username).casefold().translate(_LOOKS_LIKE)


def _script(letter: str) -> str:
    """The first word of the letter's Unicode name, which is its script's."""
    return unicodedata.name(letter, "?").partition(" ")[0].partition("-")[0]
