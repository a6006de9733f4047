"""MOV files of two sample descriptions, as cameras and editing programs write them when the picture's size changes."""

import struct
from collections.abc import Iterator

TABLES = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
# Where a header has its length in units of its clock, in bytes from its content's start (version 0).
LENGTHS = {b"mvhd": 16, b"tkhd": 20, b"mdhd": 16}


def joined(first: bytes, second: bytes) -> bytes:
    """Join two MP4 files, each of one H.264 track without B frames, alike in rate and length, into one track.

    Each part keeps the description (size, parameter sets) that it was encoded with.
    """
    files = (first, second)
    tables = [_content(file, *TABLES) for file in files]
    sizes = [_numbers(_content(table, b"stsz"), skip=4) for table in tables]
    keys = [_numbers(_content(table, b"stss")) for table in tables]
    starts = [_numbers(_content(table, b"stco"))[0] for table in tables]
    pictures = [
        file[start : start + sum(each)]
        for file, start, each in zip(files, starts, sizes, strict=True)
    ]
    head = _box(b"ftyp", _content(first, b"ftyp"))
    at, counts = len(head) + 8, [len(each) for each in sizes]
    frame = _numbers(_content(tables[0], b"stts"))[1]
    described = b"".join(_content(table, b"stsd")[8:] for table in tables)
    late_keys = [key + counts[0] for key in keys[1]]
    table = (
        _box(b"stsd", struct.pack(">2I", 0, 2) + described)
        + _box(b"stts", _words(0, 1, sum(counts), frame))
        + _box(b"stss", _words(0, len(keys[0] + late_keys), *keys[0], *late_keys))
        + _box(b"stsc", _words(0, 2, 1, counts[0], 1, 2, counts[1], 2))
        + _box(b"stsz", _words(0, 0, sum(counts), *sizes[0], *sizes[1]))
        + _box(b"stco", _words(0, 2, at, at + len(pictures[0])))
    )
    movie = _box(b"moov", _twice_as_long(_content(first, b"moov"), table))
    return head + _box(b"mdat", b"".join(pictures)) + movie


def _twice_as_long(content: bytes, table: bytes) -> bytes:
    """Return boxes with every length doubled, the sample table exchanged, and without edit lists."""
    written = b""
    for kind, inside in _boxes(content):
        if kind == b"edts":
            continue
        if kind == b"stbl":
            inside = table  # noqa: PLW2901
        elif kind in TABLES:
            inside = _twice_as_long(inside, table)  # noqa: PLW2901
        elif kind in LENGTHS:
            changed = bytearray(inside)
            length = struct.unpack_from(">I", inside, LENGTHS[kind])[0]
            struct.pack_into(">I", changed, LENGTHS[kind], 2 * length)
            inside = bytes(changed)  # noqa: PLW2901
        written += _box(kind, inside)
    return written


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + size]
        at += size


def _content(content: bytes, *path: bytes) -> bytes:
    for name in path:
        content = next(inside for kind, inside in _boxes(content) if kind == name)
    return content


def _numbers(content: bytes, *, skip: int = 0) -> list[int]:
    """Return the numbers of a table, after its version and its count."""
    return [number for (number,) in struct.iter_unpack(">I", content[8 + skip :])]


def _words(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content
