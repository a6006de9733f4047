"""The sound that is added to a cut: that of the cards before and after it, and music under all of it.

Every part is at TARGET_LUFS before it is mixed, the music as far below as is asked for. It is lowered further while
something is heard above it. Loudness of the whole is measured and set afterwards, as without additions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediakit.audio.downmix import SAMPLE_RATE
from mediakit.ffmpeg.source_args import input_args, thread_args

TARGET_LUFS = -14.0
# How far below the speech music lies where nobody speaks. While somebody does, DUCKING takes about 10 dB more.
MUSIC_BELOW_LU = {"soft": 16.0, "medium": 11.0, "loud": 7.0}
# Of speech at TARGET_LUFS. It is slow to rise, so that it does not pump between words.
DUCKING = "sidechaincompress=threshold=0.032:ratio=4:attack=60:release=900:knee=4:detection=rms"
MUSIC_FADE_IN_MS, MUSIC_FADE_OUT_MS = 500, 1_500
FADE_MS = 10
_STEREO = f"aresample={SAMPLE_RATE},aformat=sample_fmts=fltp:channel_layouts=stereo"
_SILENCE = f"anullsrc=sample_rate={SAMPLE_RATE}:channel_layout=stereo,aformat=sample_fmts=fltp"


@dataclass(frozen=True, slots=True)
class CardSound:
    """The sound of a card: so many `samples` at 48 kHz of a file's, or of silence without a `path`.

    `lufs` is the loudness of the file; None for silence.
    """

    samples: int = 0
    path: Path | None = None
    lufs: float | None = None


@dataclass(frozen=True, slots=True)
class MusicBed:
    """A piece of music of a loudness in LUFS, repeated as often as needed; `below_lu` is one of MUSIC_BELOW_LU."""

    path: Path
    lufs: float
    below_lu: float


@dataclass(frozen=True, slots=True)
class AddedSound:
    """What is added to the sound of a cut."""

    before: CardSound = CardSound()
    after: CardSound = CardSound()
    bed: MusicBed | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that are read, in the order of `input_args`."""
        cards = (card.path for card in (self.before, self.after) if card.path)
        return (*cards, *([self.bed.path] if self.bed else []))

    @property
    def samples(self) -> int:
        """How many samples at 48 kHz are added."""
        return self.before.samples + self.after.samples

    def input_args(self) -> list[str]:
        """The ffmpeg input options of `paths`."""
        args: list[str] = []
        for path in self.paths:
            again = ["-stream_loop", "-1"] if self.bed and path == self.bed.path else []
            args += [*thread_args(), *again, "-vn", "-sn", "-dn", *input_args(str(path))]
        return args

    def graph(self, cut: str, cut_samples: int, *, gain_db: float, first_input: int) -> str:
        """The graph of the whole sound; its last output has no label yet.

        `cut` is the graph of the cut's sound without a label at its end, None of it for a silent one, and `gain_db`
        what brings it to TARGET_LUFS. `first_input` is the number of the first of `paths` among all inputs.
        """
        numbers = dict(
            zip(self.paths, range(first_input, first_input + len(self.paths)), strict=True)
        )
        volume = f",volume={gain_db:.2f}dB:precision=float" if gain_db else ""
        cut_filters = (
            f"{cut or _SILENCE}{volume},{_STEREO},{_end(cut_samples)}{_fades(cut_samples)}"
        )
        graphs = [f"{cut_filters}[cutsound]"]
        parts = ["cutsound"]
        for at, (name, card) in enumerate(
            (("introsound", self.before), ("outrosound", self.after))
        ):
            if card.samples:
                graphs.append(f"{_card_filters(card, numbers)}[{name}]")
                parts.insert(0 if at == 0 else len(parts), name)
        whole = _joined(parts)
        if self.bed is None:
            return ";".join([*graphs, whole])
        total = cut_samples + self.samples
        return ";".join(
            [
                *graphs,
                f"{whole},asplit=2[above][key]",
                f"[{numbers[self.bed.path]}:a:0]{_bed_filters(self.bed, total)}[bed]",
                f"[bed][key]{DUCKING}[under]",
                f"[above][under]amix=inputs=2:duration=first:normalize=0,{_STEREO},{_end(total)}",
            ]
        )


def _joined(parts: Sequence[str]) -> str:
    labels = "".join(f"[{name}]" for name in parts)
    return f"{labels}concat=n={len(parts)}:v=0:a=1" if len(parts) > 1 else f"{labels}anull"


def _end(samples: int) -> str:
    return f"apad,atrim=end_sample={samples},asetpts=N/SR/TB"


def _card_filters(card: CardSound, numbers: dict[Path, int]) -> str:
    if card.path is None:
        return f"{_SILENCE},{_end(card.samples)}"
    gain = (
        f"volume={TARGET_LUFS - card.lufs:.2f}dB:precision=float," if card.lufs is not None else ""
    )
    label, end = f"[{numbers[card.path]}:a:0]", _end(card.samples)
    return f"{label}{_STEREO},{gain}{end}{_fades(card.samples)}"


def _fades(samples: int) -> str:
    """Fades at both ends of a part, too short to swallow sound, so that none clicks beside its neighbour."""
    fade = min(FADE_MS * SAMPLE_RATE // 1000, samples // 2)
    shape = f"nb_samples={fade}:curve=hsin"
    return f",afade=t=in:{shape},afade=t=out:start_sample={samples - fade}:{shape}"


def _bed_filters(bed: MusicBed, samples: int) -> str:
    gain = TARGET_LUFS - bed.below_lu - bed.lufs
    fade_in, fade_out = (ms * SAMPLE_RATE // 1000 for ms in (MUSIC_FADE_IN_MS, MUSIC_FADE_OUT_MS))
    return (
        f"{_STEREO},volume={gain:.2f}dB:precision=float,{_end(samples)},"
        f"afade=t=in:nb_samples={fade_in}:curve=qsin,"
        f"afade=t=out:start_sample={max(0, samples - fade_out)}:nb_samples={fade_out}:curve=qsin"
    )
