"""A few seconds of one sound track, for a person who has to choose between tracks."""

from pathlib import Path

from mediakit.audio.downmix import stereo_filters
from mediakit.ffmpeg.source_args import clock_output_args, sound_input_args
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.sandbox.process import run

SAMPLE_MS = 6_000
_BIT_RATE = "96k"


def write_sound_sample(
    source: Source,
    info: MediaInfo,
    track: AudioTrack,
    *,
    time_ms: int,
    out: Path,
    timeout_s: float = 60.0,
) -> None:
    """Write SAMPLE_MS of a track from a time as stereo AAC in MP4, which every browser plays; less at the video's end.

    Raises `ToolError` when the track cannot be decoded.
    """
    unfinished = out.with_name(f".{out.name}.part")
    try:
        run(
            [
                *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
                *sound_input_args(source, info, start_ms=time_ms),
                *("-map", f"0:{track.index}", "-filter:a", stereo_filters(track)),
                *("-t", f"{SAMPLE_MS / 1000:g}", "-c:a", "aac", "-b:a", _BIT_RATE),
                *("-map_metadata", "-1", "-map_chapters", "-1"),
                *("-fflags", "+bitexact", "-flags:a", "+bitexact"),
                *("-movflags", "+faststart", "-f", "mp4", f"file:{unfinished.name}"),
                *clock_output_args(info, length_ms=SAMPLE_MS),
            ],
            timeout_s=timeout_s,
            reads=[source],
            cwd=out.parent,
        )
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
