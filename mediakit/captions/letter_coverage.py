"""Which letters of a Short's captions and title no font can draw."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mediakit.captions.fonts import is_drawable, is_invisible, split_letters
from mediakit.subtitles.cues.markup import normalize_text
from mediakit.text.transcript import Cue

# Unicode's names of letters begin with their script: `TIBETAN SUBJOINED LETTER KA`, `CANADIAN SYLLABICS E`.
_SCRIPT_IN_NAME = re.compile(
    r"(.+?) (?:(?:CAPITAL|SMALL|SUBJOINED|VOWEL|CONSONANT|MODIFIER|INDEPENDENT|DEPENDENT) )*"
    r"(?:LETTERS?|SYLLABLES?|SYLLABICS|IDEOGRAPHS?|CHARACTERS?|HIEROGLYPHS?|SIGNS?|DIGITS?|LIGATURES?)\b"
)
_SCRIPTS = {"Cjk Unified": "Han", "Cjk Compatibility": "Han", "Nko": "N'Ko"}


@dataclass(frozen=True, slots=True)
class LetterCoverage:
    """How many letters a text has, how many of them cannot be drawn, and which, each once."""

    letters: int
    missing: int
    missing_letters: str = ""

    @property
    def share(self) -> float:
        """The share of letters that can be drawn; 1 for a text without letters."""
        return 1 - self.missing / self.letters if self.letters else 1.0


def letter_coverage(cues: Iterable[Cue], *texts: str) -> LetterCoverage:
    """Measure the text of the cues and other texts, without spaces and invisible characters.

    A letter counts as one together with its marks, and is missing when one of them cannot be drawn.
    """
    said = normalize_text("\n".join([*(cue.text for cue in cues), *texts]))
    letters = [
        letter
        for letter in split_letters(said)
        if not letter.isspace() and not all(map(is_invisible, letter))
    ]
    missing = [letter for letter in letters if not is_drawable(letter)]
    return LetterCoverage(len(letters), len(missing), "".join(dict.fromkeys(missing)))


def script_names(letters: str) -> tuple[str, ...]:
    """Return the English names of the scripts of the letters, the one with the most letters first; none for symbols."""
    found = (
        _SCRIPT_IN_NAME.match(unicodedata.name(char, "")) for char in letters if char.isalpha()
    )
    names = Counter(match[1].title() for match in found if match)
    return tuple(dict.fromkeys(_SCRIPTS.get(name, name) for name, _ in names.most_common()))
