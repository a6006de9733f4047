"""Tightening a clip: what may go from it, and taking it out."""

import uuid
from collections.abc import Collection

from accounts.models import User
from core.errors import HeimdexError
from mediakit.tightening.tighten import (
    BESIDE_MS,
    CutKind,
    Speed,
    TightCut,
    suggest_cuts,
    without_cuts,
)
from videos.analyses.speech_levels import speech_index
from videos.choices import ClipAction
from videos.clips.queries import get_clip
from videos.clips.services import ClipState, change_clip
from videos.clips.word_edges import words_between
from videos.errors import VideoCode
from videos.models import Clip, SpeechLevels


def suggested_cuts(clip: Clip, *, speed: Speed) -> list[TightCut]:
    """Return what may go from a clip. Raises SOUND_NOT_MEASURED, which passes by itself, and NO_SOUND."""
    index = speech_index(clip.video)
    if not index.steps:
        is_measured = SpeechLevels.objects.filter(video=clip.video_id).exists()
        raise HeimdexError(VideoCode.NO_SOUND if is_measured else VideoCode.SOUND_NOT_MEASURED)
    words = words_between(clip.video, clip.start_ms - BESIDE_MS, clip.end_ms + BESIDE_MS)
    language = clip.video.transcript_language
    return suggest_cuts(words, index, clip.kept_ranges, speed=speed, language=language)


def tighten_clip(
    user: User,
    clip_id: uuid.UUID | str,
    *,
    speed: Speed,
    kinds: Collection[CutKind],
    based_on: int,
) -> Clip:
    """Take all suggested cuts of some kinds out of a clip; that is a new version.

    Raises what `suggested_cuts` and `change_clip` raise.
    """
    clip = get_clip(user, clip_id)
    cuts = [cut for cut in suggested_cuts(clip, speed=speed) if cut.kind in kinds]
    state = ClipState(ranges=without_cuts(clip.kept_ranges, cuts))
    return change_clip(user, clip_id, state, based_on=based_on, action=ClipAction.TIGHTENED)
