"""The sound of the kept ranges of a track: cut to the sample, joined with short fades, noise reduced before the cut."""

from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.audio.downmix import SAMPLE_RATE, stereo_filters
from mediakit.cutting.cut_time import CutTime
from mediakit.media_info import AudioTrack

# On either side of a join: no click is left, and too little to swallow the sound beside it.
JOIN_FADE_MS = 10
NOISE_REDUCTION_DB = 12  # by how much `afftdn` lowers the sound below the noise floor
DENOISE_DELAY_SAMPLES = 1200  # at 48 kHz, measured; `afftdn` does not report it


@dataclass(frozen=True, slots=True)
class SoundGroup:
    """Kept ranges that one input reads, from `start_ms` of the source.

    `pieces` are (first sample, number of samples) at 48 kHz, counted from `start_ms`.
    """

    start_ms: int
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class KeptSound:
    """The kept ranges of a track. `duration_ms` is the Short's length."""

    duration_ms: int
    groups: tuple[SoundGroup, ...]

    @classmethod
    def of_range(cls, start_ms: int, duration_ms: int) -> "KeptSound":
        """One range."""
        samples = duration_ms * SAMPLE_RATE // 1000
        return cls(duration_ms, (SoundGroup(start_ms, ((0, samples),)),))

    @classmethod
    def of_cut(cls, cut: CutTime) -> "KeptSound":
        """The sound that belongs to the pictures of a cut."""
        if len(cut.pieces) == 1:
            return cls.of_range(cut.pieces[0].base_ms, cut.duration_ms)
        groups = (
            SoundGroup(group[0].base_ms, tuple(cut.samples(piece, SAMPLE_RATE) for piece in group))
            for group in cut.groups
        )
        return cls(cut.duration_ms, tuple(groups))

    @property
    def ranges_ms(self) -> tuple[tuple[int, int], ...]:
        """(start, length) of each range in the source."""
        if self.is_one_range:
            return ((self.groups[0].start_ms, self.duration_ms),)
        return tuple(
            (group.start_ms + first * 1000 // SAMPLE_RATE, samples * 1000 // SAMPLE_RATE)
            for group in self.groups
            for first, samples in group.pieces
        )

    @property
    def is_one_range(self) -> bool:
        """Whether there is no join."""
        return sum(len(group.pieces) for group in self.groups) == 1


def kept_sound_graph(
    track: AudioTrack, kept: KeptSound, inputs: Sequence[str], noise_db: float | None = None
) -> str:
    """The graph that gives exactly the kept sound as 48 kHz stereo, padded with silence at the end.

    `inputs` are the labels of the track in the input of each group. The last output has no label: more filters may
    follow. Sound is cut to the sample by `atrim`; `aselect` would keep or drop whole blocks of 1024 samples.
    """
    whole = f"{stereo_filters(track)},apad,{denoise_filters(noise_db)}"
    end = f"atrim=end_sample={kept.duration_ms * SAMPLE_RATE // 1000}"
    if kept.is_one_range:
        return f"[{inputs[0]}]{whole}{end}"
    graph, names = [], []
    number, total = 0, sum(len(group.pieces) for group in kept.groups)
    for label, group in zip(inputs, kept.groups, strict=True):
        own = [f"s{number + at}" for at in range(len(group.pieces))]
        outputs = "".join(f"[{name}]" for name in own)
        graph.append(f"[{label}]{whole}asplit={len(own)}{outputs}")
        for name, (first, samples) in zip(own, group.pieces, strict=True):
            fades = _join_fades(samples, begins=number > 0, ends=number < total - 1)
            cut = f"atrim=start_sample={first}:end_sample={first + samples},asetpts=N/SR/TB"
            graph.append(f"[{name}]{cut}{fades}[k{name}]")
            names.append(f"[k{name}]")
            number += 1
    return ";".join([*graph, f"{''.join(names)}concat=n={total}:v=0:a=1,apad,{end}"])


def denoise_filters(noise_db: float | None) -> str:
    """The filters that reduce noise at that level, their delay compensated; "" for None."""
    if noise_db is None:
        return ""
    return (
        f"afftdn=noise_reduction={NOISE_REDUCTION_DB}:noise_floor={noise_db:.0f},"
        f"atrim=start_sample={DENOISE_DELAY_SAMPLES},asetpts=N/SR/TB,"
    )


def _join_fades(samples: int, *, begins: bool, ends: bool) -> str:
    """The fades of a piece at its joins; shorter in a piece that is too short for two."""
    fade = min(JOIN_FADE_MS * SAMPLE_RATE // 1000, samples // 2)
    shape = f"nb_samples={fade}:curve=hsin"  # half a cosine: without the corners of a straight line
    filters = f",afade=t=in:start_sample=0:{shape}" if begins else ""
    return filters + (f",afade=t=out:start_sample={samples - fade}:{shape}" if ends else "")
