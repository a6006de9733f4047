"""Input options of ffmpeg and ffprobe. Only this module decides what they may open and decode."""

from collections.abc import Sequence

from mediakit.ffmpeg.installation import listed_decoders
from mediakit.media_info import MediaInfo, Source
from mediakit.sandbox import config
from mediakit.sandbox.source_file import absolute, is_remote

# Containers that hold real video. No playlists, no image sequences, no text: a file that names
# other files must never make the tools open them.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
    "avi",
    "mpegts",
    "mpeg",
    "mpegvideo",
    "flv",
    "live_flv",
    "ogg",
    "asf",
    "asf_o",
    "mxf",
    "rm",
    "dv",
    "nut",
    "gxf",
    "ivf",
    "h264",
    "hevc",
    "obu",
    "m4v",
    "wtv",
)

# Decoders that real recordings need; the hundreds of others are attack surface.
DECODERS = (
    *("h264", "hevc", "av1", "libdav1d", "libaom-av1", "vp9", "libvpx-vp9", "vp8", "libvpx"),
    *("vp6", "vp6a", "vp6f", "vp7", "mpeg1video", "mpeg2video", "mpegvideo", "mpeg4", "h261"),
    *("h263", "h263i", "h263p", "flv", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2"),
    *("wmv3", "vc1", "theora", "prores", "dnxhd", "cfhd", "mjpeg", "mjpegb", "jpeg2000", "png"),
    *("dvvideo", "svq1", "svq3", "cinepak", "rv10", "rv20", "rv30", "rv40", "indeo3", "indeo5"),
    *("ffv1", "huffyuv", "ffvhuff", "utvideo", "magicyuv", "qtrle", "rawvideo", "v210", "v410"),
    *("r210", "hap", "msvideo1", "rpza", "smc", "flashsv", "flashsv2", "zmbv", "camtasia"),
    *("camstudio",),
    *("aac", "aac_latm", "aac_fixed", "mp3", "mp3float", "mp2", "mp2float", "mp1", "mp1float"),
    *("ac3", "ac3_fixed", "eac3", "dca", "truehd", "mlp", "opus", "libopus", "vorbis"),
    *("libvorbis", "flac", "alac", "wavpack", "tta", "wmav1", "wmav2", "wmapro", "wmalossless"),
    *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "gsm", "gsm_ms", "speex"),
    *("libspeex", "nellymoser", "cook", "qdm2", "real_144", "real_288", "sipr", "atrac3", "qcelp"),
    *("pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le"),
    *("pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be"),
    *("pcm_bluray", "pcm_dvd", "s302m", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_swf"),
    *("adpcm_yamaha", "g726", "mov_text", "subrip", "srt", "ass", "ssa", "webvtt", "text"),
    *("cc_dec", "dvbsub", "dvdsub", "pgssub"),
)

WITHOUT_INDEX = ("mpegts", "mpeg", "mpegvideo", "h264", "hevc", "obu", "m4v")
PREROLL_MS = 10_000
# ffmpeg treats a timestamp this far from the expected one as a jump of the clock (ffmpeg's own default).
JUMP_MS = 10_000
# Longer than any video, so that a timestamp before the seek target does not count as a jump.
NO_JUMP_S = 1_000_000
# Timestamps as they stand in the file: how ffmpeg corrects a clock that wraps depends on where it starts to read.
RAW_CLOCK = ("-correct_ts_overflow", "0")
# A range that begins before this is read from the start of the file. A seek to before the first picture fails in
# some containers, and the data read to detect the streams is lost with it: seconds of FLV.
NEAR_START_MS = 1_000
# Bytes that are read to detect the streams of a file. ffmpeg itself sets no upper limit.
PROBE_BYTES = 5_000_000
# Decoders count whole blocks, so they count slightly more pixels than the picture shows.
WHOLE_BLOCKS = 1.1


def source_url(source: Source) -> str:
    """Return the source in a form that no tool can read as an option or another protocol."""
    return source if is_remote(source) else f"file:{absolute(source)}"


def tool_args() -> list[str]:
    """Return the options of every run of ffmpeg or ffprobe: the limit of one memory allocation."""
    return ["-max_alloc", str(config.current().max_alloc)]


def thread_args() -> list[str]:
    """ffmpeg input options that bound the threads of decoders and filters, and so their memory."""
    threads = str(config.current().threads)
    return ["-filter_threads", threads, "-filter_complex_threads", threads, "-threads", threads]


def input_args(
    source: Source, *, demuxers: Sequence[str] = DEMUXERS, decoders: Sequence[str] = DECODERS
) -> list[str]:
    """The options and `-i` that open a source with ffmpeg or ffprobe."""
    limits = config.current()
    pixels = str(int(limits.max_pixels * WHOLE_BLOCKS))
    protocols = "http,tcp" if is_remote(source) else "file"
    return [
        *tool_args(),
        *("-protocol_whitelist", protocols),
        *("-format_whitelist", ",".join(demuxers)),
        *("-codec_whitelist", ",".join(decoders)),
        *("-max_streams", str(limits.max_streams), "-max_pixels", pixels),
        *("-probesize", str(PROBE_BYTES)),
        *("-i", source_url(source)),
    ]


def readable_codecs() -> frozenset[str]:
    """Return the names of the codecs for which the installed ffmpeg has one of `DECODERS`."""
    installed = listed_decoders()
    return frozenset(installed[name] for name in DECODERS if name in installed)


def probing_args(source: Source, *, decoded: int | None = None) -> list[str]:
    """Return the options and the source of ffprobe. `decoded` is the index of the only stream that is decoded.

    ffprobe ends at the first track whose decoder it may not open, also when it decodes nothing of that track: here it
    may open them all. The decoded stream, and the data read to detect the streams, are held to `DECODERS`.
    """
    every, ours = ",".join(sorted(listed_decoders())), ",".join(DECODERS)
    opened = [part for kind in "vas" for part in (f"-codec_whitelist:{kind}", every)]
    held = [] if decoded is None else [f"-codec_whitelist:{decoded}", ours]
    *options, i, url = input_args(source)
    return [*options, *opened, *held, i, url]  # the later option wins


def input_args_at(
    source: Source, info: MediaInfo, *, start_ms: int = 0, steady: bool = False
) -> list[str]:
    """Return ffmpeg input options that move `start_ms` of the source to timestamp 0.

    Reading starts at the keyframe before, so earlier pictures and sound have negative timestamps.
    Thus a picture that stays on screen for seconds is available at the start. The caller's filters
    drop the part that they do not need (`fps=...:start_time=0`, `atrim=start=0`). `steady`: they have
    `mediakit.framing.geometry.constant_size_filters`, which turn the pictures as well, before any that keep a size.
    """
    args = [*thread_args(), "-noaccurate_seek", "-seek_timestamp", "1", *_seek(info, start_ms)]
    if steady and info.video.turn:
        args += [f"-autorotate:{info.video.index}", "0"]
    if not info.video.has_display_matrix or (steady and info.video.turn):
        # A change of the size of pictures would start all filters anew. ffmpeg's own filters that turn allow no change.
        args += [f"-reinit_filter:{info.video.index}", "0"]
    if info.video.decoder:
        args += [f"-codec:{info.video.index}", info.video.decoder]
    if info.video.x264_build:
        args += [f"-x264_build:{info.video.index}", str(info.video.x264_build)]
    return args + input_args(source)


def sound_input_args(source: Source, info: MediaInfo, *, start_ms: int = 0) -> list[str]:
    """`input_args_at` for a run that wants sound only, whose last output is `clock_output_args`."""
    options = [] if _needs_picture_clock(info) else ["-vn"]
    return [*options, "-sn", "-dn", *input_args_at(source, info, start_ms=start_ms)]


def clock_output_args(info: MediaInfo, *, length_ms: int | None = None) -> list[str]:
    """An output that drops the pictures of a run that wants sound only, where their clock has to be read.

    ffmpeg sees a jump of the clock in the tracks that it reads. Sound that begins again after such a jump would
    otherwise go on where it ended. Empty for any other file.
    """
    if not _needs_picture_clock(info):
        return []
    length = [] if length_ms is None else ["-t", format_seconds(length_ms)]
    return ["-map", f"0:{info.video.index}", "-c", "copy", *length, "-f", "null", "-"]


def _needs_picture_clock(info: MediaInfo) -> bool:
    return info.longest_gap_ms > JUMP_MS


def _seek(info: MediaInfo, start_ms: int) -> list[str]:
    """Options that start reading at or before a time and shift the timestamps so that it becomes 0.

    ffmpeg corrects jumps of the clock in containers without an index. It expects the first packet at 0, so it would
    treat more than 10 s of data before the start as a jump, and show another moment. The threshold is therefore raised:
    without a bound for a file whose clock does not jump, otherwise only where reading has to start that early.
    """
    point = info.seek_point(start_ms)
    if point is not None:
        before_ms = start_ms - point.time_ms
        offset = point.offset_ms - start_ms
        return [
            *_jump_threshold(info, before_ms),
            *RAW_CLOCK,
            *("-skip_initial_bytes", str(point.position), "-itsoffset", format_seconds(offset)),
        ]
    from_start = ["-itsoffset", format_seconds(-info.origin_ms - start_ms)]
    if info.container not in WITHOUT_INDEX:
        if start_ms < NEAR_START_MS:
            return from_start
        return ["-itsoffset", "0", "-ss", format_seconds(info.origin_ms + start_ms)]
    if info.seek_points:
        return [*_jump_threshold(info, start_ms), *from_start]
    threshold = ["-dts_delta_threshold", str(NO_JUMP_S)]
    # A seek lands anywhere, so a keyframe is looked for some way before.
    early_ms = min(start_ms, PREROLL_MS)
    if start_ms - early_ms < NEAR_START_MS:
        return [*threshold, *from_start]
    seek = format_seconds(info.origin_ms + start_ms - early_ms)
    return [*threshold, "-itsoffset", format_seconds(-early_ms), "-ss", seek]


def _jump_threshold(info: MediaInfo, before_ms: int) -> list[str]:
    """Raise the threshold for jumps where so much is read before the start, or where a track has a longer gap."""
    expected_ms = max(before_ms, info.longest_gap_ms)
    if expected_ms <= JUMP_MS // 2:
        return []
    return ["-dts_delta_threshold", format_seconds(expected_ms + JUMP_MS)]


def format_seconds(ms: int) -> str:
    """Milliseconds as the decimal seconds that ffmpeg reads."""
    sign = "-" if ms < 0 else ""
    return f"{sign}{abs(ms) // 1000}.{abs(ms) % 1000:03d}"
