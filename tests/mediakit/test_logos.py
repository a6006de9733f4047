"""Logos: drawn anew from pictures, and refused when they are none."""

import re
from pathlib import Path

import pytest

from mediakit.errors import InputError
from mediakit.logos import make_logo
from tests.mediakit.conftest import ffmpeg, look


@pytest.mark.parametrize("kind", ["png", "mjpeg", "libwebp"])
def test_a_logo_is_drawn_anew(kind: str, tmp_path: Path):
    given = tmp_path / f"given.{kind}"
    muxer = {"png": "image2", "mjpeg": "image2", "libwebp": "webp"}[kind]
    ffmpeg(
        *("-f", "lavfi", "-i", "color=red:s=900x300", "-metadata", "comment=secret"),
        *("-frames:v", 1, "-c:v", kind, "-f", muxer, given),
    )
    made = make_logo(given.read_bytes() + b"<?php tail ?>", tmp_path)

    (stream,) = look(made)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"], stream["pix_fmt"]) == (
        *("png", 360, 120, "rgba"),
    )
    assert not {b"secret", b"php"} & set(re.findall(rb"secret|php", made.read_bytes()))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "LOGO_INVALID"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "LOGO_INVALID"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "LOGO_INVALID"),
        (b"RIFF\0\0\0\0AVI LIST", "LOGO_INVALID"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5 << 20), "LOGO_TOO_LARGE"),
    ],
)
def test_what_is_no_picture_is_no_logo(data: bytes, code: str, tmp_path: Path):
    with pytest.raises(InputError) as caught:
        make_logo(data, tmp_path)
    assert caught.value.code == code
