"""How a clip may begin and end: without a filler, without a word that needs what came before."""

import re
from itertools import takewhile

from mediakit.suggestions.phrases import Phrases

# A sentence keeps at least this many words when its filler is left out.
MIN_WORDS_LEFT = 3
_OPENERS = " \"'“‘«¿¡-–—>*♪(["
_STOPS = " \"'”’»)]♪*"
_QUOTED_QUESTION = re.compile(r"[\"“„«‘][^\"“”„«»]*[?？][\"”“»’]\W*$")
_ADDRESSED = re.compile(r"[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?,\s")


def filler_words(text: str, language: Phrases) -> int:
    """Return how many words at the start of a sentence are filler, such as "so, I mean"."""
    rest = text.lstrip(_OPENERS)
    while (found := language.filler.match(rest)) and found.end():
        rest = rest[found.end() :].lstrip(" ,.…-–—")
    left = len(rest.split())
    return len(text.split()) - left if left >= MIN_WORDS_LEFT else 0


def is_dangling(text: str, language: Phrases) -> bool:
    """Whether a sentence begins with a word that refers to what came before, such as "he" or "그것"."""
    return bool(language.dangling.match(text.lstrip(_OPENERS)))


def addresses_somebody(text: str, language: Phrases) -> bool:
    """Whether a sentence begins with the name of a listener: "Nicolas, you said ..."."""
    start = text.lstrip(_OPENERS)
    first = "".join(takewhile(str.isalpha, start)).lower()
    return bool(_ADDRESSED.match(start)) and not (
        first.endswith("ly") or language.listing.match(start) or language.claim.match(start)
    )


def is_question(text: str, language: Phrases, *, punctuated: bool = True) -> bool:
    """Whether a sentence asks something. Without punctuation its first words or its ending tell."""
    body = text.rstrip(_STOPS)
    if body.endswith(("?", "？", "؟")):
        return True
    return not punctuated and bool(language.question.search(body.lstrip(_OPENERS)))


def is_tag(text: str, language: Phrases) -> bool:
    """Whether a sentence only asks whether the listener follows: "Right?"."""
    return bool(language.tag.fullmatch(text.strip(_OPENERS + _STOPS + "?.!,…").lower()))


def is_quoted_question(text: str) -> bool:
    """Whether the question is one that a sentence tells of: 'All he said was "why?"'."""
    quoted = _QUOTED_QUESTION.search(text)
    return bool(quoted and quoted.start() > 0)
