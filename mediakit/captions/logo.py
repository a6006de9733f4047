"""Logos: an uploaded picture is re-encoded by the confined ffmpeg and scaled down."""

from pathlib import Path

from mediakit.errors import InputError, MediaError, MediaErrorCode
from mediakit.sandbox.process import run

MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 24_000_000
MAX_SIDE_PX = 360  # the largest size at which a logo is shown
TIMEOUT_S = 10.0  # a web thread waits for it
# The demuxer by the first bytes, and the only decoder it may use.
_SIGNATURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"RIFF", "webp"))
# All that a picture needs. Texts and colour profiles are compressed: 3 MB of them unpack to 3 GB.
_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_DECODERS = {"png": "png", "jpeg": "mjpeg", "webp": "webp"}


def make_logo(data: bytes, folder: Path) -> Path:
    """Return the picture as a PNG with transparency, at most `MAX_SIDE_PX` wide and high, in the (empty) folder.

    PNG (the first frame of an animated one), JPEG and still WebP are accepted. Raises `InputError`
    LOGO_INVALID or LOGO_TOO_LARGE for anything else.
    """
    if len(data) > MAX_BYTES:
        raise InputError(
            MediaErrorCode.LOGO_TOO_LARGE, "The picture is too large.", max_bytes=MAX_BYTES
        )
    return redraw_picture(data, folder, name="logo.png", max_side_px=MAX_SIDE_PX)


def redraw_picture(
    data: bytes, folder: Path, *, name: str, max_side_px: int, on_black: bool = False
) -> Path:
    """Return the picture as a PNG, at most so wide and high, in the (empty) folder.

    Its transparency is kept, or with `on_black` laid on black. Raises `InputError` LOGO_INVALID.
    """
    kind = next((name for magic, name in _SIGNATURES if data.startswith(magic)), "")
    if not kind or (kind == "webp" and data[8:12] != b"WEBP"):
        raise InputError(MediaErrorCode.LOGO_INVALID, "This is no PNG, JPEG or WebP picture.")
    upload, out = folder / "upload", folder / name
    upload.write_bytes(_plain_png(data) if kind == "png" else data)
    size = f"scale=w='min({max_side_px},iw)':h='min({max_side_px},ih)':force_original_aspect_ratio=decrease"
    pixels = "format=rgba,premultiply=inplace=1,format=rgb24" if on_black else "format=rgba"
    try:
        run(
            [
                *("ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-y"),
                *(
                    "-protocol_whitelist",
                    "file",
                    "-f",
                    f"{kind}_pipe",
                    "-max_pixels",
                    str(MAX_PIXELS),
                ),
                *("-codec_whitelist", _DECODERS[kind], "-c:v", _DECODERS[kind]),
                *("-i", f"file:{upload.name}", "-map", "0:v:0", "-frames:v", "1"),
                *("-vf", f"{size}:flags=bicubic,{pixels}", "-map_metadata", "-1", "-c:v", "png"),
                *("-fflags", "+bitexact", "-flags:v", "+bitexact"),
                *("-f", "image2", "-update", "1", f"file:{out.name}"),
            ],
            timeout_s=TIMEOUT_S,
            cwd=folder,
        )
    except MediaError as error:
        raise InputError(MediaErrorCode.LOGO_INVALID, "This picture cannot be read.") from error
    finally:
        upload.unlink(missing_ok=True)
    if not out.exists() or not out.stat().st_size:
        raise InputError(MediaErrorCode.LOGO_INVALID, "This picture cannot be read.")
    return out


def _plain_png(data: bytes) -> bytes:
    """Return only the picture's chunks, in order, up to a damaged one. The decoder then refuses the picture."""
    kept = [data[:8]]
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if data[at + 4 : at + 8] in _PNG_CHUNKS:
            kept.append(data[at:end])
        at = end
    return b"".join(kept)
