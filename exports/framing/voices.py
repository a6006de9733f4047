"""The voice of a stored video, for punch-ins."""

from exports.framing.punch_ins import Voice
from mediakit.framing.people.emphasis import sentence_starts_ms
from videos.analyses.speech_levels import speech_index
from videos.models import Cue, Video


def voice_of(video: Video) -> Voice:
    """What is heard in a video."""

    def sentences_ms(start_ms: int, end_ms: int) -> list[int]:
        return sentences_in(video, start_ms, end_ms)

    return Voice(speech_index(video), sentences_ms)


def sentences_in(video: Video, start_ms: int, end_ms: int) -> list[int]:
    """When the sentences of the transcript begin in a range, in ms; empty without a transcript there."""
    lines = Cue.objects.filter(video=video, start_ms__lt=end_ms, end_ms__gt=start_ms)
    rows = lines.order_by("index").values_list("start_ms", "text", "words")
    return sentence_starts_ms(
        (int(word[0]), str(word[2]))
        for line_ms, text, timed in rows
        for word in (timed or [[line_ms, line_ms, text]])
    )
