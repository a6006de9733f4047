"""A talk made of noise: words, hesitations and room with known times; each picture shows its own number."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediakit.cutting.cut_time import Span
from mediakit.text.transcript import Cue, Word
from tests.mediakit.conftest import ffmpeg

SAMPLE_RATE = 48_000
WIDTH, HEIGHT = 320, 180
ROWS = 12  # a picture's number in binary, the highest bit on top
WORD_MS, AIR_MS, HESITATION_MS = 230, 85, 190
STEP_MS = WORD_MS + 2 * AIR_MS + HESITATION_MS
KEPT_AIR_MS = 55  # more than half a frame at any rate, so that no word is touched
ROOM, LOUD, HESITANT = 0.0015, 0.16, 0.1

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Talk:
    """The file, and what is where in it."""

    path: Path
    sound: Samples
    words_ms: tuple[Span, ...]
    frames_s: dict[int, float]  # when each picture comes on screen, by its number

    @property
    def cues(self) -> tuple[Cue, ...]:
        """One cue for every five words."""
        words = [Word(*span, f"word{at}") for at, span in enumerate(self.words_ms)]
        groups = (words[at : at + 5] for at in range(0, len(words), 5))
        return tuple(
            Cue(part[0].start_ms, part[-1].end_ms, " ".join(w.text for w in part), tuple(part))
            for part in groups
        )

    @property
    def ranges_ms(self) -> tuple[Span, ...]:
        """The words with a little air: every hesitation is struck out."""
        return tuple((start - KEPT_AIR_MS, end + KEPT_AIR_MS) for start, end in self.words_ms)


def make_talk(
    path: Path,
    *,
    words: int,
    rate: Fraction = Fraction(25),
    is_vfr: bool = False,
    sound: bool = True,
) -> Talk:
    """Write the talk: a word, air, a hesitation, air, and so on, in a room that is never quite silent."""
    length_ms = words * STEP_MS + 1_000
    spans = tuple((500 + at * STEP_MS, 500 + at * STEP_MS + WORD_MS) for at in range(words))
    heard = _sound(spans, length_ms)
    count = int(length_ms * rate / 1000)
    shown = [at for at in range(count) if not is_vfr or at % 10 in (0, 1, 2, 3, 7)]
    uneven = "select='lt(mod(n,10),4)+eq(mod(n,10),7)'" if is_vfr else "null"
    raw, pcm = path.with_suffix(".raw"), path.with_suffix(".pcm")
    raw.write_bytes(b"".join(_picture(number) for number in range(count)))
    pcm.write_bytes((heard * 32_767).astype("<i2").tobytes())
    given = ("-f", "s16le", "-ar", SAMPLE_RATE, "-ac", 1, "-i", pcm) if sound else ()
    ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", rate, "-i", raw),
        *given,
        *(
            "-filter_complex",
            f"[0:v]{uneven}[v]",
            "-map",
            "[v]",
            *(("-map", "1:a") if sound else ()),
        ),
        *("-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast", "-crf", 12),
        *("-g", 250, "-pix_fmt", "yuv420p", "-video_track_timescale", 90_000),
        *("-c:a", "aac", "-b:a", "256k", path),
    )
    raw.unlink()
    pcm.unlink()
    return Talk(path, heard, spans, {at: float(at / rate) for at in shown})


def _picture(number: int) -> bytes:
    bits = [number >> (ROWS - 1 - row) & 1 for row in range(ROWS)]
    row_bytes = WIDTH * HEIGHT // ROWS
    return b"".join(bytes([235 if bit else 16]) * row_bytes for bit in bits)


def _sound(spans: Sequence[Span], length_ms: int) -> Samples:
    random = np.random.default_rng(12)
    heard = ROOM * random.standard_normal(length_ms * SAMPLE_RATE // 1000)
    for start_ms, end_ms in spans:
        _add_burst(heard, random, start_ms, end_ms - start_ms, LOUD)
        _add_burst(heard, random, end_ms + AIR_MS, HESITATION_MS, HESITANT)
    return np.clip(heard, -0.99, 0.99)


def _add_burst(
    heard: Samples, random: np.random.Generator, start_ms: int, length_ms: int, level: float
) -> None:
    """Add noise without its highest pitches, with an edge of 3 ms: its place can be found to the sample."""
    samples = length_ms * SAMPLE_RATE // 1000
    noise = np.convolve(random.standard_normal(samples), np.ones(4) / 2, "same")
    edge = np.minimum(1.0, np.arange(samples) / (3 * SAMPLE_RATE / 1000))
    at = start_ms * SAMPLE_RATE // 1000
    heard[at : at + samples] += level * noise * edge * edge[::-1]


def sound_of(path: Path) -> Samples:
    """The sound of a file, both channels as one."""
    raw = ffmpeg("-i", path, "-map", "0:a", "-ac", 1, "-ar", SAMPLE_RATE, "-f", "s16le", "-")
    return np.frombuffer(raw, "<i2") / 32_768


def numbers_shown(path: Path, *, letterbox: bool) -> list[int]:
    """The number that each picture of a Short shows."""
    crop = f"crop=iw:iw*{HEIGHT}/{WIDTH}," if letterbox else ""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path)]
    argv += ["-vf", f"{crop}scale=1:{ROWS}:flags=area,format=gray", "-f", "rawvideo", "-"]
    raw = subprocess.run(argv, check=True, capture_output=True, timeout=300).stdout
    bits = np.frombuffer(raw, np.uint8).reshape(-1, ROWS) > 127
    return [int(number) for number in bits @ (1 << np.arange(ROWS)[::-1])]


def word_offset_ms(
    short: Samples, word: Samples, expected_ms: float, within_ms: int = 100
) -> float:
    """How much later than expected a word is heard in the Short, found by its own waveform."""
    start = round(expected_ms * SAMPLE_RATE / 1000)
    reach = within_ms * SAMPLE_RATE // 1000
    low = max(0, start - reach)
    window = short[low : start + len(word) + reach]
    size = len(window) + len(word)
    product = np.fft.rfft(window, size) * np.conj(np.fft.rfft(word, size))
    best = int(np.argmax(np.fft.irfft(product, size)[: len(window) - len(word) + 1]))
    return (low + best - start) * 1000 / SAMPLE_RATE


def likeness(short: Samples, word: Samples, at_ms: float) -> float:
    """The correlation, up to 1, of a word with what is heard at a time."""
    start = round(at_ms * SAMPLE_RATE / 1000)
    heard = short[start : start + len(word)]
    return float(heard @ word / np.sqrt((heard @ heard) * (word @ word)))
