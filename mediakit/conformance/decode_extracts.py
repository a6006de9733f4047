"""What the decode that verifies a finished file leaves for the checks of single frames and of the sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediakit.cutting.cut_time import Span
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT
from mediakit.render.cover import candidates_output

_FRAMES = "frames.grey"


def small_grey_filters(size: Size) -> str:
    """The filters that give the luma of pictures as it stands, at a small size in px."""
    return f"scale={size}:flags=area,format=yuv420p,extractplanes=y,format=gray"


def split_frames(data: bytes, size: Size) -> list[bytes]:
    """The whole grey frames of a size in px in raw data."""
    return [
        data[at : at + size.pixels] for at in range(0, len(data) - size.pixels + 1, size.pixels)
    ]


@dataclass(frozen=True, slots=True)
class Stills:
    """Where the candidates for the cover are wanted, and the span in ms that they are of."""

    folder: Path
    span: Span


@dataclass(frozen=True, slots=True)
class Extracts:
    """The files that a decode leaves in `folder`.

    `cover_ms` is the span in ms of which candidates for the cover are written; None for none. `frames` are the
    numbers, in order, of the frames that are kept, as small grey ones of `frame_size` px. `sound_rates` are the sample
    rates in Hz at which the sound is kept.
    """

    folder: Path
    cover_ms: Span | None = None
    frames: Sequence[int] = ()
    frame_size: Size = SHORT.size
    sound_rates: Sequence[int] = ()

    def outputs(self, *, has_video: bool, has_audio: bool) -> list[str]:
        """The output options of ffmpeg, in `folder`, for the tracks that the file has."""
        options: list[str] = []
        if has_video and self.cover_ms:
            options += candidates_output()
        if has_video and self.frames:
            kept = "+".join(f"eq(n,{number})" for number in self.frames)
            options += [
                "-map",
                "0:v:0",
                "-vf",
                f"select='{kept}',{small_grey_filters(self.frame_size)}",
            ]
            options += ["-fps_mode", "passthrough", "-f", "rawvideo", _FRAMES]
        if has_audio:
            for rate in self.sound_rates:
                options += [
                    "-map",
                    "0:a:0",
                    "-ac",
                    "1",
                    "-ar",
                    str(rate),
                    "-f",
                    "s16le",
                    _sound(rate),
                ]
        return options

    def frame(self, number: int) -> bytes | None:
        """The small frame of a number; empty when the file has none there, None when it was not asked for."""
        if number not in self.frames:
            return None
        file = self.folder / _FRAMES
        found = split_frames(file.read_bytes(), self.frame_size) if file.exists() else []
        at = list(self.frames).index(number)
        return found[at] if at < len(found) else b""

    def sound(self, rate: int) -> bytes:
        """The sound as 16-bit mono samples; empty without any."""
        file = self.folder / _sound(rate)
        return file.read_bytes() if rate in self.sound_rates and file.exists() else b""


def _sound(rate: int) -> str:
    return f"sound-{rate}.s16"
