"""The inputs of an encode and the graph that gives exactly the pictures of the kept ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mediakit.audio.loudness import SAMPLE_RATE
from mediakit.cutting.cut_time import CutTime, Piece
from mediakit.ffmpeg.source_args import input_args, input_args_at
from mediakit.framing.geometry import constant_size_filters
from mediakit.media_info import AudioTrack, MediaInfo, Source, VideoTrack

# Decoders with several threads hold more pictures; with as many inputs as this one thread each keeps every core busy.
SINGLE_THREAD_INPUTS = 3


@dataclass(frozen=True, slots=True)
class KeptInputs:
    """ffmpeg's input options, the numbers of the inputs that hold pictures, and the labels of the sound in them."""

    args: list[str]
    pictures: tuple[int, ...]
    sounds: tuple[str, ...]


def kept_inputs(
    source: Source,
    info: MediaInfo,
    cut: CutTime,
    track: AudioTrack | None,
    *,
    encoded_sound: Path | None = None,
) -> KeptInputs:
    """The inputs that read the kept ranges, one for each group; without a track one more that gives silence.

    With `encoded_sound`, a file of all of the sound, that is the one more, and no sound is read of the source.
    """
    if encoded_sound is not None:
        track = None
    args: list[str] = []
    pictures, sounds, count = [], [], 0
    threads = [] if len(cut.groups) < SINGLE_THREAD_INPUTS else ["-threads", "1"]
    for group in cut.groups:
        start_ms = group[0].base_ms
        picture_ms = decode_start_ms(info, start_ms)
        *options, i, url = input_args_at(source, info, start_ms=picture_ms, steady=True)
        args += [*options, *threads, i, url]
        pictures.append(count)
        count += 1
        if track is not None and picture_ms != start_ms:  # the sound goes on after the last picture
            args += ["-vn", *input_args_at(source, info, start_ms=start_ms)]
            count += 1
        if track is not None:
            sounds.append(f"{count - 1}:{track.index}")
    if encoded_sound is not None:
        args += input_args(str(encoded_sound))
        sounds.append(f"{count}:a")
    elif track is None:
        args += ["-f", "lavfi", "-i", f"anullsrc=sample_rate={SAMPLE_RATE}:channel_layout=stereo"]
        sounds.append(f"{count}:a")
    return KeptInputs(args, tuple(pictures), tuple(sounds))


def decode_start_ms(info: MediaInfo, start_ms: int) -> int:
    """Where to start decoding video: the start, or the last picture when none follows the start."""
    one_frame = -(-1000 // info.video.frame_rate)
    return max(0, min(start_ms, info.video.end_ms - int(one_frame)))


def kept_frames_graph(video: VideoTrack, cut: CutTime, inputs: Sequence[int] = (0,)) -> str:
    """The graph that gives exactly the frames of the cut, evenly spaced from time 0, labelled `[in]`.

    The first frame is the picture on screen at the start, however old it is. The last picture is repeated until there
    are enough frames. Which frames are kept is decided by their number on the steady grid, never by a timestamp.
    """
    if len(cut.pieces) == 1:
        return f"{_steady_frames(video, cut.rate, cut.frames, inputs[0])}[in]"
    anew = f"settb={1 / cut.rate},setpts=N"
    graph = [
        f"{_steady_frames(video, cut.rate, group[-1].end, number)},select='{_kept_tree(group)}',{anew}[kept{number}]"
        for group, number in zip(cut.groups, inputs, strict=True)
    ]
    names = "".join(f"[kept{number}]" for number in inputs)
    joined = f"concat=n={len(inputs)}:v=1,{anew}" if len(inputs) > 1 else "null"
    return ";".join([*graph, f"{names}{joined}[in]"])


def first_frame_graph(video: VideoTrack) -> str:
    """The graph that gives the one picture on screen at time 0, labelled `[in]`."""
    return f"{_steady_frames(video, video.frame_rate, 1, 0)}[in]"


def _steady_frames(video: VideoTrack, rate: Fraction, frames: int, number: int) -> str:
    deinterlace = "bwdif=mode=send_frame:deint=interlaced," if video.is_interlaced else ""
    steady = f"fps={rate}:start_time=0,tpad=stop=-1:stop_mode=clone,trim=end_frame={frames}"
    return f"[{number}:{video.index}]{constant_size_filters(video)},{deinterlace}{steady}"


def _kept_tree(group: Sequence[Piece]) -> str:
    """1 for the kept frames and 0 for the others, as a balanced tree of `if`s over the frame's number `n`.

    ffmpeg allows a hundred nested levels, and runs out of memory in a sum of more than a hundred `between()`.
    """
    edges = [(0, 0)]
    for piece in group:
        edges += [(piece.first, 1), (piece.end, 0)]
    return _tree(
        [
            edge
            for at, edge in enumerate(edges)
            if at + 1 == len(edges) or edge[0] < edges[at + 1][0]
        ]
    )


def _tree(edges: Sequence[tuple[int, int]]) -> str:
    if len(edges) == 1:
        return str(edges[0][1])
    middle = len(edges) // 2
    return f"if(lt(n,{edges[middle][0]}),{_tree(edges[:middle])},{_tree(edges[middle:])})"
