"""Which letters of a Short's captions and title no font can draw."""

from collections.abc import Iterable
from dataclasses import dataclass

from mediakit.captions.fonts import drop_undrawable, is_invisible
from mediakit.subtitles.markup import normalize_text
from mediakit.text.transcript import Cue


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
    """Measure the text of the cues and other texts, without spaces and invisible characters."""
    said = normalize_text("\n".join([*(cue.text for cue in cues), *texts]))
    letters = [char for char in said if not char.isspace() and not is_invisible(char)]
    drawable = set(drop_undrawable("".join(set(letters))))
    missing = [char for char in letters if char not in drawable]
    return LetterCoverage(len(letters), len(missing), "".join(dict.fromkeys(missing)))
