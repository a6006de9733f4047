"""What suggestions are made from, and what they are: frozen values without behaviour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.text.transcript import Cue

# Increased whenever the same material gives other suggestions; those of older versions are made again.
VERSION = 4
MIN_CLIP_MS, MAX_CLIP_MS = 15_000, 60_000


class Basis(StrEnum):
    """What the suggestions of a video were made from."""

    WORDS = "words"
    SOUND = "sound"  # and picture: there is no transcript


class Reason(StrEnum):
    """Why a clip is suggested; the code of a signal that speaks for it."""

    QUESTION = "question"
    OPENING = "opening"
    ENDING = "ending"
    NUMBERS = "numbers"
    CONTRAST = "contrast"
    LIST = "list"
    EXPLANATION = "explanation"
    CLAIM = "claim"
    KEY_TERMS = "key_terms"
    ENERGY = "energy"
    PACE = "pace"
    LAUGHTER = "laughter"
    APPLAUSE = "applause"
    DIALOGUE = "dialogue"
    FACE = "face"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class FaceSighting:
    """Whether a face was found in the picture at a time."""

    time_ms: int
    seen: bool


@dataclass(frozen=True, slots=True)
class Material:
    """What is known of one video. Only `duration_ms` must be there.

    `faces` and `dark_ms` (times of pictures that show nothing) are samples: a time that is not in them is unknown.
    `still_ms` are ranges in which the picture does not move.
    `language` is a code such as `en`; if empty, it is detected.
    """

    duration_ms: int
    cues: Sequence[Cue] = ()
    language: str = ""
    shots_ms: Sequence[int] = ()
    levels: LoudnessIndex = field(default_factory=LoudnessIndex)
    faces: Sequence[FaceSighting] = ()
    dark_ms: Sequence[int] = ()
    still_ms: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A range of a video that stands on its own. `score` is between 0 and 1 and orders the clips of one video.

    `sentence` is the one that carries it. It, `title`, `description` and `hashtags` are made from the words said in it,
    and empty if there are none. `signals` are what each signal adds to the score; empty without words.
    """

    start_ms: int
    end_ms: int
    score: float
    reasons: tuple[Reason, ...]
    basis: Basis = Basis.WORDS
    sentence: str = ""
    title: str = ""
    description: str = ""
    hashtags: tuple[str, ...] = ()
    signals: Mapping[Reason, float] = field(default_factory=dict)
