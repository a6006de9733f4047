"""The forms of sentences that say something worth keeping: numbers, contrasts, lists, explanations, claims."""

import re
from enum import StrEnum

from mediakit.suggestions.phrases import Phrases

_DIGITS = re.compile(r"\d")


class Form(StrEnum):
    """What a sentence does."""

    NUMBERS = "numbers"
    CONTRAST = "contrast"
    LIST = "list"
    EXPLANATION = "explanation"
    CLAIM = "claim"
    CONCLUSION = "conclusion"


def statement_forms(text: str, language: Phrases) -> frozenset[Form]:
    """Return the forms that a sentence has."""
    patterns = {
        Form.CONTRAST: language.contrast,
        Form.LIST: language.listing,
        Form.EXPLANATION: language.explanation,
        Form.CLAIM: language.claim,
        Form.CONCLUSION: language.conclusion,
    }
    found = {form for form, pattern in patterns.items() if pattern.search(text)}
    if _DIGITS.search(text) or language.numbers.search(text):
        found.add(Form.NUMBERS)
    return frozenset(found)
