"""Any track as the stereo sound that a Short has."""

from mediakit.info import AudioTrack

RATE = 48_000
# Two channels of five: ITU-R BS.775-3, annex 4, table 2. The centre, where people speak, and each
# surround go into both sides or their own at -3 dB; the low effects channel is left out.
DOWNMIX = "center_mix_level=0.7071:surround_mix_level=0.7071:lfe_mix_level=0"


def to_stereo(track: AudioTrack, options: str) -> str:
    """The chain that makes 48 kHz stereo of a track; `options` are further ones of `aresample`.

    A layout of more channels than ffmpeg has names for is cut down to its first two.
    """
    cut = "pan=stereo|c0=c0|c1=c1," if track.channels > 8 else ""
    return (
        f"{cut}aresample={RATE}:{options}:ochl=stereo:{DOWNMIX},"
        "aformat=sample_fmts=fltp:channel_layouts=stereo"
    )
