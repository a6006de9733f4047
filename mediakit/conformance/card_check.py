"""Whether a finished file shows its cards: frames of the file beside those that the cards' files give."""

from collections.abc import Callable, Mapping, Sequence

from mediakit.conformance.decode_extracts import small_grey_filters, split_frames
from mediakit.conformance.source_clock import FFMPEG, output_of
from mediakit.conformance.source_comparison import SourceRange
from mediakit.framing.geometry import Size
from mediakit.render.short import ShortSpec, cut_place

# A moving card is compared with the frames around the moment, as decoders may round to a neighbour.
NEAR_FRAMES = 2
MAX_DIFFERENCE = 10.0  # mean difference of luma (0 to 255) that an encode never makes


def card_frames(original: SourceRange, spec: ShortSpec, size: Size) -> dict[int, list[bytes]]:
    """Small grey frames around the middle of each card, by the number of that middle frame in the finished file."""
    place, found = cut_place(original.info, spec), {}
    middles = card_middles(original, spec)
    for number, (name, card) in zip(middles, spec.finish.cards(), strict=True):
        middle = card.frames(place.rate) // 2
        first, end = max(0, middle - NEAR_FRAMES), middle + NEAR_FRAMES + 1
        graph = card.graph(0, spec.format_of(original.info).size, place.rate, name)
        picked = (
            f"[{name}]trim=start_frame={first}:end_frame={end},{small_grey_filters(size)}[grey]"
        )
        argv = [
            *FFMPEG,
            *card.input_args(),
            "-filter_complex",
            f"{graph};{picked}",
            "-map",
            "[grey]",
        ]
        data = output_of(
            original, [*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"], str(card.path)
        )
        found[number] = split_frames(data, size)
    return found


def card_middles(original: SourceRange, spec: ShortSpec) -> list[int]:
    """The number of the middle frame of each card in the finished file."""
    place = cut_place(original.info, spec)
    return [
        (0 if name == "intro" else place.lead + place.cut) + card.frames(place.rate) // 2
        for name, card in spec.finish.cards()
    ]


def cards_shown(
    file_frame: Callable[[int], bytes], expected: Mapping[int, Sequence[bytes]]
) -> tuple[bool, ...]:
    """Whether the file shows each card at its middle frame."""
    return tuple(
        any(_difference(shown, frame) <= MAX_DIFFERENCE for frame in frames)
        for number, frames in sorted(expected.items())
        for shown in [file_frame(number)]
    )


def _difference(a: bytes, b: bytes) -> float:
    if not a or len(a) != len(b):
        return 255.0
    return sum(abs(x - y) for x, y in zip(a, b, strict=True)) / len(a)
