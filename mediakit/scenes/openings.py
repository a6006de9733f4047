"""Whether a clip would open on a black or frozen picture. Its first pictures are decoded: keyframes do not tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mediakit.errors import (
    FATAL_ERRORS,
    ToolError,
)
from mediakit.ffmpeg.source_args import input_args_at
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox.process import run
from mediakit.scenes.first_pass_args import BLACK_FILTER

PICTURES, PICTURES_PER_S = 15, 5
# So many black pictures are half a second of black, as a receipt has it.
MIN_BLACK = 3
# The mean change of brightness (percent of its range) from which a picture moves, and for how many it may stand still.
MOVING_PERCENT, MAX_STILL = 0.1, 4


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first three seconds from a time show."""

    is_black: bool = False
    is_frozen: bool = False


def look_at_openings(
    source: Source,
    info: MediaInfo,
    starts_ms: Sequence[int],
    *,
    timeout_s: float = 60,
    should_stop: Callable[[], bool] | None = None,
) -> list[Opening]:
    """What a clip from each of the times opens on. One that cannot be decoded counts as any other picture."""
    found = []
    for start_ms in starts_ms:
        graph = (
            f"[0:{info.video.index}]fps={PICTURES_PER_S}:start_time=0,trim=end_frame={PICTURES},"
            f"scale=160:-2:flags=area,format=yuv420p,scdet=threshold=100,{BLACK_FILTER},metadata=print:file=-[out]"
        )
        argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error"]
        argv += ["-an", "-sn", "-dn", *input_args_at(source, info, start_ms=start_ms)]
        argv += ["-filter_complex", graph, "-map", "[out]", "-f", "null", "-"]
        try:
            said = run(argv, timeout_s=timeout_s, reads=[source], should_stop=should_stop).stdout
        except FATAL_ERRORS:
            raise
        except ToolError:
            said = ""
        found.append(opening_of(said))
    return found


def opening_of(said: str) -> Opening:
    """The opening by the metadata that ffmpeg printed for each picture."""
    changes = [float(line.partition("=")[2]) for line in said.splitlines() if "scd.mafd=" in line]
    is_black = said.count("blackframe.pblack=") >= MIN_BLACK
    runs = groupby(changes[1:], key=lambda change: change < MOVING_PERCENT)
    longest = max((len(list(run)) for is_still, run in runs if is_still), default=0)
    return Opening(is_black, is_frozen=longest > MAX_STILL)
