"""Hearing a range of a video again: its words replace those of the transcript in use."""

from mediakit.asr.chunking import SpeechAudio
from mediakit.text.replaced_range import replace_range
from mediakit.text.transcript import Transcript, estimate_words
from videos.errors import VideoCode
from videos.transcripts.reading import Reading, SearchContext, UnusableError
from videos.transcripts.rows import timed_cues
from videos.transcripts.speech import from_sound


def from_range(context: SearchContext, audio: SpeechAudio | None) -> Reading:
    """Return the transcript in use with what is heard in `Video.range_to_hear`; words outside keep their times.

    Where a person ends the hearing, the words after that place stay as they were.
    """
    asked, in_use = context.video.range_to_hear, context.video.transcript
    if not asked or in_use is None:
        raise UnusableError(VideoCode.NO_TRANSCRIPT)
    if not context.info.audio:
        raise UnusableError(VideoCode.NO_SOUND)
    heard = from_sound(context, audio)
    cues = replace_range(
        [estimate_words(cue) for cue in timed_cues(in_use)],
        heard.transcript.cues,
        start_ms=asked["start_ms"],
        end_ms=min(asked["end_ms"], heard.heard_until_ms or asked["end_ms"]),
    )
    language = in_use.language or heard.transcript.language
    return Reading(Transcript(language, tuple(cues)), asked["heard_until_ms"])
