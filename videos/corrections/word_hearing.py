"""Finding in the sound of a video when the words are said that a person put into its transcript. Only for workers."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings

from core.errors import HeimdexError
from jobs.work_folders import work_folder
from mediakit.asr.chunking import SAMPLE_RATE_HZ, Samples, SpeechAudio
from mediakit.asr.forced_alignment import MAX_MS, align_words
from mediakit.asr.whisper import SpeechModelMissingError
from mediakit.audio.level_meter import SPEECH_FILE
from mediakit.audio.speech_audio import write_speech_audio
from mediakit.errors import StoppedError
from mediakit.text.transcript import Word, estimate_words, tokenize
from storage.source_reader import open_source
from videos import model_files
from videos.corrections.placed import CorrectedLines, LinesReader
from videos.corrections.word_times import lines_of
from videos.kept_ranges import media_info
from videos.models import Correction, Video

logger = logging.getLogger(__name__)

# The words around those that are looked for hold these in their place.
CONTEXT_MS = 5_000
# A pause this long parts sentences: what is said beyond it is not listened to.
PAUSE_MS = 1_000
# A recogniser's times are off by up to a tenth of a second.
MARGIN_MS = 200


@dataclass(frozen=True, slots=True)
class _Shown:
    """A word that is shown, and whether it is one of the correction's."""

    word: Word
    is_own: bool


def hear_words(
    correction: Correction,
    reader: LinesReader,
    *,
    should_stop: Callable[[], bool] = lambda: False,
) -> list[tuple[int, int]] | None:
    """Return start and end in ms of each word of a correction's text, as they are heard.

    Empty where there is no speech model, no sound, or more words than the model hears at once; None when the correction
    does not show. Raises the errors of storage and of decoding, and StoppedError.
    """
    lines = reader.lines(correction.video)
    indexes = lines_of(lines, correction)
    if not indexes:
        return None
    around = _around(list(_shown(lines, correction, indexes)))
    model = _model(correction.video)
    if not around or not model:
        return []
    start_ms, end_ms = _span(around)
    length_ms = end_ms - start_ms
    if length_ms > MAX_MS:
        return []
    samples = _sound(correction.video, start_ms, length_ms)
    if should_stop():
        raise StoppedError("the hearing of words was stopped")
    if samples is None or len(samples) < SAMPLE_RATE_HZ // 10:
        return []
    try:
        found = align_words(
            samples,
            [each.word.text.strip() for each in around],
            start_ms=start_ms,
            language=correction.video.transcript_language,
            model=model,
            device=settings.SPEECH_DEVICE,
            compute_type=settings.SPEECH_COMPUTE_TYPE,
        )
    except SpeechModelMissingError as error:
        logger.warning("new words keep a share of the time: %s", error)
        return []
    pairs = zip(around, found, strict=False)  # none were found, or all
    return [(said.start_ms, said.end_ms) for each, said in pairs if each.is_own]


def _shown(
    lines: CorrectedLines, correction: Correction, indexes: Sequence[int]
) -> Iterator[_Shown]:
    """Yield the words of the correction's lines and of those around them, in order."""
    first_ms = lines.uncorrected[indexes[0]].start_ms - CONTEXT_MS
    last_ms = lines.uncorrected[indexes[-1]].end_ms + CONTEXT_MS
    for index, cue in enumerate(lines.uncorrected):
        if cue.end_ms < first_ms or cue.start_ms > last_ms:
            continue
        placed = lines.placed.get(index)
        if not placed:
            yield from (_Shown(word, is_own=False) for word in estimate_words(cue).words)
            continue
        line = lines.line(index)
        words = iter(line.cue.words)
        for segment in line.segments:
            found = segment.replacement
            is_own = found is not None and placed[found] == correction
            for _ in tokenize(found.text) if found else (1,):
                yield _Shown(next(words), is_own)


def _around(words: Sequence[_Shown]) -> Sequence[_Shown]:
    """The correction's words with those that are said around them; none without any."""
    own = [at for at, each in enumerate(words) if each.is_own]
    if not own:
        return []
    first, last = own[0], own[-1]
    since_ms = words[first].word.start_ms - CONTEXT_MS
    until_ms = words[last].word.end_ms + CONTEXT_MS
    while first and _belongs(words[first - 1], words[first], since_ms, until_ms):
        first -= 1
    while last + 1 < len(words) and _belongs(words[last], words[last + 1], since_ms, until_ms):
        last += 1
    return words[first : last + 1]


def _belongs(before: _Shown, after: _Shown, since_ms: int, until_ms: int) -> bool:
    """Whether two words that follow one another, between two times, help to place each other.

    A pause parts others; new words may be said in what seemed to be a pause.
    """
    gap_ms = after.word.start_ms - before.word.end_ms
    return (
        (gap_ms < PAUSE_MS or before.is_own or after.is_own)
        and before.word.start_ms >= since_ms
        and after.word.end_ms <= until_ms
    )


def _span(around: Sequence[_Shown]) -> tuple[int, int]:
    """Start and end in ms of what is listened to for some words: further than new words, which may be said later."""
    first, last = around[0], around[-1]
    before_ms, after_ms = (CONTEXT_MS if each.is_own else MARGIN_MS for each in (first, last))
    return max(0, first.word.start_ms - before_ms), last.word.end_ms + after_ms


def _model(video: Video) -> str:
    """The speech model on this machine for the video's language; empty without one: none is fetched for this."""
    chosen = model_files.choose_speech_model(video.transcript_language)
    return chosen.source if chosen is not None and chosen.missing is None else ""


def _sound(video: Video, start_ms: int, length_ms: int) -> Samples | None:
    """The sound of a range, 16 kHz mono; None where the video has no sound."""
    try:
        info = media_info(video)
    except HeimdexError:  # nothing is known of its tracks
        return None
    track = info.audio_track()
    if track is None:
        return None
    with work_folder("words") as work_dir, open_source(video.source_key) as source:
        wav = work_dir / SPEECH_FILE
        write_speech_audio(
            source,
            info,
            track,
            wav,
            timeout_s=settings.VIDEO_TIMEOUT_S,
            start_ms=start_ms,
            length_ms=length_ms,
        )
        return SpeechAudio(wav).read(0, length_ms * SAMPLE_RATE_HZ // 1000)
