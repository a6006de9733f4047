"""Detects a file that is shorter than its container states, such as an interrupted upload."""

from mediakit.probing.container_sniff import FIRST_BOXES, SourceReader
from mediakit.probing.mp4_boxes import top_boxes

SEGMENT_ID = b"\x18\x53\x80\x67"


def is_cut_off(reader: SourceReader) -> bool:
    """Return whether more than a tenth of the bytes that the container states are missing.

    Supports MP4/MOV, Matroska/WebM and AVI; False for other containers, which do not state
    their size. When less is missing, most of the file can still be used.
    """
    head = reader.read(0, 256)
    if head[:4] == b"\x1aE\xdf\xa3":
        end = _matroska_end(head)
    elif head[:4] == b"RIFF":
        end = 8 + int.from_bytes(head[4:8], "little")
    else:
        boxes = top_boxes(reader) if head[4:8] in FIRST_BOXES else []
        end = boxes[-1].end if boxes else 0
    return reader.size < end * 9 // 10


def _matroska_end(head: bytes) -> int:
    """Return the offset at which the segment ends; 0 when its size is unknown, as in a live recording."""
    at = head.find(SEGMENT_ID)
    if at < 0:
        return 0
    at += len(SEGMENT_ID)
    length = 9 - head[at].bit_length() if head[at : at + 1] else 0
    raw = head[at : at + length]
    size = int.from_bytes(raw, "big") & ((1 << 7 * length) - 1)
    unknown = (1 << 7 * length) - 1
    return 0 if len(raw) < length or size == unknown else at + length + size
