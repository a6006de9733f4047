"""Speech recognition by any server that speaks the OpenAI transcription API."""

import re
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from mediakit.asr.chunking import SAMPLE_RATE_HZ, AudioChunk, split_audio, wav_duration_ms
from mediakit.asr.hallucination_filter import (
    MAX_COMPRESSION_RATIO,
    MAX_NO_SPEECH_PROB,
    MIN_AVG_LOGPROB,
    MIN_AVG_LOGPROB_IN_NOISE,
    without_overlaps,
)
from mediakit.errors import MediaErrorCode, StoppedError
from mediakit.ffmpeg.source_args import input_args
from mediakit.remote import http_service
from mediakit.sandbox import process
from mediakit.text.transcript import Transcript, Word, split_into_lines, spread_words, tokenize

PATH = "/audio/transcriptions"
# Ten minutes of 16 kHz sound are under 20 MB whatever is in them; services take 25.
CHUNK_S = 600
# Where a service tells no times, words can only be spread: over this much at most.
UNTIMED_CHUNK_S = 30
# Sound that never gets above this (of 1) is not sent: services write text for silence too.
MIN_PEAK = 0.003
_REJECTED_STATUSES = frozenset({400, 404, 415, 422})
_LANGUAGE_NAMES = (
    "english=en korean=ko japanese=ja chinese=zh french=fr german=de spanish=es italian=it"
    " portuguese=pt russian=ru dutch=nl polish=pl turkish=tr arabic=ar swedish=sv hindi=hi"
    " vietnamese=vi indonesian=id ukrainian=uk czech=cs greek=el finnish=fi danish=da hebrew=he"
    " hungarian=hu romanian=ro norwegian=no thai=th"
)
_CODE_BY_NAME = dict(pair.split("=") for pair in _LANGUAGE_NAMES.split())


class SpeechServiceError(http_service.ServiceError):
    """The speech service gave no usable answer."""

    code = MediaErrorCode.SPEECH_SERVICE_FAILED


class _UntimedError(Exception):
    """The service gives text without times."""


@dataclass(frozen=True, slots=True)
class _Service:
    """Whom to ask, and how."""

    url: str
    key: str
    model: str
    language: str
    timeout_s: float
    should_stop: Callable[[], bool] | None

    def ask(self, sound: Path, *, timed: bool) -> dict[str, Any]:
        """The answer for one file of sound."""
        fields: dict[str, Any] = {"model": self.model, "response_format": "json"}
        if timed:
            fields["response_format"] = "verbose_json"
            fields["timestamp_granularities[]"] = ["word", "segment"]
        if self.language:
            fields["language"] = self.language.split("-")[0]
        answer = http_service.post(
            http_service.endpoint(self.url, PATH),
            error=SpeechServiceError,
            key=self.key,
            timeout_s=self.timeout_s,
            should_stop=self.should_stop,
            data=fields,
            files={"file": (sound.name, sound.read_bytes(), "audio/flac")},
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("text", ""), str):
            raise SpeechServiceError("The service's answer is no transcript.", status=200)
        return answer


def transcribe_remote(
    wav: Path,
    *,
    url: str,
    key: str,
    model: str,
    language: str = "",
    timeout_s: float = 300,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] | None = None,
) -> Transcript:
    """What is said in a 16 kHz mono WAV file, as the server at `url` (its base) hears it.

    The sound is sent in pieces. Words have the server's times where it gives them, else they are
    spread over its segments, or over half a minute, and marked as estimated. SpeechServiceError
    when there is no usable answer.
    """
    service = _Service(url, key, model, language, timeout_s, should_stop)
    try:
        words, found = _transcribe(wav, service, on_progress, timed=True)
    except _UntimedError:
        words, found = _transcribe(wav, service, on_progress, timed=False)
    on_progress(1.0)
    return Transcript(
        language or found if words else "", tuple(split_into_lines(without_overlaps(words)))
    )


def _transcribe(
    wav: Path, service: _Service, on_progress: Callable[[float], None], *, timed: bool
) -> tuple[list[Word], str]:
    """All words, and the language of the first answer that names it."""
    words: list[Word] = []
    language = ""
    with wave.open(str(wav), "rb") as sound, tempfile.TemporaryDirectory(dir=wav.parent) as work:
        whole = max(1, wav_duration_ms(sound))
        for piece in split_audio(sound, longest_s=CHUNK_S if timed else UNTIMED_CHUNK_S):
            if service.should_stop is not None and service.should_stop():
                raise StoppedError("speech recognition was stopped")
            if piece.peak >= MIN_PEAK:
                answer = _request(service, _encode_flac(piece, Path(work)), timed=timed)
                words.extend(_words(answer, piece, timed=timed))
                language = language or _language_code(answer.get("language"))
            on_progress(min(1.0, (piece.start_ms + piece.length_ms) / whole))
    return words, language


def _request(service: _Service, sound: Path, *, timed: bool) -> dict[str, Any]:
    """The answer; _UntimedError when the service refuses to give times."""
    try:
        return service.ask(sound, timed=timed)
    except SpeechServiceError as error:
        if timed and error.status in _REJECTED_STATUSES:
            raise _UntimedError from error
        raise


def _encode_flac(piece: AudioChunk, work: Path) -> Path:
    """The piece as FLAC, half the size and nothing lost."""
    plain, small = work / "piece.wav", work / "piece.flac"
    with wave.open(str(plain), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(piece.samples.tobytes())
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    argv += [*input_args(str(plain), demuxers=("wav",), decoders=("pcm_s16le",)), "-c:a", "flac"]
    process.run([*argv, f"file:{small.name}"], timeout_s=300, reads=[str(plain)], cwd=work)
    return small


def _words(answer: dict[str, Any], piece: AudioChunk, *, timed: bool) -> Iterator[Word]:
    """Words of an answer at their times in the whole sound."""
    spoken = list(_spans(answer.get("words"), "word", piece))
    segments = [*_spans(_plausible_segments(answer.get("segments")), "text", piece)]
    if segments:
        for start, end, text in segments:
            yield from _align_words(
                text, start, end, [w for w in spoken if start <= _middle(w) <= end]
            )
    elif spoken:
        yield from (Word(start, end, text) for start, end, text in spoken)
    elif not answer.get("segments") and answer.get("text", "").strip():
        if timed and piece.length_ms > UNTIMED_CHUNK_S * 1000:
            raise _UntimedError
        yield from spread_words(answer["text"], piece.start_ms, piece.start_ms + piece.length_ms)


Span = tuple[int, int, str]


def _spans(found: Any, name: str, piece: AudioChunk) -> Iterator[Span]:
    """(start, end, text) of what the service lists, in ms of the whole sound; nonsense is left out."""
    last = piece.start_ms + piece.length_ms
    for item in found if isinstance(found, list) else ():
        try:
            start, end = (piece.start_ms + round(float(item[at]) * 1000) for at in ("start", "end"))
            text = str(item[name]).strip()
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if text and piece.start_ms <= start <= end:
            yield min(start, last), min(end, last), text


def _plausible_segments(segments: Any) -> list[Any]:
    """Segments without those that the service itself takes for noise or a loop."""
    found = segments if isinstance(segments, list) else []
    return [segment for segment in found if isinstance(segment, dict) and _is_plausible(segment)]


def _is_plausible(segment: dict[str, Any]) -> bool:
    def measured(name: str, otherwise: float) -> float:
        value = segment.get(name)
        return float(value) if isinstance(value, int | float) else otherwise

    sure = measured("avg_logprob", 0.0)
    noisy = measured("no_speech_prob", 0.0) > MAX_NO_SPEECH_PROB and sure < MIN_AVG_LOGPROB_IN_NOISE
    return (
        sure >= MIN_AVG_LOGPROB
        and not noisy
        and measured("compression_ratio", 1.0) <= MAX_COMPRESSION_RATIO
    )


def _middle(span: Span) -> int:
    return (span[0] + span[1]) // 2


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _align_words(text: str, start: int, end: int, spoken: Sequence[Span]) -> Iterable[Word]:
    """The words of a segment, punctuation included, at the times of the bare words in it.

    Services list words without punctuation. What matches letter by letter has measured times;
    the rest is spread over the room between.
    """
    if not spoken:
        return spread_words(text, start, end)
    heard = [(char, word) for word in spoken for char in _letters(word[2])]
    parts = tokenize(text)
    written = [(char, index) for index, part in enumerate(parts) for char in _letters(part)]
    matcher = SequenceMatcher(
        None, [char for char, _ in heard], [char for char, _ in written], autojunk=False
    )
    times: dict[int, tuple[int, int]] = {}
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            word, index = heard[block.a + step][1], written[block.b + step][1]
            first, last = times.get(index, word[:2])
            times[index] = min(first, word[0]), max(last, word[1])
    return _fill_missing_times(parts, times, start, end)


def _fill_missing_times(
    parts: Sequence[str], times: dict[int, tuple[int, int]], start: int, end: int
) -> list[Word]:
    """Words with times, those without any spread between their neighbours."""
    words: list[Word] = []
    waiting: list[str] = []
    for index, part in enumerate(parts):
        if index not in times:
            waiting.append(part)
            continue
        since = words[-1].end_ms if words else start
        words += spread_words(" ".join(waiting), since, max(since, times[index][0]))
        waiting = []
        words.append(Word(*times[index], part))
    since = words[-1].end_ms if words else start
    return [*words, *spread_words(" ".join(waiting), since, max(since, end))]


def _language_code(language: Any) -> str:
    """A language's code, from a code or an English name."""
    name = language.casefold() if isinstance(language, str) else ""
    return _CODE_BY_NAME.get(name, name if re.fullmatch(r"[a-z]{2,3}", name) else "")
