"""Reads the headers of an MP4 file's boxes (ISO/IEC 14496-12) to check how the file is laid out."""

from collections.abc import Iterator
from dataclasses import dataclass

from mediakit.probing.container_sniff import SourceReader

MAX_BOXES = 10_000
MAX_MOOV_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its four-letter kind, its offset, its stated size and the size of its header, in bytes."""

    kind: str
    offset: int
    size: int
    header: int

    @property
    def end(self) -> int:
        """Return the offset of the first byte after the box."""
        return self.offset + self.size


def top_boxes(reader: SourceReader) -> list[Box]:
    """Return the outermost boxes in file order, up to the first invalid one and at most MAX_BOXES."""
    boxes: list[Box] = []
    offset = 0
    while offset < reader.size and len(boxes) < MAX_BOXES:
        box = _box(reader.read(offset, 16), offset, reader.size)
        if box is None:
            break
        boxes.append(box)
        offset = box.end
    return boxes


def has_edit_list(reader: SourceReader) -> bool:
    """Return whether any track has an edit list with entries."""
    edit_lists = box_contents(movie_box(reader), "trak edts elst")
    return any(_entries(edits) for edits in edit_lists)


def movie_box(reader: SourceReader) -> bytes:
    """Return the contents of the moov box, which describes all tracks; b"" without one or for one that is too large."""
    for box in top_boxes(reader):
        if box.kind == "moov" and box.size <= MAX_MOOV_BYTES:
            return reader.read(box.offset, box.size)[box.header :]
    return b""


def _entries(edits: bytes) -> int:
    return int.from_bytes(edits[4:8], "big")


def box_contents(data: bytes, path: str) -> Iterator[bytes]:
    """Yield the contents of every box at a path of kinds, such as "trak edts elst"."""
    kind, _, rest = path.partition(" ")
    offset = 0
    while offset < len(data):
        box = _box(data[offset : offset + 16], offset, len(data))
        if box is None:
            return
        inner = data[offset + box.header : box.end]
        if box.kind == kind:
            yield from box_contents(inner, rest) if rest else (inner,)
        offset = box.end


def _box(head: bytes, offset: int, end: int) -> Box | None:
    if len(head) < 8:
        return None
    size, header = int.from_bytes(head[:4], "big"), 8
    if size == 1 and len(head) == 16:
        size, header = int.from_bytes(head[8:16], "big"), 16
    elif size == 0:
        size = end - offset
    if size < header:
        return None
    return Box(head[4:8].decode("latin-1"), offset, size, header)
