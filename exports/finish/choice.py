"""Which files finish a Short, and how: plain values that are stored with it and in presets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mediakit.render.finish import CARD_LENGTHS_MS, DEFAULT_CARD_MS, MUSIC_LEVELS

PARTS = ("intro", "outro", "music")


@dataclass(frozen=True, slots=True)
class CardChoice:
    """A card: the id of a picture or a clip, for how long it is shown, and whether a clip is heard.

    `length_ms` is None where the file says it: a clip has its own length, a picture DEFAULT_CARD_MS.
    """

    file_id: str
    length_ms: int | None = None
    sound: bool = True

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"file_id": self.file_id, "length_ms": self.length_ms, "sound": self.sound}


@dataclass(frozen=True, slots=True)
class MusicChoice:
    """Music: the id of its file, and how loud it is; `level` is one of MUSIC_LEVELS."""

    file_id: str
    level: str = "medium"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"file_id": self.file_id, "level": self.level}


@dataclass(frozen=True, slots=True)
class FinishChoice:
    """What stands before, after and under a Short."""

    intro: CardChoice | None = None
    outro: CardChoice | None = None
    music: MusicChoice | None = None

    def __bool__(self) -> bool:
        return bool(self.intro or self.outro or self.music)

    @property
    def cards(self) -> tuple[CardChoice, ...]:
        """The cards that there are."""
        return tuple(card for card in (self.intro, self.outro) if card)

    @property
    def file_ids(self) -> tuple[str, ...]:
        """The ids of all its files."""
        return tuple(part.file_id for part in (*self.cards, self.music) if part)

    @property
    def lead_ms(self) -> int:
        """How long the intro is."""
        return (self.intro.length_ms or DEFAULT_CARD_MS) if self.intro else 0

    @property
    def length_ms(self) -> int:
        """By how much it makes a Short longer."""
        return sum(card.length_ms or DEFAULT_CARD_MS for card in self.cards)

    def without(self, file_id: str) -> "FinishChoice":
        """The same without one of its files."""
        kept = {
            name: part
            for name in PARTS
            if (part := getattr(self, name)) and part.file_id != file_id
        }
        return FinishChoice(**kept)

    def to_json(self) -> dict[str, Any]:
        """Plain values: an object with those of PARTS that there are."""
        return {name: part.to_json() for name in PARTS if (part := getattr(self, name))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "FinishChoice":
        """Read plain values; a part that is None or missing is left out. Raises `ValueError` with the part's name."""
        parts: dict[str, Any] = {}
        for name in PARTS:
            if given := (data or {}).get(name):
                try:
                    parts[name] = _music(given) if name == "music" else _card(given)
                except (TypeError, KeyError, ValueError) as error:
                    raise ValueError(name) from error
        return cls(**parts)


NO_FINISH = FinishChoice()


def _card(given: Mapping[str, Any]) -> CardChoice:
    length_ms = given.get("length_ms")
    if length_ms is not None and int(length_ms) not in CARD_LENGTHS_MS:
        raise ValueError(length_ms)
    return CardChoice(str(given["file_id"]), length_ms, bool(given.get("sound", True)))


def _music(given: Mapping[str, Any]) -> MusicChoice:
    level = given.get("level") or "medium"
    if level not in MUSIC_LEVELS:
        raise ValueError(level)
    return MusicChoice(str(given["file_id"]), level)
