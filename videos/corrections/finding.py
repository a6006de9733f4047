"""Finding text in the lines of a video, to replace it."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from core.errors import HeimdexError
from videos.corrections.services import Change
from videos.errors import VideoCode
from videos.models import Cue, Video
from videos.policy import clean_text

MAX_FIND_CHARS = 200
MAX_PLACES = 500  # of one answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: its text, and whether capitals and the borders of words count."""

    find: str
    match_case: bool = False
    whole_words: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the wanted text: the line's index and start in ms, the character at which it begins, and the text."""

    line: int
    start_ms: int
    start: int
    was: str
    line_text: str

    @property
    def name(self) -> str:
        """What tells it from other places of the same text."""
        return f"{self.line}:{self.start}"

    @property
    def before(self) -> str:
        """The line's text before it."""
        return self.line_text[: self.start]

    @property
    def after(self) -> str:
        """The line's text after it."""
        return self.line_text[self.start + len(self.was) :]

    def change(self, text: str) -> Change:
        """The change of it to a text."""
        return Change(self.line, self.start, self.was, text)


def find_places(video: Video, wanted: Wanted) -> list[Place]:
    """Return the first MAX_PLACES + 1 places of the wanted text in the lines as they are shown; none for no text."""
    pattern = _pattern(wanted)
    found: list[Place] = []
    if pattern is None:
        return found
    rows = Cue.objects.filter(video=video).order_by("index")
    for index, start_ms, text in rows.values_list("index", "start_ms", "text"):
        for match in pattern.finditer(text):
            found.append(Place(index, start_ms, match.start(), match.group(), text))
            if len(found) > MAX_PLACES:
                return found
    return found


def chosen_places(video: Video, wanted: Wanted, names: Collection[str] | None) -> list[Place]:
    """Return the places with these names, or the first MAX_PLACES of all. LINE_CHANGED when one is not there."""
    places = find_places(video, wanted)[:MAX_PLACES]
    if names is None:
        return places
    chosen = [place for place in places if place.name in names]
    if len(chosen) < len(names):
        raise HeimdexError(VideoCode.LINE_CHANGED)
    return chosen


def _pattern(wanted: Wanted) -> re.Pattern[str] | None:
    words = clean_text(wanted.find)[:MAX_FIND_CHARS].split()
    if not words:
        return None
    pattern = r"\s+".join(_letters(word) for word in words)
    if wanted.whole_words:
        pattern = rf"(?<!\w){pattern}(?!\w)"
    return re.compile(pattern, 0 if wanted.match_case else re.IGNORECASE)


def _letters(word: str) -> str:
    """The word however its accents and syllables are composed."""
    forms = {unicodedata.normalize(form, word) for form in ("NFC", "NFD")}
    return f"(?:{'|'.join(map(re.escape, sorted(forms)))})"
