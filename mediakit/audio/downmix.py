"""Any track as the stereo sound that a Short has."""

from mediakit.media_info import AudioTrack

RATE = 48_000
# Two channels of five: ITU-R BS.775-3, annex 4, table 2. The centre, where people speak, and each
# surround go into both sides or their own at -3 dB; the low effects channel is left out.
DOWNMIX = "center_mix_level=0.7071:surround_mix_level=0.7071:lfe_mix_level=0"
# Of whole numbers ffmpeg makes the mix softer, so that it cannot clip.
_FLOAT = "aformat=sample_fmts=fltp:channel_layouts=stereo"


def to_stereo(track: AudioTrack) -> str:
    """The chain that makes 48 kHz stereo of a track whose sample 0 is time 0, in step with its timestamps.

    Holes become silence, sound from before the start is dropped, and where timestamps run a little faster or
    slower than the samples, the sound is stretched. A layout of more channels than ffmpeg has names for is cut
    down to its first two.
    """
    cut = "pan=stereo|c0=c0|c1=c1," if track.channels > 8 else ""
    # The start is filled up by a filter of its own: told of a first timestamp (`first_pts`), the one that
    # stretches puts silence where there is none, for seconds, as soon as timestamps are not quite even.
    return (
        f"atrim=start=0,{cut}aresample={RATE}:async=1000:ochl=stereo:{DOWNMIX},{_FLOAT},"
        f"aresample=async=1:first_pts=0,{_FLOAT}"
    )
