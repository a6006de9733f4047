"""Takes MP4 files apart and assembles invalid ones."""

import struct
from collections.abc import Callable, Iterator

# What holds boxes, and how many bytes of its own stand before them.
CONTAINERS = {
    **dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf"), 0),
    b"stsd": 8,
    b"avc1": 78,
}


def box(kind: bytes, content: bytes) -> bytes:
    """One box around its content."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, content) of each box in a row of them."""
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, data[offset + 8 : offset + size]
        offset += max(8, size)


def rebuilt(data: bytes, change: Callable[[bytes, bytes], bytes]) -> bytes:
    """The boxes again; `change` gets each one's kind and content and gives the new whole box."""
    parts = []
    for kind, content in boxes(data):
        own = CONTAINERS.get(kind, len(content))
        inner = content[:own] + (rebuilt(content[own:], change) if own < len(content) else b"")
        parts.append(change(kind, inner))
    return b"".join(parts)


def changed(data: bytes, box_kind: bytes, edit: Callable[[bytearray], None]) -> bytes:
    """The file with the content of every box of that type edited in place."""

    def change(kind: bytes, content: bytes) -> bytes:
        if kind != box_kind:
            return box(kind, content)
        edited = bytearray(content)
        edit(edited)
        return box(kind, bytes(edited))

    return rebuilt(data, change)


def copied(data: bytes, times: int) -> bytes:
    """The file with its last track that often, each under a number of its own."""

    def change(kind: bytes, content: bytes) -> bytes:
        if kind != b"moov":
            return box(kind, content)
        tracks = [inner for name, inner in boxes(content) if name == b"trak"]
        more = (_numbered(tracks[-1], number) for number in range(1000, 1000 + times))
        return box(kind, content + b"".join(more))

    return rebuilt(data, change)


def _numbered(track: bytes, number: int) -> bytes:
    def give(header: bytearray) -> None:
        struct.pack_into(">I", header, 12, number)

    return box(b"trak", changed(track, b"tkhd", give))


class Bits:
    """Bits from the left, with the Exp-Golomb numbers of H.264."""

    def __init__(self) -> None:
        self._bits = ""

    def u(self, value: int, width: int) -> "Bits":
        """A number of fixed width."""
        self._bits += f"{value:0{width}b}"
        return self

    def ue(self, *values: int) -> "Bits":
        """Numbers that are the longer the larger they are."""
        for value in values:
            digits = f"{value + 1:b}"
            self._bits += "0" * (len(digits) - 1) + digits
        return self

    def nal(self, header: int) -> bytes:
        """The unit with its start code, closed and escaped."""
        bits = self._bits + "1"
        bits += "0" * (-len(bits) % 8)
        body = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
        escaped = bytearray()
        for value in body:
            if value <= 3 and escaped[-2:] == b"\0\0":
                escaped.append(3)
            escaped.append(value)
        return b"\0\0\0\1" + bytes([header]) + bytes(escaped)


def sps(macroblocks: int) -> bytes:
    """What begins a stream of pictures so many macroblocks (16 pixels) wide and high."""
    words = Bits().u(66, 8).u(0, 8).u(62, 8).ue(0, 0, 2, 1).u(0, 1)
    words.ue(macroblocks - 1, macroblocks - 1).u(1, 1).u(1, 1).u(0, 1).u(0, 1)
    return words.nal(0x67)


def h264(macroblocks: int, pictures: int = 3) -> bytes:
    """A stream of such pictures with next to nothing in them."""
    pps = Bits().ue(0, 0).u(0, 1).u(0, 1).ue(0, 0, 0).u(0, 1).u(0, 2).ue(0, 0, 0).u(0, 3)
    units = sps(macroblocks) + pps.nal(0x68)
    for number in range(pictures):
        # One intra slice of one flat macroblock: first_mb, type I, pps, frame_num, idr_pic_id, ...
        slice_ = Bits().ue(0, 7, 0).u(0, 4).ue(number).u(0, 2).ue(0, 3, 0, 0)
        units += slice_.u(0b1111, 4).nal(0x65)
    return units
