"""The kind of a file by its first bytes."""

import pytest

from mediakit.probing.container_sniff import media_kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x00\x00\x00\x20ftypisom", "video"),
        (b"\x1aE\xdf\xa3....", "video"),
        (b"RIFF....AVI LIST", "video"),
        (b"G" + bytes(187) + b"G", "video"),
        (b"FLV\x01", "video"),
        (b"ID3\x04", "audio"),
        (b"RIFF....WAVEfmt ", "audio"),
        (b"\xff\xfb\x90\x00", "audio"),
        (b"\x89PNG\r\n", ""),
        (b"", ""),
    ],
)
def test_what_the_first_bytes_tell(head, kind):
    assert media_kind(head) == kind
