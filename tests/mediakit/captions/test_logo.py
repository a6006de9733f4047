"""Logos: drawn anew from pictures, and refused when they are none; and titles."""

import re
import zlib
from pathlib import Path

import pytest

from mediakit.captions import logo
from mediakit.captions.caption_style import PRESETS, BurnIn, Overlays
from mediakit.captions.fonts import LINE_BOX_EM, width_em
from mediakit.captions.logo import make_logo
from mediakit.captions.overlay import ass_script
from mediakit.errors import InputError
from mediakit.framing.output_format import SHORT
from mediakit.text.transcript import Cue
from tests.mediakit.conftest import ffmpeg, ffprobe


@pytest.mark.parametrize("kind", ["png", "mjpeg", "libwebp"])
def test_a_logo_is_drawn_anew(kind: str, tmp_path: Path):
    given = tmp_path / f"given.{kind}"
    muxer = {"png": "image2", "mjpeg": "image2", "libwebp": "webp"}[kind]
    ffmpeg(
        *("-f", "lavfi", "-i", "color=red:s=900x300", "-metadata", "comment=secret"),
        *("-frames:v", 1, "-c:v", kind, "-f", muxer, given),
    )
    made = make_logo(given.read_bytes() + b"<?php tail ?>", tmp_path)

    (stream,) = ffprobe(made)["streams"]
    assert (stream["codec_name"], stream["width"], stream["height"], stream["pix_fmt"]) == (
        *("png", 360, 120, "rgba"),
    )
    assert not {b"secret", b"php"} & set(re.findall(rb"secret|php", made.read_bytes()))


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


@pytest.mark.parametrize(
    ("name", "before"),
    [(b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0"), (b"iCCP", b"a\0\0")],
)
def test_compressed_texts_are_not_unpacked(name: bytes, before: bytes, tmp_path: Path, monkeypatch):
    """3 MB of text that unpacks to 3 GB held a thread for 32 s; here it is a hundredth of that."""
    given = tmp_path / "given.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64,format=rgba", "-frames:v", 1, given)
    plain = given.read_bytes()
    header_end = 8 + 25
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(30)) + packer.flush()
    bomb = plain[:header_end] + chunk(name, before + packed) + plain[header_end:]
    read: list[bytes] = []
    monkeypatch.setattr(
        logo, "run", lambda *_a, cwd, **_k: read.append((cwd / "upload").read_bytes())
    )

    with pytest.raises(InputError):  # nothing is drawn here
        make_logo(bomb, tmp_path)

    assert name not in read[0]
    assert len(read[0]) < 5_000
    monkeypatch.undo()
    made = make_logo(bomb, tmp_path)
    (stream,) = ffprobe(made)["streams"]
    assert (stream["width"], stream["height"]) == (64, 64)


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


def test_captions_keep_off_the_logo_itself_and_not_off_a_square_around_it(tmp_path: Path):
    def low(size: str) -> float:
        given = tmp_path / "big.png"
        ffmpeg("-f", "lavfi", "-i", f"color=red:s={size}", "-frames:v", 1, given)
        made = make_logo(given.read_bytes(), tmp_path)
        overlays = Overlays(logo="ab", logo_width=360, logo_corner="bottom_right")
        cues = (Cue(0, 3900, "Welcome back everybody, and thank you"),)
        it = BurnIn(4000, cues, PRESETS["outline"], overlays, logo=made)
        return max(float(y) for y in re.findall(r"pos\(540\.0,([\d.]+)\)", ass_script(it)))

    assert low("400x20") > low("400x400")


def test_a_title_is_whole_and_inside_whatever_its_words_are():
    for title in ("Donaudampfschifffahrtskapitän " * 4, "W" * 120, "What nobody told you " * 5):
        script = ass_script(BurnIn(4000, overlays=Overlays(title[:120])))
        lines = re.findall(r"pos\(540.*?\\fs([\d.]+).*?}{\\fn[^}]*}(.*)", script)
        assert 1 < len(lines) <= 5
        assert all(
            width_em(text, "black") * float(size) / LINE_BOX_EM < SHORT.canvas.centered_width
            for size, text in lines
        )
        said = "".join(text for _, text in lines).replace(" ", "")
        assert said == "".join(word[:60] for word in title[:120].split())
