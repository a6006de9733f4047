"""The sources that hear speech: recognition on this machine, and a service."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.conf import settings

from core.errors import HeimdexError
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece, join_pieces
from mediakit.asr.transcription_api import hear_remote
from mediakit.asr.whisper import hear
from mediakit.errors import MediaError, StoppedError
from mediakit.text.glossary import correct_words
from videos import model_files
from videos.errors import VideoCode
from videos.transcripts.glossary import terms_of
from videos.transcripts.reading import Reading, SearchContext, UnusableError, unusable

# Hearing that ends so near the end of the video has heard all of it.
NEARLY_MS = 1_000


def from_speech(context: SearchContext, audio: SpeechAudio | None) -> Reading:
    """Hear with the model of this machine."""
    if audio is None:
        raise UnusableError(VideoCode.NO_SOUND)
    terms = terms_of(context.video.owner_id)
    try:
        pieces = hear(
            audio,
            model=_speech_model(context),
            offline=not settings.FETCH_MODELS,
            device=settings.SPEECH_DEVICE,
            compute_type=settings.SPEECH_COMPUTE_TYPE,
            language=context.span.language,
            start_ms=max(context.span.start_ms, _heard_ms(_heard(context))),
            end_ms=context.span.end_ms,
            terms=terms,
            heard=_heard(context),
            should_stop=context.should_stop,
        )
        return _collect(context, _corrected(pieces, terms))
    except StoppedError:
        raise
    except MediaError as error:
        raise unusable(error, otherwise=VideoCode.SPEECH_MODEL_MISSING) from error


def _collect(context: SearchContext, pieces: Iterator[HeardPiece]) -> Reading:
    """Return what was heard before and what is heard now, up to the end or to where a person ends it."""
    heard = _heard(context)
    start_ms = context.span.start_ms
    end_ms = context.span.end_ms or max(1, context.info.duration_ms)
    is_stopped = bool(heard) and context.video.hearing_stopped
    while not is_stopped and (piece := next(pieces, None)) is not None:
        heard.append(piece)
        context.newly_heard.append(piece)
        is_stopped = not context.on_piece(piece)
        context.on_progress(min(1.0, (piece.end_ms - start_ms) / max(1, end_ms - start_ms)))
    until_ms = _heard_ms(heard)
    if not until_ms:
        raise UnusableError(VideoCode.NO_SOUND)
    is_partial = is_stopped and until_ms < end_ms - NEARLY_MS
    return Reading(join_pieces(heard), until_ms if is_partial else None)


def _corrected(pieces: Iterator[HeardPiece], terms: Sequence[str]) -> Iterator[HeardPiece]:
    """Yield the pieces with the terms of the owner's glossary as they are written there."""
    for piece in pieces:
        words = correct_words(piece.words, terms, language=piece.language)
        yield replace(piece, words=tuple(words))


def _heard(context: SearchContext) -> list[HeardPiece]:
    """What earlier attempts and this one have heard."""
    return [*context.heard, *context.newly_heard]


def _heard_ms(pieces: Sequence[HeardPiece]) -> int:
    return max((piece.end_ms for piece in pieces), default=0)


def _speech_model(context: SearchContext) -> str:
    """The folder or name of the speech model, which is fetched first when it is missing."""
    chosen = model_files.choose_speech_model(context.span.language)
    if chosen is None:
        raise UnusableError(VideoCode.SPEECH_MODEL_MISSING)
    if chosen.missing is None:
        return chosen.source
    try:
        return str(
            model_files.fetch_if_due(
                chosen.missing,
                on_progress=context.on_model_progress,
                should_stop=context.should_stop,
            )
        )
    except HeimdexError as error:
        raise UnusableError(error.code) from error


def from_service(context: SearchContext, audio: SpeechAudio | None) -> Reading:
    """Have the speech service hear."""
    if audio is None:
        raise UnusableError(VideoCode.NO_SOUND)
    terms = terms_of(context.video.owner_id)
    try:
        pieces = hear_remote(
            audio,
            url=settings.SPEECH_API_URL,
            key=settings.SPEECH_API_KEY,
            model=settings.SPEECH_API_MODEL,
            language=context.span.language,
            timeout_s=settings.REMOTE_TIMEOUT_S,
            start_ms=max(context.span.start_ms, _heard_ms(_heard(context))),
            end_ms=context.span.end_ms,
            terms=terms,
            should_stop=context.should_stop,
        )
        return _collect(context, _corrected(pieces, terms))
    except StoppedError:
        raise
    except MediaError as error:
        raise unusable(error, otherwise=VideoCode.SPEECH_SERVICE_FAILED) from error


def from_sound(context: SearchContext, audio: SpeechAudio | None) -> Reading:
    """Hear with the model of this machine, or else have the service hear."""
    if model_files.choose_speech_model(context.span.language) is not None:
        return from_speech(context, audio)
    if settings.SPEECH_API_URL:
        return from_service(context, audio)
    raise UnusableError(VideoCode.SPEECH_MODEL_MISSING)
