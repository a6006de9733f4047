"""How ffmpeg and ffprobe are handed a source: one place for what they may open and decode."""

from mediakit.info import Source

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


def is_remote(source: Source) -> bool:
    """Whether the source is our own reader; any other address is taken for a file's name."""
    return source.startswith("http://127.0.0.1:")


def locator(source: Source) -> str:
    """The source in a form that no tool can take for an option or another protocol."""
    return source if is_remote(source) else f"file:{source}"


def input_args(source: Source) -> list[str]:
    """The options and `-i` that open a source with ffmpeg or ffprobe."""
    protocols = "http,tcp" if is_remote(source) else "file"
    return [
        *("-protocol_whitelist", protocols),
        *("-format_whitelist", ",".join(DEMUXERS)),
        *("-i", locator(source)),
    ]
