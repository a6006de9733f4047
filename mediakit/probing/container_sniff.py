"""Bounded reads of a source, and detection of a container from its first bytes."""

import http.client
import os
import urllib.parse
from typing import BinaryIO

from mediakit.media_info import Source
from mediakit.sandbox.source_file import is_remote, open_plain

TIMEOUT_S = 30.0

# The boxes with which a file of the MP4 family begins.
FIRST_BOXES = (
    *(b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx"),
    *(b"free", b"wide", b"skip", b"uuid", b"pnot"),
)


class SourceReader:
    """Reads byte ranges of a source: a local file, or our own ranged reader."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.size = self._size()

    def read(self, offset: int, length: int) -> bytes:
        """Return at most `length` bytes from `offset` on; empty past the end."""
        length = max(0, min(length, self.size - offset))
        if not length:
            return b""
        if is_remote(self.source):
            return self._request(offset, length)[0]
        with self._file() as file:
            file.seek(offset)
            return file.read(length)

    def _size(self) -> int:
        if not is_remote(self.source):
            with self._file() as file:
                return os.fstat(file.fileno()).st_size
        _, content_range = self._request(0, 1)
        total = content_range.rpartition("/")[2]
        return int(total) if total.isdigit() else 0

    def _file(self) -> BinaryIO:
        return os.fdopen(open_plain(self.source), "rb")

    def _request(self, offset: int, length: int) -> tuple[bytes, str]:
        address = urllib.parse.urlsplit(self.source)
        connection = http.client.HTTPConnection(address.netloc, timeout=TIMEOUT_S)
        try:
            headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
            connection.request("GET", address.path, headers=headers)
            answer = connection.getresponse()
            content_range = answer.getheader("Content-Range") or ""
            return (answer.read(length) if answer.status == 206 else b""), content_range
        finally:
            connection.close()


def media_kind(head: bytes) -> str:
    """ "video" (a container that may hold one), "audio" (sound only), or "" from a file's head."""
    if _is_audio(head):
        return "audio"
    known = (
        head[4:8] in FIRST_BOXES
        or head.startswith(b"nut/multimedia")
        or head[:4] in (b"\x1aE\xdf\xa3", b"OggS", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")
        or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")
        or head[:4] in (b".RMF", b"\x06\x0e\x2b\x34", b"\x30\x26\xb2\x75")
        or head[:3] == b"FLV"
        or (head[:1] == b"\x47" and head[188:189] == b"\x47")
    )
    return "video" if known else ""


def _is_audio(head: bytes) -> bool:
    if head[:3] == b"ID3" or head[:4] in (b"fLaC", b"FORM", b"caff", b"MAC "):
        return True
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return True
    # An MPEG audio or ADTS frame: eleven or twelve sync bits, and a layer that exists.
    return len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[2] != 0xFF
