"""Speech recognition on this machine, with faster-whisper."""

import contextlib
import ctypes
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mediakit.asr.chunking import SAMPLE_RATE_HZ, AudioChunk, SpeechAudio, split_audio
from mediakit.asr.hallucination_filter import (
    MAX_COMPRESSION_RATIO,
    MAX_NO_SPEECH_PROB,
    RepeatDetector,
    is_plausible,
)
from mediakit.asr.heard_piece import HeardPiece
from mediakit.asr.previous_text import PreviousText, prompt_tokens
from mediakit.asr.spectrogram import stft
from mediakit.asr.spoken_language import (
    MIN_CHANGE,
    Segment,
    Span,
    SpokenLanguage,
    WindowLanguages,
    with_second_looks,
)
from mediakit.errors import MediaError, MediaErrorCode, StoppedError
from mediakit.text.transcript import Word
from mediakit.text.word_segmentation import merge_subwords

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

logger = logging.getLogger(__name__)

CHUNK_S = 120
# The first chunk is short, so that people see its words soon.
FIRST_CHUNK_S = 30
# A piece ends with the first segment that makes it this long.
PIECE_S = 10
# How many sentences are pursued at a time. docs/speech.md has the figures of 1 and 5.
BEAM_SIZE = 5
# How many are drawn where a sentence must be drawn by chance. Each keeps the window in memory (37 MB with base).
SAMPLES = 2
# glibc's name of the option (malloc.h), and how many heaps all threads share.
M_ARENA_MAX, MAX_HEAPS = -8, 1
# Chunks with less voice are skipped.
MIN_VOICE_MS = 250
VAD_OPTIONS = {"min_silence_duration_ms": 500, "speech_pad_ms": 200, "min_speech_duration_ms": 100}
# Whisper reads at most 223 tokens of text before what it writes, terms and previous text together; all of it takes from
# the time of each window.
# With 180 the smallest model hears names where there are none, or nothing at all; with 100 as well as with 30.
MAX_HOTWORD_TOKENS = 100
# All of it would take 28 MB more at the peak, with a beam of 5.
MAX_PREVIOUS_TOKENS = 150
# A window that was told the text before it is also decoded without, unless its mean log probability is at least this;
# and what it then gave must have this share of the letters.
SURE_LOGPROB, MIN_TOLD_LENGTH = -0.3, 0.9

Waveform = np.ndarray[Any, np.dtype[np.floating[Any]]]


class SpeechModelMissingError(MediaError):
    """The speech model is missing or cannot be loaded."""

    code = MediaErrorCode.SPEECH_MODEL_MISSING


def hear(
    audio: SpeechAudio,
    *,
    model: str,
    device: str = "cpu",
    compute_type: str = "int8",
    language: str = "",
    offline: bool = False,
    start_ms: int = 0,
    end_ms: int | None = None,
    beam_size: int = BEAM_SIZE,
    terms: Sequence[str] = (),
    heard: Sequence[HeardPiece] = (),
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[HeardPiece]:
    """Yield what is said from `start_ms` to `end_ms` (None: the end), piece by piece, with measured word times.

    A piece is about PIECE_S long, and has no words where it is silent. `model` is a folder or a name. A model that is
    not on this machine is downloaded unless `offline`. `language` is a code, or empty to follow what is spoken. `terms`
    are words that may be said: the model reads as many of them as it can before each half minute, and the text before
    it, also that of the pieces in `heard`. `should_stop` is called between segments. Raises SpeechModelMissingError and
    StoppedError.
    """
    whisper = load_model(model, device=device, compute_type=compute_type, offline=offline)
    recogniser = _Recogniser(
        whisper,
        language=_supported_language(whisper, language),
        beam_size=beam_size,
        hotwords=_hotwords(whisper, terms),
        previous=PreviousText(heard, start_ms=start_ms),
    )
    repeats = RepeatDetector()
    for chunk in split_audio(
        audio, max_s=CHUNK_S, start_ms=start_ms, end_ms=end_ms, first_s=FIRST_CHUNK_S
    ):
        _stop_if(should_stop)
        yield from _pieces(chunk, recogniser, repeats, should_stop)


def _pieces(
    chunk: AudioChunk,
    recogniser: "_Recogniser",
    repeats: RepeatDetector,
    should_stop: Callable[[], bool] | None,
) -> Iterator[HeardPiece]:
    """Yield what is said in a chunk. A piece has one language."""
    begun_ms, language = chunk.start_ms, recogniser.spoken.code
    words: list[Word] = []
    for segment in recogniser.segments(chunk):
        _stop_if(should_stop)
        at_ms = min(chunk.end_ms, chunk.start_ms + round(segment.start_s * 1000))
        if segment.language != language and words and at_ms > begun_ms:
            yield HeardPiece(begun_ms, at_ms, language, tuple(words))
            begun_ms, words = at_ms, []
        language = segment.language
        if not repeats.is_loop(segment.text):
            words.extend(segment.words)
        end_ms = min(chunk.end_ms, chunk.start_ms + round(segment.end_s * 1000))
        if end_ms - begun_ms >= PIECE_S * 1000:
            yield HeardPiece(begun_ms, end_ms, language, tuple(words))
            begun_ms, words = end_ms, []
    if words or chunk.end_ms > begun_ms:
        yield HeardPiece(begun_ms, max(chunk.end_ms, begun_ms + 1), language, tuple(words))


def load_model(
    model: str, *, device: str = "cpu", compute_type: str = "int8", offline: bool = False
) -> "WhisperModel":
    """Return the model, loaded once per process. Raises SpeechModelMissingError."""
    whisper = _load(model, device, compute_type, offline)
    whisper.feature_extractor.stft = stft
    return whisper


@lru_cache(maxsize=1)
def _load(model: str, device: str, compute_type: str, offline: bool) -> "WhisperModel":  # noqa: FBT001 -- cached by position
    is_folder = model.startswith(("/", "./", "../", "~")) or Path(model).is_dir()
    folder = Path(model).expanduser()
    # faster-whisper would download the tokenizer that a folder lacks.
    if is_folder and not all((folder / name).is_file() for name in ("model.bin", "tokenizer.json")):
        raise SpeechModelMissingError(
            f"There is no speech model in {model}.", params={"model": model}
        )
    try:
        from faster_whisper import WhisperModel  # noqa: PLC0415 -- heavy, and not always needed

        source = str(folder) if is_folder else _model_folder(model, offline=offline)
        if device == "auto" and (found := _load_on_cuda(source, compute_type)):
            return found
        on = "cpu" if device == "auto" else device
        _share_memory()
        return WhisperModel(source, device=on, compute_type=compute_type)
    except Exception as error:  # the libraries raise many types
        raise SpeechModelMissingError(
            f"The speech model {model} cannot be loaded: {error}", params={"model": model}
        ) from error


def _share_memory() -> None:
    """Have all threads take their memory from one heap, where the C library is glibc.

    Each thread that computes would keep a heap of its own: 588 instead of 503 MB at the peak of a lecture, with base.
    """
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, MAX_HEAPS)


def _load_on_cuda(source: str, compute_type: str) -> "WhisperModel | None":
    """Return the model on a CUDA device; None where there is no device, or where its libraries do not work."""
    import ctranslate2  # noqa: PLC0415 -- heavy, and not always needed
    from faster_whisper import WhisperModel  # noqa: PLC0415 -- heavy, and not always needed

    if not ctranslate2.get_cuda_device_count():
        return None
    try:
        whisper = WhisperModel(source, device="cuda", compute_type=compute_type)
        # Libraries that are missing are only noticed when something is computed.
        whisper.encode(np.zeros((whisper.model.n_mels, 3000), np.float32))
    except Exception:  # the libraries raise many types
        logger.warning("the CUDA device cannot be used, the processor is", exc_info=True)
        return None
    return whisper


def _model_folder(name: str, *, offline: bool) -> str:
    """Return the folder of a model by name; downloads it if it is not on this machine."""
    from faster_whisper import download_model  # noqa: PLC0415 -- heavy, and not always needed

    try:
        return str(download_model(name, local_files_only=True))
    except Exception:
        if offline:
            raise
    return str(download_model(name))


def _supported_language(whisper: "WhisperModel", requested: str) -> str:
    """Return the language code as the model knows it; empty for an unknown language."""
    code = requested.lower().replace("_", "-").split("-")[0]
    return code if code in whisper.supported_languages else ""


def _hotwords(whisper: "WhisperModel", terms: Sequence[str]) -> str | None:
    """Return the first terms as one text of at most MAX_HOTWORD_TOKENS tokens; None without any."""
    chosen = ""
    for term in terms:
        longer = f"{chosen}, {term}" if chosen else term
        if (
            len(whisper.hf_tokenizer.encode(longer, add_special_tokens=False).ids)
            > MAX_HOTWORD_TOKENS
        ):
            break
        chosen = longer
    return chosen or None


class Decoded(NamedTuple):
    """What a window was decoded to, in the order of `WhisperModel.generate_with_fallback`."""

    result: Any
    logprob: float  # the mean of its tokens
    temperature: float
    compression_ratio: float

    @property
    def is_loop(self) -> bool:
        """Whether its text repeats itself."""
        return self.compression_ratio > MAX_COMPRESSION_RATIO


class _Recogniser:
    """A model with what it is told for one recording. Without a language it follows the one that is spoken."""

    def __init__(
        self,
        whisper: "WhisperModel",
        *,
        language: str,
        beam_size: int,
        hotwords: str | None,
        previous: PreviousText,
    ) -> None:
        self.spoken = SpokenLanguage(language)
        self._whisper = whisper
        self._beam_size = beam_size
        self._hotwords = hotwords
        self._follows = not language and whisper.model.is_multilingual
        self._previous = previous
        # The text before a window and the terms share the tokens that the model reads.
        self._max_previous_tokens = MAX_PREVIOUS_TOKENS - (MAX_HOTWORD_TOKENS if hotwords else 0)
        # The model is shared by all that runs in this process: only the copy asks for languages and text in our way.
        self._reader = copy(whisper)
        self._reader.generate_with_fallback = self._decode
        if self._follows:
            self._reader.model = WindowLanguages(whisper.model, self.spoken)

    def segments(self, chunk: AudioChunk) -> Iterator[Segment]:
        """Yield what is plausibly said in a chunk, in order."""
        samples: Waveform = chunk.samples.astype(np.float32) / 32768
        voiced = _voiced_spans(samples)
        if sum(end - start for start, end in voiced) * 1000 < MIN_VOICE_MS:
            self._previous.clear()
            return
        self._previous.voice_begins(chunk.start_ms + round(voiced[0][0] * 1000))
        found, info = self._transcribe(self._reader, samples, self.spoken.code)

        def read() -> Iterator[Segment]:
            for segment in found:
                language = self.spoken.code or info.language
                heard = _segment(segment, voiced, language, offset_ms=chunk.start_ms)
                self._previous.add(heard.words if heard.is_plausible else (), language=language)
                self._previous.voice_begins(
                    chunk.start_ms + round(1000 * _next_voice_s(voiced, heard.end_s))
                )
                yield heard

        if not self._follows:
            self.spoken.code = self.spoken.code or info.language
            yield from (segment for segment in read() if segment.is_plausible)
            return

        def hear_again(span: Span, told: str) -> Sequence[Segment]:
            part = samples[round(span[0] * SAMPLE_RATE_HZ) : round(span[1] * SAMPLE_RATE_HZ)]
            language, probability, _ = self._whisper.detect_language(part)
            if language == told or probability < MIN_CHANGE:
                return ()
            again, _ = self._transcribe(self._whisper, part, language)
            inside = [(start - span[0], end - span[0]) for start, end in voiced]
            offset_ms = chunk.start_ms + round(span[0] * 1000)
            heard = (_segment(each, inside, language, offset_ms=offset_ms) for each in again)
            return [
                replace(
                    each,
                    start_s=each.start_s + span[0],
                    end_s=each.end_s + span[0],
                    offset_ms=chunk.start_ms,
                )
                for each in heard
            ]

        yield from with_second_looks(
            read(),
            voiced=voiced,
            end_s=chunk.duration_ms / 1000,
            hear_again=hear_again,
        )

    def _decode(self, encoded: Any, prompt: list[int], tokenizer: Any, options: Any) -> Decoded:
        """Decode a window told the text before it, and unless that is sure also without; the more probable one counts.

        In the form of `WhisperModel.generate_with_fallback`, of which this takes the place.
        """
        lines = self._previous.take(tokenizer.language_code)
        if lines:
            tokens = prompt_tokens(lines, tokenizer, limit=self._max_previous_tokens)
            told = self._whisper.get_prompt(tokenizer, tokens, hotwords=options.hotwords)
            once = replace(options, temperatures=[0.0])
            found = Decoded(*self._whisper.generate_with_fallback(encoded, told, tokenizer, once))
            if found.logprob >= SURE_LOGPROB and not found.is_loop:
                return found
        plain = Decoded(*self._whisper.generate_with_fallback(encoded, prompt, tokenizer, options))
        if not lines or found.is_loop or found.logprob < plain.logprob:
            return plain
        letters = [len(tokenizer.decode(each.result.sequences_ids[0])) for each in (found, plain)]
        return found if letters[0] >= MIN_TOLD_LENGTH * letters[1] else plain

    def _transcribe(
        self, whisper: "WhisperModel", samples: Waveform, language: str
    ) -> tuple[Iterable[Any], Any]:
        """Return faster-whisper's segments (a generator), and what it says of the sound."""
        from faster_whisper.vad import VadOptions  # noqa: PLC0415 -- heavy

        found: tuple[Iterable[Any], Any] = whisper.transcribe(
            samples,
            language=language or None,
            multilingual=self._follows and whisper is self._reader,
            beam_size=self._beam_size,
            best_of=SAMPLES,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters=VadOptions(**VAD_OPTIONS),
            # Before every window of 30 s. An initial prompt would reach the first one only, as text is not carried on.
            hotwords=self._hotwords,
            # Otherwise a mistake affects the next segments.
            condition_on_previous_text=False,
            compression_ratio_threshold=MAX_COMPRESSION_RATIO,
            no_speech_threshold=MAX_NO_SPEECH_PROB,
        )
        return found


def _voiced_spans(samples: Waveform) -> list[Span]:
    """The spans with a voice, in s."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 -- heavy

    spans = get_speech_timestamps(samples, VadOptions(**VAD_OPTIONS))
    return [(span["start"] / SAMPLE_RATE_HZ, span["end"] / SAMPLE_RATE_HZ) for span in spans]


def _next_voice_s(voiced: Sequence[Span], at_s: float) -> float:
    """When the next voice goes on or begins after `at_s`; `at_s` itself where none does."""
    return next((max(start, at_s) for start, end in voiced if end > at_s + 0.5), at_s)


def _segment(found: Any, voiced: Sequence[Span], language: str, *, offset_ms: int) -> Segment:
    """A segment of faster-whisper, with the times of its words from the start of the whole sound."""
    words = tuple(merge_subwords(_words(found, offset_ms)))
    plausible = is_plausible(found, voiced)
    return Segment(found.start, found.end, found.text, language, words, plausible, offset_ms)


def _words(segment: Any, offset_ms: int) -> Iterator[Word]:
    for word in segment.words or ():
        if word.word.strip():
            start, end = (offset_ms + round(time * 1000) for time in (word.start, word.end))
            yield Word(start, max(start, end), word.word, probability=word.probability)


def _stop_if(should_stop: Callable[[], bool] | None) -> None:
    if should_stop is not None and should_stop():
        raise StoppedError("speech recognition was stopped")
