"""How loud a video is, and when it is silent, as measured by ffmpeg while it decodes the sound."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mediakit.audio.downmix import to_stereo
from mediakit.audio.loudness_index import Heard
from mediakit.media_info import AudioTrack

SPEECH_FILE = "speech.wav"
SPEECH_RATE = 16_000
_LEVELS_FILE, _LOUDNESS_FILE, _PEAKS_FILE = "levels.txt", "loudness.txt", "peaks.txt"

# Levels are measured in pieces of this length; a silence is a run of quiet ones.
PIECE_MS = 50
SHORTEST_SILENCE_MS = 250
# Quiet is so far below the loud parts (the level that a tenth of the pieces is above), and no
# louder or softer than these: a whispered recording has pauses too, and a hiss is no speech.
QUIET_BELOW_DB = 22.0
LOUDEST_QUIET_DB, SOFTEST_QUIET_DB = -32.0, -65.0


@dataclass(frozen=True, slots=True)
class Sound:
    """Silences in ms, in order and disjoint, and how loud each tenth of a second is."""

    silences_ms: tuple[tuple[int, int], ...]
    heard: Heard

    @property
    def loudness_lufs(self) -> float | None:
        """The integrated loudness if there is any."""
        return self.heard.whole()


NO_SOUND = Sound((), Heard())


def chain(track: AudioTrack) -> str:
    """The filters that measure a track into files of the current folder and end in speech audio.

    Sample 0 is time 0: holes in the track become silence, sound from before the start is dropped.
    Loudness is that of the stereo sound which a Short would have.
    """
    samples = SPEECH_RATE * PIECE_MS // 1000
    return (
        f"{to_stereo(track)},ebur128=metadata=1:framelog=verbose,"
        "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,"
        f"ametadata=print:key=lavfi.r128.M:file={_LOUDNESS_FILE},"
        f"ametadata=print:key=lavfi.astats.Overall.Peak_level:file={_PEAKS_FILE},"
        f"aresample={SPEECH_RATE}:ochl=mono,aformat=sample_fmts=s16:channel_layouts=mono,"
        f"asetnsamples={samples}:p=0,astats=metadata=1:reset=1"
        ":measure_perchannel=none:measure_overall=RMS_level,"
        f"ametadata=print:key=lavfi.astats.Overall.RMS_level:file={_LEVELS_FILE}"
    )


def read(work_dir: Path, track: AudioTrack) -> Sound:
    """What the chain wrote; silence all over gives one silence and no loudness."""
    levels = list(_values(work_dir / _LEVELS_FILE))
    loudness, peaks = (list(_values(work_dir / name)) for name in (_LOUDNESS_FILE, _PEAKS_FILE))
    return Sound(tuple(silences(levels)), Heard.of(loudness, peaks, track=track.index))


def silences(levels: list[float]) -> Iterable[tuple[int, int]]:
    """Silences (ms) of a track whose pieces have these levels in dB; -inf is digital silence."""
    if not levels:
        return
    loud = sorted(levels)[len(levels) * 9 // 10]
    quiet = min(LOUDEST_QUIET_DB, max(SOFTEST_QUIET_DB, loud - QUIET_BELOW_DB))
    piece = 0
    for is_quiet, run in groupby(level < quiet for level in levels):
        first, piece = piece, piece + sum(1 for _ in run)
        if is_quiet and (piece - first) * PIECE_MS >= SHORTEST_SILENCE_MS:
            yield first * PIECE_MS, piece * PIECE_MS


def _values(path: Path) -> Iterable[float]:
    """The one value that `ametadata=print` wrote for each frame; what is no number is -inf."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("lavfi."):
                try:
                    value = float(line.rpartition("=")[2])
                except ValueError:
                    value = -math.inf
                yield -math.inf if math.isnan(value) else value
