"""A text without times as a transcript: its lines get the times at which their words are heard."""

from collections.abc import Sequence

from mediakit.asr.chunking import SpeechAudio
from mediakit.subtitles.readers.plain_text import TextLine
from mediakit.text.alignment import align_lines
from mediakit.text.transcript import Transcript
from videos.errors import VideoCode
from videos.models import Transcript as TranscriptRow
from videos.transcripts.reading import Reading, SearchContext, SoundNeededError, UnusableError
from videos.transcripts.rows import timed_cues
from videos.transcripts.speech import from_sound

# A text with fewer of its words among those that were heard, in order, is of something else: other texts of the same
# language share .03 to .05 of theirs, sixty words .23 to .48 with a far longer text (docs/transcripts.md).
MIN_MATCHED = 0.5


def with_heard_times(
    context: SearchContext, lines: Sequence[TextLine], audio: SpeechAudio | None
) -> Reading:
    """Return the lines as cues with the times at which they are heard; the same file is heard once.

    Raises SoundNeededError without `audio`, UnusableError TEXT_NOT_SPOKEN, and what the hearing raises.
    """
    before = _aligned_before(context)
    if before is not None:
        return Reading(Transcript(before.language, timed_cues(before)))
    if not context.info.audio:
        raise UnusableError(VideoCode.NO_SOUND)
    if audio is None:
        raise SoundNeededError
    heard = from_sound(context, audio)
    words = [word for cue in heard.transcript.cues for word in cue.words]
    if not words:
        raise UnusableError(VideoCode.NO_SPEECH)
    aligned = align_lines([(line.speaker, line.text) for line in lines], words)
    if aligned.matched < MIN_MATCHED:
        raise UnusableError(VideoCode.TEXT_NOT_SPOKEN)
    # Lines after the place at which a person ended the hearing have no time.
    cues = (cue for cue in aligned.cues if cue.start_ms < words[-1].end_ms)
    return Reading(Transcript(heard.transcript.language, tuple(cues)), heard.heard_until_ms)


def _aligned_before(context: SearchContext) -> TranscriptRow | None:
    """The transcript that an earlier processing made of this file, read in the same encoding."""
    columns = context.captions_columns
    rows = TranscriptRow.objects.filter(video=context.video, cue_count__gt=0)
    return rows.filter(digest=columns["digest"], encoding=columns["encoding"]).first()
