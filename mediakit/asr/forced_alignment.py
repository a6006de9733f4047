"""When the words of a known text are said, by the speech model of this machine (forced alignment)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from mediakit.asr.chunking import SAMPLE_RATE_HZ, Samples
from mediakit.asr.whisper import Waveform, load_model

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

# Whisper reads 30 s at once; a little room is left for its last word.
MAX_MS = 29_000
# Whisper's text is at most 448 tokens long, half of it what came before.
MAX_TOKENS = 220
# What is quiet: within 8 dB of the room and 18 dB below the voice, as for the edges of cuts (docs/editor.md).
STEP_MS, LOWEST_DB = 10, -70.0
ROOM_PERCENT, VOICE_PERCENT, QUIET_DB, VOICE_DB = 5, 95, 8, 18
# A quiet this long is not inside a word.
PAUSE_MS = 200
MUCH_SHORTER = 3


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """When a word of a text is said, in ms, and how sure the model is (0 to 1) that it is said there."""

    start_ms: int
    end_ms: int
    probability: float


def align_words(
    samples: Samples,
    words: Sequence[str],
    *,
    start_ms: int,
    language: str,
    model: str,
    device: str = "cpu",
    compute_type: str = "int8",
    offline: bool = True,
) -> list[SpokenWord]:
    """Return when each of the words is said in 16 kHz mono sound of at most MAX_MS that begins at `start_ms`.

    The words are all that is said in it, in order. `model` is a folder or a name; `language` a code, or empty to have
    it found. Empty where the text is too long for the model, or is not aligned. Raises SpeechModelMissingError.
    """
    whisper = load_model(model, device=device, compute_type=compute_type, offline=offline)
    sound = samples.astype(np.float32) / 32768
    pieces = _aligned_pieces(whisper, sound, " ".join(words), language)
    if not pieces:
        return []
    levels = _levels(sound)
    return [_without_pauses(word, levels, start_ms) for word in _by_word(pieces, words, start_ms)]


def _aligned_pieces(
    whisper: "WhisperModel", sound: Waveform, text: str, language: str
) -> list[dict[str, Any]]:
    """The pieces (mostly words) into which the model divides the text, with times in s from the sound's start."""
    from faster_whisper.audio import pad_or_trim  # noqa: PLC0415 -- heavy
    from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415 -- heavy

    features = whisper.feature_extractor(sound)
    encoded = whisper.encode(pad_or_trim(features))
    is_multilingual = whisper.model.is_multilingual
    code = language.lower().replace("_", "-").split("-")[0]
    if is_multilingual and code not in whisper.supported_languages:
        code = whisper.detect_language(features=features)[0]
    tokenizer = Tokenizer(
        whisper.hf_tokenizer, is_multilingual, task="transcribe", language=code or "en"
    )
    tokens = tokenizer.encode(" " + text)
    if not tokens or len(tokens) > MAX_TOKENS:
        return []
    frames = len(sound) * 100 // SAMPLE_RATE_HZ
    found: list[dict[str, Any]] = whisper.find_alignment(tokenizer, [tokens], encoded, frames)[0]
    return found


def _by_word(
    pieces: Sequence[dict[str, Any]], words: Sequence[str], offset_ms: int
) -> Iterator[SpokenWord]:
    """Yield the time of each word: from its first piece's start to its last piece's end.

    Words and pieces divide the same letters, perhaps at other places.
    """
    ends = list(accumulate(len(_letters(piece["word"])) for piece in pieces))
    borders = [0, *accumulate(len(_letters(word)) for word in words)]
    for first, last in pairwise(borders):
        own = [
            piece
            for piece, end in zip(pieces, ends, strict=True)
            if end > first and end - len(_letters(piece["word"])) < last
        ] or [pieces[min(len(pieces) - 1, sum(end <= first for end in ends))]]
        yield SpokenWord(
            offset_ms + round(1000 * own[0]["start"]),
            offset_ms + round(1000 * own[-1]["end"]),
            float(np.mean([piece["probability"] for piece in own])),
        )


def _levels(sound: Waveform) -> Waveform:
    """The level of each STEP_MS of the sound, in dB; LOWEST_DB for silence."""
    step = SAMPLE_RATE_HZ * STEP_MS // 1000
    steps = sound[: len(sound) // step * step].reshape(-1, step)
    power = np.mean(steps * steps, axis=1) if len(steps) else np.zeros(0)
    levels: Waveform = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), LOWEST_DB)
    return levels


def _without_pauses(word: SpokenWord, levels: Waveform, offset_ms: int) -> SpokenWord:
    """The word without the pause that the model counts to it, mostly before it, with the end of the word before that.

    Where it is heard on both sides of a pause, it is what comes after it, unless that is MUCH_SHORTER.
    """
    first, last = ((ms - offset_ms) // STEP_MS for ms in (word.start_ms, word.end_ms))
    room, voice = np.percentile(levels, (ROOM_PERCENT, VOICE_PERCENT))
    is_heard = levels[first:last] > min(room + QUIET_DB, voice - VOICE_DB)
    steps = np.flatnonzero(is_heard)
    if not len(steps):
        return word
    runs = np.split(steps, np.flatnonzero(np.diff(steps) * STEP_MS >= PAUSE_MS) + 1)
    longest = max(runs, key=len)
    said = runs[-1] if MUCH_SHORTER * len(runs[-1]) >= len(longest) else longest
    start_ms = offset_ms + (first + int(said[0])) * STEP_MS
    end_ms = offset_ms + (first + int(said[-1]) + 1) * STEP_MS
    return replace(word, start_ms=max(word.start_ms, start_ms), end_ms=min(word.end_ms, end_ms))


def _letters(text: str) -> str:
    return "".join(text.split())
