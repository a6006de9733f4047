"""Downmix any audio track to 48 kHz stereo."""

from mediakit.media_info import AudioTrack

SAMPLE_RATE = 48_000
# Five channels to two by ITU-R BS.775-3, annex 4, table 2: the centre goes into both sides and each
# surround into its own, at -3 dB; the low frequency effects are left out.
DOWNMIX_LEVELS = "center_mix_level=0.7071:surround_mix_level=0.7071:lfe_mix_level=0"
# With integer samples ffmpeg would lower the mix so that it cannot clip.
_FLOAT_STEREO = "aformat=sample_fmts=fltp:channel_layouts=stereo"


def stereo_filters(track: AudioTrack) -> str:
    """The filters that turn a track into 48 kHz stereo, sample 0 at time 0, in sync with its timestamps.

    Gaps become silence, audio before the start is dropped. Where timestamps run slightly faster or slower
    than the samples, the audio is stretched. Of more than eight channels, for which ffmpeg has no layout,
    only the first two are used.
    """
    cut = "pan=stereo|c0=c0|c1=c1," if track.channels > 8 else ""
    # A second filter pads the start: the stretching one, given `first_pts`, inserts seconds of silence
    # as soon as timestamps are slightly uneven.
    return (
        f"atrim=start=0,{cut}aresample={SAMPLE_RATE}:async=1000:ochl=stereo:{DOWNMIX_LEVELS},{_FLOAT_STEREO},"
        f"aresample=async=1:first_pts=0,{_FLOAT_STEREO}"
    )
