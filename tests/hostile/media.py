"""Makers of hostile media files; nothing is downloaded. Each one returns the bytes or writes them to a path."""

import io
import os
import random
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from tests.hostile.boxes import box, boxes, changed, copied, h264, rebuilt, sps

CANARY = "CANARY-7f3a91"
# No picture of ours has this colour; the video of "another user" is nothing else.
CANARY_COLOUR = (0xC8, 0x13, 0xA9)
# Quiet grey-green that moves.
PICTURE = "color=c=0x607060:s=160x90:r=25,noise=alls=12:allf=t"


@dataclass(frozen=True, slots=True)
class Place:
    """What a hostile file can point at."""

    canary: Path  # another user's video, by its real path
    from_here: str  # the same, relative to where uploads of this user lie
    url: str  # a server that must never hear anything
    tcp_port: int


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile file. `codes` are the refusals that are right; "READY" may be among them."""

    make: Callable[[Place], bytes]
    codes: frozenset[str]
    name: str = "clip.mp4"


def ffmpeg(*args: object) -> None:
    """Run ffmpeg without any of our code."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, args)]
    subprocess.run(argv, check=True, timeout=120)


@cache
def make_video(
    *options: str, picture: str = PICTURE, suffix: str = ".mp4", seconds: float = 1
) -> bytes:
    """A small video with a tone; made once for each set of options."""
    with tempfile.TemporaryDirectory(prefix="heimdex-hostile-") as folder:
        path = Path(folder, f"video{suffix}")
        sound = ("-f", "lavfi", "-i", "sine=f=330:r=48000")
        encode = ("-t", seconds, "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", 10)
        ffmpeg("-f", "lavfi", "-i", picture, *sound, *encode, *options, path)
        return path.read_bytes()


def canary_film(path: Path) -> None:
    """Another user's video: one colour, and words in its tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    red, green, blue = CANARY_COLOUR
    colour = f"color=c=0x{red:02x}{green:02x}{blue:02x}:s=160x90:r=25"
    path.write_bytes(make_video("-metadata", f"title={CANARY}", picture=colour))


# Playlists in disguise: a few bytes that name other files.


def hls(address: str) -> bytes:
    """An HLS playlist of one piece."""
    head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:0\n"
    return f"{head}#EXTINF:2.0,\n{address}\n#EXT-X-ENDLIST\n".encode()


def dash(address: str) -> bytes:
    """A DASH manifest of one file."""
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' mediaPresentationDuration="PT2S" minBufferTime="PT1S"'
        ' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period id="0" start="PT0S">'
        '<AdaptationSet contentType="video" mimeType="video/mp4"><Representation id="1"'
        ' codecs="avc1.42c00a" bandwidth="100000" width="160" height="90">'
        f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ).encode()


def concat(address: str) -> bytes:
    """A script of ffmpeg's concat demuxer."""
    return f"ffconcat version 1.0\nfile '{address}'\nduration 2\n".encode()


def sdp(place: Place) -> bytes:
    """A session description that would have the reader open sockets."""
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=video {place.tcp_port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        f"a=control:rtsp://127.0.0.1:{place.tcp_port}/\r\n"
    ).encode()


def elsewhere(place: Place) -> bytes:
    """An MP4 that refers to another user's file for its samples."""

    def change(kind: bytes, content: bytes) -> bytes:
        if kind != b"dref":
            return box(kind, content)
        address = box(b"url ", b"\0\0\0\0" + f"file://{place.canary}".encode() + b"\0")
        return box(b"dref", b"\0\0\0\0\0\0\0\1" + address)

    return rebuilt(make_video(), change)


# Containers that lie or are broken.


def claims_an_hour(_place: Place) -> bytes:
    """A video of one second whose headers say one hour."""

    def lengthen(at: int, scale_at: int | None, header: bytearray) -> None:
        scale = struct.unpack_from(">I", header, scale_at)[0] if scale_at else 1000
        struct.pack_into(">I", header, at, min(3600 * scale, 0xFFFFFFFF))

    data = changed(make_video(), b"mvhd", partial(lengthen, 16, 12))
    data = changed(data, b"tkhd", partial(lengthen, 20, None))
    return changed(data, b"mdhd", partial(lengthen, 16, 12))


def edited(kind: bytes, at: int, value: int) -> Callable[[Place], bytes]:
    """The video with a 32-bit number overwritten in every box of a kind."""
    return lambda _place: changed(
        make_video(), kind, lambda content: struct.pack_into(">I", content, at, value)
    )


def cut(start: float, end: float) -> Callable[[Place], bytes]:
    """A share of the video's bytes; its index comes first, so that it is there when the end is not."""

    def make(_place: Place) -> bytes:
        data = make_video("-movflags", "+faststart")
        return data[int(len(data) * start) : int(len(data) * end)]

    return make


def corrupt(_place: Place) -> bytes:
    """Noise where the pictures were, under a good index."""

    def noise(content: bytearray) -> None:
        content[:] = random.Random(7).randbytes(len(content))

    return changed(make_video(), b"mdat", noise)


def endless_box(_place: Place) -> bytes:
    """A box of 2^63 - 1 bytes in the middle."""
    head, *rest = (box(kind, content) for kind, content in boxes(make_video()))
    return head + struct.pack(">I4sQ", 1, b"free", 2**63 - 1) + b"".join(rest)


def nested(kind: bytes, depth: int) -> bytes:
    """Boxes in boxes in boxes."""
    heads = (struct.pack(">I4s", 8 * (depth - at), kind) for at in range(depth))
    return box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", b"".join(heads))


def polyglot(_place: Place) -> bytes:
    """A video that is a web page and an archive too."""
    page = b"<!doctype html><script>alert(document.domain)</script><!--"
    packed = io.BytesIO()  # archives are read from their end
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../escaped.txt", CANARY)
    first, *rest = boxes(make_video())
    whole = [box(*first), box(b"free", page), *(box(*found) for found in rest)]
    # The index stands before the video's bytes or after them: offsets hold only if nothing moves.
    data = b"".join(whole)
    return _moved(data, 8 + len(page)) + box(b"free", packed.getvalue())


def _moved(data: bytes, by: int) -> bytes:
    def shift(content: bytearray) -> None:
        for at in range(8, len(content), 4):
            struct.pack_into(">I", content, at, struct.unpack_from(">I", content, at)[0] + by)

    return changed(data, b"stco", shift)


# Bombs: small files that would take all there is.


def packed_index(size: int) -> bytes:
    """A QuickTime index of so many bytes, compressed to a thousandth."""
    block = 1 << 20
    packer = zlib.compressobj(1)
    zeros = bytes(block)
    packed = b"".join(packer.compress(zeros) for _ in range(size // block)) + packer.flush()
    inner = box(b"dcom", b"zlib") + box(b"cmvd", struct.pack(">I", size) + packed)
    return box(b"ftyp", b"qt  \0\0\2\0qt  ") + box(b"moov", box(b"cmov", inner))


def gap(hours: float) -> Callable[[Place], bytes]:
    """A second of video on either side of so many hours of nothing."""
    later = f"setpts=if(lt(N\\,12)\\,N\\,N+{int(hours * 3600 * 25)})/25/TB"
    options = ("-an", "-vf", later, "-fps_mode", "passthrough", "-t", str(hours * 3600 + 9))
    return lambda _place: make_video(*options, picture=f"{PICTURE},trim=end_frame=50")


def long_words(_place: Place) -> bytes:
    """Tags of 100 KB each."""
    words = "A" * 100_000
    tags = (("-metadata", f"{name}={words}") for name in ("title", "comment", "artist"))
    return make_video(
        *(part for tag in tags for part in tag), "-metadata:s:v", f"handler_name={words}"
    )


def drawing(side: int) -> bytes:
    """An SVG picture that is all side."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
        f'<rect width="{side}" height="{side}" fill="red"/>'
        f'<image href="file:///etc/passwd" width="{side}" height="{side}"/></svg>'
    ).encode()


def wide_film(macroblocks: int) -> Callable[[Place], bytes]:
    """A video whose codec header, not its container, gives the picture size in macroblocks."""
    huge = sps(macroblocks)[4:]

    def change(kind: bytes, content: bytes) -> bytes:
        if kind != b"avcC":
            return box(kind, content)
        (length,) = struct.unpack_from(">H", content, 6)
        return box(kind, content[:6] + struct.pack(">H", len(huge)) + huge + content[8 + length :])

    return lambda _place: rebuilt(make_video(), change)


REFUSED = frozenset({"NOT_A_VIDEO", "TRUNCATED_FILE", "NO_VIDEO_STREAM"})
BROKEN = REFUSED | {"READY", "TOOL_LIMIT_MEMORY"}
READY = frozenset({"READY"})


def _playlists() -> dict[str, Case]:
    makers: dict[str, Callable[[str], bytes]] = {"hls": hls, "dash": dash, "ffconcat": concat}
    places: dict[str, Callable[[Place], str]] = {
        "absolute": lambda place: f"file://{place.canary}",
        "plain": lambda place: str(place.canary),
        "relative": lambda place: place.from_here,
        "http": lambda place: f"{place.url}/canary.mp4",
        "itself": lambda _place: "SELF",  # filled in when the name is known
        "command": lambda place: f"concat:{place.canary}|subfile,,start,0,end,0,,:/etc/passwd",
    }

    def pair(make: Callable[[str], bytes], where: Callable[[Place], str]) -> Case:
        return Case(lambda place: make(where(place)), frozenset({"NOT_A_VIDEO"}))

    found = {
        f"{kind}_{where}": pair(make, places[where])
        for kind, make in makers.items()
        for where in places
    }
    found["sdp"] = Case(sdp, frozenset({"NOT_A_VIDEO"}))
    return found


# Minutes of work each: for the long run only.
LONG_CASES: dict[str, Case] = {"gap_5_h": Case(gap(5), READY)}

PLAYLISTS = _playlists()

CASES: dict[str, Case] = {
    "data_elsewhere": Case(elsewhere, BROKEN),
    "claims_an_hour": Case(claims_an_hour, BROKEN),
    "stts_count_huge": Case(edited(b"stts", 8, 0x7FFFFFFF), BROKEN),
    "stts_entries_huge": Case(edited(b"stts", 4, 0x7FFFFFFF), BROKEN),
    "stsz_entries_huge": Case(edited(b"stsz", 8, 0x7FFFFFFF), BROKEN),
    "ctts_entries_huge": Case(edited(b"stsc", 4, 0x7FFFFFFF), BROKEN),
    "timescale_zero": Case(edited(b"mdhd", 12, 0), BROKEN),
    "head_cut_off": Case(cut(0.1, 1), REFUSED),
    "tail_cut_off": Case(cut(0, 0.5), REFUSED),
    "a_little_cut_off": Case(cut(0, 0.95), BROKEN),
    "corrupt_mdat": Case(corrupt, BROKEN),
    "endless_box": Case(endless_box, BROKEN),
    "deep_boxes": Case(lambda _place: nested(b"moov", 20_000), REFUSED),
    "deep_tracks": Case(lambda _place: nested(b"trak", 20_000), REFUSED),
    "ftyp_only": Case(lambda _place: box(b"ftyp", b"isom\0\0\2\0isommp41"), REFUSED),
    "page_and_archive": Case(polyglot, READY),
    "page_first": Case(lambda _p: b"<!doctype html><!--" + make_video(), REFUSED),
    "archive_first": Case(lambda _p: b"PK\3\4" + make_video(), REFUSED),
    "picture_16000": Case(wide_film(1000), frozenset({"VIDEO_TOO_LARGE"})),
    "picture_16000_raw": Case(
        lambda _place: h264(1000), frozenset({"VIDEO_TOO_LARGE"}), name="clip.h264"
    ),
    "packed_index_1_gib": Case(lambda _p: packed_index(1 << 30), REFUSED | {"TOOL_LIMIT_MEMORY"}),
    "streams_900": Case(lambda _p: copied(make_video(), 900), frozenset({"TOO_MANY_TRACKS"})),
    "tracks_20000": Case(lambda _p: copied(make_video(), 20_000), frozenset({"TOO_MANY_TRACKS"})),
    "fps_1000": Case(
        lambda _p: make_video(picture=PICTURE.replace("r=25", "r=1000"), seconds=1), READY
    ),
    "gap_10_h": Case(gap(10), frozenset({"VIDEO_TOO_LONG"})),
    "gap_2_min": Case(gap(1 / 30), READY),
    "words_100_kb": Case(long_words, READY),
    "svg_30000": Case(lambda _place: drawing(30_000), REFUSED),
    **(LONG_CASES if os.environ.get("HEIMDEX_LONG") else {}),
}
