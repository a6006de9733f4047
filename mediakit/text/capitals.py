"""Capital letters by the rules of a language."""

import unicodedata

_DOTTED_I = frozenset({"tr", "az", "crh"})
_TONOS = "\u0301"


def upper_case(text: str, language: str = "") -> str:
    """Return the text in capitals. `language` is a code such as `tr`, or empty if it is unknown.

    Turkish keeps the dot of its `i`, Greek capitals have no accents, and Georgian has no capitals in use.
    """
    head = language.partition("-")[0].lower()
    if head in _DOTTED_I:
        text = text.replace("i", "İ")
    if head == "el":
        text = _without_tonos(text)
    return "".join(char if "ა" <= char <= "ჿ" else char.upper() for char in text)


def _without_tonos(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", parts.replace(_TONOS, ""))
