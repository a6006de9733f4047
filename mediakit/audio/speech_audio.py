"""The sound of a video as speech models read it: 16 kHz, mono."""

from pathlib import Path

from mediakit.audio.downmix import stereo_filters
from mediakit.audio.level_meter import SPEECH_RATE
from mediakit.ffmpeg.source_args import clock_output_args, sound_input_args
from mediakit.media_info import AudioTrack, MediaInfo, Source
from mediakit.sandbox.process import run


def write_speech_audio(
    source: Source,
    info: MediaInfo,
    track: AudioTrack,
    out: Path,
    *,
    timeout_s: float,
    start_ms: int = 0,
    length_ms: int | None = None,
) -> None:
    """Write a track as 16-bit WAV, sample 0 at `start_ms`, to its end or for `length_ms`.

    Raises `ToolError` when it cannot be decoded.
    """
    mono = f"{stereo_filters(track)},aresample={SPEECH_RATE}:ochl=mono"
    length = [] if length_ms is None else ["-t", f"{length_ms / 1000:g}"]
    run(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
            *sound_input_args(source, info, start_ms=start_ms),
            *("-map", f"0:{track.index}", "-filter:a", mono, "-c:a", "pcm_s16le", *length),
            *("-map_metadata", "-1", "-map_chapters", "-1", "-f", "wav", out.name),
            *clock_output_args(info, length_ms=length_ms),
        ],
        timeout_s=timeout_s,
        reads=[source],
        cwd=out.parent,
    )
