"""Speech recognition by a server with the OpenAI transcription API."""

import re
import tempfile
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from mediakit.asr.chunking import SAMPLE_RATE_HZ, AudioChunk, SpeechAudio, split_audio
from mediakit.asr.hallucination_filter import (
    MAX_COMPRESSION_RATIO,
    MAX_NO_SPEECH_PROB,
    MIN_AVG_LOGPROB,
    MIN_AVG_LOGPROB_IN_NOISE,
    is_invented,
)
from mediakit.asr.heard_piece import HeardPiece
from mediakit.errors import MediaErrorCode, StoppedError
from mediakit.ffmpeg.source_args import input_args
from mediakit.remote import http_service
from mediakit.sandbox import process
from mediakit.text.transcript import Word, spread_words, tokenize

PATH = "/audio/transcriptions"
# Ten minutes of 16 kHz audio are below 20 MB in any case; services accept 25 MB.
CHUNK_S = 600
# If a service returns no times, they are estimated over a chunk of at most this length.
UNTIMED_CHUNK_S = 30
# Chunks with a lower peak (of 1) are not sent: services return text for silence, too.
MIN_PEAK = 0.003
# The API reads 224 tokens of a prompt, of two to four letters each.
MAX_PROMPT_CHARS = 500
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
    """The service returns text without times."""


@dataclass(frozen=True, slots=True)
class _Service:
    """The service's address and the parameters of each request."""

    url: str
    key: str
    model: str
    language: str
    timeout_s: float
    should_stop: Callable[[], bool] | None
    prompt: str

    def request(self, audio: Path, *, timed: bool) -> dict[str, Any]:
        """Request the transcript of one audio file and return the JSON answer."""
        fields: dict[str, Any] = {"model": self.model, "response_format": "json"}
        if timed:
            fields["response_format"] = "verbose_json"
            fields["timestamp_granularities[]"] = ["word", "segment"]
        if self.language:
            fields["language"] = self.language.split("-")[0]
        if self.prompt:
            fields["prompt"] = self.prompt
        answer = http_service.post(
            http_service.endpoint(self.url, PATH),
            error=SpeechServiceError,
            key=self.key,
            timeout_s=self.timeout_s,
            should_stop=self.should_stop,
            data=fields,
            files={"file": (audio.name, audio.read_bytes(), "audio/flac")},
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("text", ""), str):
            raise SpeechServiceError("The service's answer is no transcript.", status=200)
        return answer


def hear_remote(
    audio: SpeechAudio,
    *,
    url: str,
    key: str,
    model: str,
    language: str = "",
    timeout_s: float = 300,
    start_ms: int = 0,
    end_ms: int | None = None,
    terms: Sequence[str] = (),
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[HeardPiece]:
    """Yield what the server whose base address is `url` hears, a piece for each chunk sent to it.

    It hears from `start_ms` to `end_ms` (None: the end).

    Words have the server's times if it returns any. Otherwise their times are estimated from its segments, or from
    half a minute of audio. `terms` are words that may be said, sent as the prompt. Raises SpeechServiceError without
    a usable answer, and StoppedError.
    """
    service = _Service(url, key, model, language, timeout_s, should_stop, _prompt(terms))
    try:
        for piece in _hear(audio, service, start_ms, end_ms, timed=True):
            yield piece
            start_ms = piece.end_ms
    except _UntimedError:
        yield from _hear(audio, service, start_ms, end_ms, timed=False)


def _prompt(terms: Sequence[str]) -> str:
    """Return the first terms as one text of at most MAX_PROMPT_CHARS."""
    text = ", ".join(terms)
    return text if len(text) <= MAX_PROMPT_CHARS else text[:MAX_PROMPT_CHARS].rpartition(", ")[0]


def _hear(
    audio: SpeechAudio, service: _Service, start_ms: int, end_ms: int | None, *, timed: bool
) -> Iterator[HeardPiece]:
    """Yield a piece for each chunk. Its language is the requested one, or the last one that an answer named."""
    language = service.language
    with tempfile.TemporaryDirectory(dir=audio.path.parent) as work:
        max_s = CHUNK_S if timed else UNTIMED_CHUNK_S
        for chunk in split_audio(audio, max_s=max_s, start_ms=start_ms, end_ms=end_ms):
            if service.should_stop is not None and service.should_stop():
                raise StoppedError("speech recognition was stopped")
            words: tuple[Word, ...] = ()
            if chunk.peak >= MIN_PEAK:
                answer = _request(service, _encode_flac(chunk, Path(work)), timed=timed)
                words = tuple(_words(answer, chunk, timed=timed))
                language = service.language or _language_code(answer.get("language")) or language
            yield HeardPiece(chunk.start_ms, chunk.end_ms, language, words)


def _request(service: _Service, audio: Path, *, timed: bool) -> dict[str, Any]:
    """Return the answer. Raises _UntimedError if the service rejects a request for times."""
    try:
        return service.request(audio, timed=timed)
    except SpeechServiceError as error:
        if timed and error.status in _REJECTED_STATUSES:
            raise _UntimedError from error
        raise


def _encode_flac(chunk: AudioChunk, work: Path) -> Path:
    """Write the chunk as FLAC: lossless at half the size."""
    plain, small = work / "piece.wav", work / "piece.flac"
    with wave.open(str(plain), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(SAMPLE_RATE_HZ)
        audio.writeframes(chunk.samples.tobytes())
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    argv += [*input_args(str(plain), demuxers=("wav",), decoders=("pcm_s16le",)), "-c:a", "flac"]
    process.run([*argv, f"file:{small.name}"], timeout_s=300, reads=[str(plain)], cwd=work)
    return small


def _words(answer: dict[str, Any], chunk: AudioChunk, *, timed: bool) -> Iterator[Word]:
    """Yield the words of an answer with their times in the whole audio."""
    spoken = list(_spans(answer.get("words"), "word", chunk))
    segments = [*_spans(_plausible_segments(answer.get("segments")), "text", chunk)]
    if segments:
        for start, end, text in segments:
            yield from _align_words(
                text, start, end, [w for w in spoken if start <= _middle(w) <= end]
            )
    elif spoken:
        yield from (Word(start, end, text) for start, end, text in spoken)
    elif not answer.get("segments") and answer.get("text", "").strip():
        if timed and chunk.duration_ms > UNTIMED_CHUNK_S * 1000:
            raise _UntimedError
        yield from spread_words(answer["text"], chunk.start_ms, chunk.start_ms + chunk.duration_ms)


Span = tuple[int, int, str]


def _spans(found: Any, name: str, chunk: AudioChunk) -> Iterator[Span]:
    """Yield (start_ms, end_ms, text) of each listed item, in the whole audio. Invalid items are left out."""
    last = chunk.start_ms + chunk.duration_ms
    for item in found if isinstance(found, list) else ():
        try:
            start, end = (chunk.start_ms + round(float(item[at]) * 1000) for at in ("start", "end"))
            text = str(item[name]).strip()
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if text and chunk.start_ms <= start <= end:
            yield min(start, last), min(end, last), text


def _plausible_segments(segments: Any) -> list[Any]:
    """Return the segments without those that the service's own measures mark as noise or a loop."""
    found = segments if isinstance(segments, list) else []
    return [segment for segment in found if isinstance(segment, dict) and _is_plausible(segment)]


def _is_plausible(segment: dict[str, Any]) -> bool:
    def measured(name: str, otherwise: float) -> float:
        value = segment.get(name)
        return float(value) if isinstance(value, int | float) else otherwise

    sure = measured("avg_logprob", 0.0)
    noisy = measured("no_speech_prob", 0.0) > MAX_NO_SPEECH_PROB and sure < MIN_AVG_LOGPROB_IN_NOISE
    invented = is_invented(
        str(segment.get("text", "")),
        avg_logprob=sure,
        no_speech_prob=measured("no_speech_prob", 0.0),
    )
    return (
        sure >= MIN_AVG_LOGPROB
        and not noisy
        and not invented
        and measured("compression_ratio", 1.0) <= MAX_COMPRESSION_RATIO
    )


def _middle(span: Span) -> int:
    return (span[0] + span[1]) // 2


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _align_words(text: str, start: int, end: int, spoken: Sequence[Span]) -> Iterable[Word]:
    """Return the words of a segment's text, with punctuation, at the times of the listed words.

    Services list words without punctuation. Words that match letter by letter have measured times; the times of
    others are estimated between them.
    """
    if not spoken:
        return spread_words(text, start, end)
    listed = [(char, word) for word in spoken for char in _letters(word[2])]
    parts = tokenize(text)
    written = [(char, index) for index, part in enumerate(parts) for char in _letters(part)]
    matcher = SequenceMatcher(
        None, [char for char, _ in listed], [char for char, _ in written], autojunk=False
    )
    times: dict[int, tuple[int, int]] = {}
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            word, index = listed[block.a + step][1], written[block.b + step][1]
            first, last = times.get(index, word[:2])
            times[index] = min(first, word[0]), max(last, word[1])
    return _fill_missing_times(parts, times, start, end)


def _fill_missing_times(
    parts: Sequence[str], times: dict[int, tuple[int, int]], start: int, end: int
) -> list[Word]:
    """Return words with times; missing ones are estimated between the neighbours."""
    words: list[Word] = []
    untimed: list[str] = []
    for index, part in enumerate(parts):
        if index not in times:
            untimed.append(part)
            continue
        since = words[-1].end_ms if words else start
        words += spread_words(" ".join(untimed), since, max(since, times[index][0]))
        untimed = []
        words.append(Word(*times[index], part))
    since = words[-1].end_ms if words else start
    return [*words, *spread_words(" ".join(untimed), since, max(since, end))]


def _language_code(language: Any) -> str:
    """Return a language code for a code or an English name; empty if unknown."""
    name = language.casefold() if isinstance(language, str) else ""
    return _CODE_BY_NAME.get(name, name if re.fullmatch(r"[a-z]{2,3}", name) else "")
