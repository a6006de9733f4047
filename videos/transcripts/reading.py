"""What the reader of a transcript source gets and gives."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import CoreCode, ErrorCode, media_code
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.errors import MediaError
from mediakit.media_info import MediaInfo
from mediakit.text.transcript import Transcript
from videos.models import Video

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HearingSpan:
    """The part of the sound that is heard, to `end_ms` or (None) its end, and the language that is spoken, if known."""

    start_ms: int
    end_ms: int | None
    language: str


# Beside a range so much is heard, too: a word that is cut is not understood.
RANGE_MARGIN_MS = 1_000


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The arguments of every source's reader. `source` is the video's path or loopback URL.

    `heard` is what earlier attempts heard. `on_piece` gets each further piece as soon as it is heard, and returns
    whether to go on.
    """

    video: Video
    source: str
    info: MediaInfo
    work_dir: Path
    should_stop: Callable[[], bool]
    on_progress: Callable[[float], None]
    on_model_progress: Callable[[float], None] = lambda _: None
    heard: Sequence[HeardPiece] = ()
    on_piece: Callable[[HeardPiece], bool] = lambda _: True
    # What this attempt has heard, so that no second reader hears it again.
    newly_heard: list[HeardPiece] = field(default_factory=list)
    # A `CaptionsReport` as JSON, once the captions file was read.
    report: dict[str, Any] = field(default_factory=dict)
    # The columns of its row that come from the captions file, once that was read.
    captions_columns: dict[str, str] = field(default_factory=dict)

    @property
    def span(self) -> HearingSpan:
        """The part of the sound that is to be heard: all of it, or a range that was asked for, with a margin."""
        asked = self.video.range_to_hear
        if not asked:
            return HearingSpan(0, None, self.video.language_wanted)
        start_ms = max(0, asked["start_ms"] - RANGE_MARGIN_MS)
        end_ms = min(self.info.duration_ms, asked["end_ms"] + RANGE_MARGIN_MS)
        return HearingSpan(start_ms, end_ms, asked["language"] or self.video.language_wanted)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source gave."""

    transcript: Transcript
    heard_until_ms: int | None = None


class SoundNeededError(Exception):
    """A source needs the speech audio, and was asked without it."""


class UnusableError(Exception):
    """A source gave no transcript; `code` says why."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


Reader = Callable[[SearchContext, SpeechAudio | None], Reading]


def unusable(error: MediaError, *, otherwise: ErrorCode) -> UnusableError:
    """The reason of a media error, logged; `otherwise` for an error without a code of its own."""
    logger.warning("%s: %s", type(error).__name__, error)
    code = media_code(error.code)
    return UnusableError(otherwise if code is CoreCode.INTERNAL_ERROR else code)
