"""What finishes a Short: a card before it and one after it, and music under all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mediakit.audio.added_sound import MUSIC_BELOW_LU, AddedSound, CardSound, MusicBed
from mediakit.audio.downmix import SAMPLE_RATE
from mediakit.ffmpeg.source_args import DECODERS, DEMUXERS, input_args, thread_args
from mediakit.framing.geometry import OUTPUT_FILTERS, Size

CARD_LENGTHS_MS = range(500, 10_001)
DEFAULT_CARD_MS = 3_000
MUSIC_LEVELS = tuple(MUSIC_BELOW_LU)
# Beside a card of another shape its own picture is shown, blurred at a fraction of the size.
_BLUR_DOWNSCALE, _BLUR_SIGMA = 8, 8
_TO_BT709 = "out_color_matrix=bt709:out_range=tv"


@dataclass(frozen=True, slots=True)
class Card:
    """A picture or a clip, as `mediakit.render.finish_files` made it, shown for `length_ms`.

    A clip that is shorter ends on its last picture. `lufs` is the loudness of its sound; None where none is to be
    heard.
    """

    path: Path
    length_ms: int
    is_clip: bool = False
    lufs: float | None = None

    def frames(self, rate: Fraction) -> int:
        """For how many frames it is shown."""
        return max(1, round(self.length_ms * rate / 1000))

    def sound(self, rate: Fraction) -> CardSound:
        """Its sound, as long as its pictures."""
        samples = round(self.frames(rate) * SAMPLE_RATE / rate)
        return CardSound(samples, None if self.lufs is None else self.path, self.lufs)

    def input_args(self) -> list[str]:
        """The ffmpeg input options of its pictures."""
        pictures, decoders = (DEMUXERS, DECODERS) if self.is_clip else (("png_pipe",), ("png",))
        opened = input_args(str(self.path), demuxers=pictures, decoders=decoders)
        return [*thread_args(), "-an", "-sn", "-dn", *opened]

    def graph(self, number: int, size: Size, rate: Fraction, name: str) -> str:
        """The graph from input `number` to its frames in a picture of that size, labelled `name`."""
        small = Size(max(2, size.width // _BLUR_DOWNSCALE), max(2, size.height // _BLUR_DOWNSCALE))
        return (
            f"[{number}:v:0]split=2[{name}back][{name}front];"
            f"[{name}back]scale={small}:force_original_aspect_ratio=increase:{_TO_BT709},crop={small},setsar=1,"
            f"gblur=sigma={_BLUR_SIGMA},scale={size}:flags=bicubic,setsar=1,format=yuv420p[{name}under];"
            f"[{name}front]scale={size}:force_original_aspect_ratio=decrease:flags=bicubic:{_TO_BT709},setsar=1,"
            f"format=yuv420p[{name}over];"
            f"[{name}under][{name}over]overlay=(W-w)/2:(H-h)/2:format=yuv420,format=yuv420p,{OUTPUT_FILTERS},"
            f"tpad=stop=-1:stop_mode=clone,fps={rate}:start_time=0,trim=end_frame={self.frames(rate)},"
            f"{evenly(rate)}[{name}]"
        )


@dataclass(frozen=True, slots=True)
class Music:
    """A piece of music, as `mediakit.render.finish_files` made it. `level` is one of MUSIC_LEVELS."""

    path: Path
    lufs: float
    level: str = "medium"


@dataclass(frozen=True, slots=True)
class Finish:
    """What is shown before and after a cut, and the music."""

    intro: Card | None = None
    outro: Card | None = None
    music: Music | None = None

    @property
    def length_ms(self) -> int:
        """By how much it makes the Short longer."""
        return sum(card.length_ms for card in (self.intro, self.outro) if card)

    @property
    def reads(self) -> list[str]:
        """The files that an encode with it reads."""
        return [str(part.path) for part in (self.intro, self.outro, self.music) if part]

    def lead_frames(self, rate: Fraction) -> int:
        """How many frames lie before the cut."""
        return self.intro.frames(rate) if self.intro else 0

    def added_frames(self, rate: Fraction) -> int:
        """By how many frames it makes the Short longer."""
        return sum(card.frames(rate) for card in (self.intro, self.outro) if card)

    def added_sound(self, rate: Fraction) -> AddedSound:
        """What it adds to the sound."""
        before, after = (
            card.sound(rate) if card else CardSound() for card in (self.intro, self.outro)
        )
        bed = None
        if self.music:
            below_lu = MUSIC_BELOW_LU[self.music.level]
            bed = MusicBed(self.music.path, self.music.lufs, below_lu)
        return AddedSound(before, after, bed)

    def cards(self) -> Sequence[tuple[str, Card]]:
        """The cards, each with the label of its pictures."""
        return [
            (name, card) for name, card in (("intro", self.intro), ("outro", self.outro)) if card
        ]

    def pictures_graph(self, shown: str, size: Size, rate: Fraction, *, first_input: int) -> str:
        """The graph that puts the cards before and after the cut, whose label is `shown`, labelled `[finished]`."""
        cards = self.cards()
        graphs = [
            card.graph(first_input + at, size, rate, name) for at, (name, card) in enumerate(cards)
        ]
        parts = ["[intro]"] if self.intro else []
        parts += ["[cutframes]", *(["[outro]"] if self.outro else [])]
        joined = f"{''.join(parts)}concat=n={len(parts)}:v=1:a=0,{evenly(rate)},setsar=1[finished]"
        return ";".join([f"{shown}{evenly(rate)}[cutframes]", *graphs, joined])


NO_FINISH = Finish()


def evenly(rate: Fraction) -> str:
    """The filters that number frames anew from time 0."""
    return f"settb={1 / rate},setpts=N"
