"""Phrases that tell what a sentence does, by language. Patterns are matched without regard to case.

A language that is not listed has digits and question marks only.
"""

import re
from dataclasses import dataclass
from functools import cache

from mediakit.suggestions.phrase_tables import PHRASE_TABLES

_NEVER = "(?!)"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Patterns of one language.

    At the start of a sentence `connective` goes on from the one before, `filler` may be left out, and `dangling` needs
    what came before. `tag` is a whole sentence that only asks whether one is followed, such as "right?". All others
    match anywhere in a sentence.
    """

    connective: re.Pattern[str]
    filler: re.Pattern[str]
    dangling: re.Pattern[str]
    question: re.Pattern[str]
    tag: re.Pattern[str]
    numbers: re.Pattern[str]
    contrast: re.Pattern[str]
    listing: re.Pattern[str]
    explanation: re.Pattern[str]
    claim: re.Pattern[str]
    conclusion: re.Pattern[str]
    chatter: re.Pattern[str]
    backward: re.Pattern[str]
    pronoun: re.Pattern[str]
    hesitation: re.Pattern[str]


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of a language, given as a two-letter code."""
    table = PHRASE_TABLES.get(language, {})
    return Phrases(
        **{
            name: re.compile(table.get(name, _NEVER), re.IGNORECASE)
            for name in Phrases.__dataclass_fields__
        }
    )
