"""Measure loudness and silences while ffmpeg decodes an audio track."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mediakit.audio.downmix import stereo_filters
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.media_info import AudioTrack

SPEECH_FILE = "speech.wav"
SPEECH_RATE = 16_000
_LEVELS_FILE, _LOUDNESS_FILE, _PEAKS_FILE = "levels.txt", "loudness.txt", "peaks.txt"

# RMS levels are measured in blocks of this length; a silence is a run of quiet blocks.
BLOCK_MS = 50
MIN_SILENCE_MS = 250
# A block is quiet when it is this far below the 90th percentile. The threshold stays between these two:
# a whispered recording has pauses too, and hiss is not speech.
SILENCE_BELOW_LOUD_DB = 22.0
MAX_SILENCE_DB, MIN_SILENCE_DB = -32.0, -65.0


@dataclass(frozen=True, slots=True)
class AudioLevels:
    """The silences in ms, ordered and disjoint, and the loudness index."""

    silences_ms: tuple[tuple[int, int], ...]
    loudness_index: LoudnessIndex

    @property
    def loudness_lufs(self) -> float | None:
        """The integrated loudness; None for silence."""
        return self.loudness_index.integrated_lufs()


NO_AUDIO = AudioLevels((), LoudnessIndex())


def meter_filters(track: AudioTrack) -> str:
    """The filters that write a track's levels to files of the current folder and output speech audio.

    Sample 0 is time 0: gaps become silence, audio before the start is dropped. The loudness is that
    of the stereo downmix a Short would have.
    """
    samples = SPEECH_RATE * BLOCK_MS // 1000
    return (
        f"{stereo_filters(track)},ebur128=metadata=1:framelog=verbose,"
        "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,"
        f"ametadata=print:key=lavfi.r128.M:file={_LOUDNESS_FILE},"
        f"ametadata=print:key=lavfi.astats.Overall.Peak_level:file={_PEAKS_FILE},"
        f"aresample={SPEECH_RATE}:ochl=mono,aformat=sample_fmts=s16:channel_layouts=mono,"
        f"asetnsamples={samples}:p=0,astats=metadata=1:reset=1"
        ":measure_perchannel=none:measure_overall=RMS_level,"
        f"ametadata=print:key=lavfi.astats.Overall.RMS_level:file={_LEVELS_FILE}"
    )


def read_levels(work_dir: Path, track: AudioTrack) -> AudioLevels:
    """Parse the filters' output. A wholly silent track has one silence and no loudness."""
    levels = list(_values(work_dir / _LEVELS_FILE))
    loudness, peaks = (list(_values(work_dir / name)) for name in (_LOUDNESS_FILE, _PEAKS_FILE))
    return AudioLevels(
        tuple(find_silences(levels)), LoudnessIndex.from_levels(loudness, peaks, track=track.index)
    )


def find_silences(levels: list[float]) -> Iterable[tuple[int, int]]:
    """The silences in ms from the blocks' RMS levels in dB; -inf is digital silence."""
    if not levels:
        return
    loud = sorted(levels)[len(levels) * 9 // 10]
    threshold = min(MAX_SILENCE_DB, max(MIN_SILENCE_DB, loud - SILENCE_BELOW_LOUD_DB))
    block = 0
    for is_quiet, run in groupby(level < threshold for level in levels):
        first, block = block, block + sum(1 for _ in run)
        if is_quiet and (block - first) * BLOCK_MS >= MIN_SILENCE_MS:
            yield first * BLOCK_MS, block * BLOCK_MS


def _values(path: Path) -> Iterable[float]:
    """The value `ametadata=print` wrote for each frame; -inf where it is not a number."""
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
