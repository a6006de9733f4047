"""The clips that other tests are made of have the odd property they are asked for."""

from fractions import Fraction

import pytest

from mediakit.probing.probe import probe
from tests.clips import make_clip


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_clip_can_be_turned(tmp_path, rotation):
    video = probe(str(make_clip(tmp_path / "a.mp4", seconds=1, rotation=rotation))).video
    assert video.rotation == rotation
    assert (video.display_width, video.display_height) == (
        (320, 180) if rotation == 180 else (180, 320)
    )


def test_a_clip_can_be_anamorphic_hdr_and_surround(tmp_path):
    info = probe(
        str(
            make_clip(
                tmp_path / "a.mp4",
                seconds=1,
                sar=Fraction(4, 3),
                pix_fmt="yuv420p10le",
                transfer="pq",
                channels=6,
            )
        )
    )
    assert (info.video.sar, info.video.hdr, info.video.bit_depth) == (Fraction(4, 3), "pq", 10)
    assert info.audio[0].channels == 6


def test_a_clip_can_have_uneven_frames_and_no_sound(tmp_path):
    info = probe(str(make_clip(tmp_path / "a.mp4", vfr=True, channels=0)))
    assert info.video.is_vfr
    assert info.audio == ()


def test_a_clip_can_have_languages_and_subtitles(tmp_path):
    text = "1\n00:00:00,200 --> 00:00:00,900\nHi\n"
    clip = make_clip(
        tmp_path / "a.mkv", seconds=1, languages=("eng", "kor"), subtitles=text, quiet=[(0, 0.5)]
    )
    info = probe(str(clip))
    assert [track.language for track in info.audio] == ["eng", "kor"]
    assert [track.codec for track in info.subtitles] == ["subrip"]


def test_a_clip_can_be_of_another_codec_and_silent(tmp_path):
    clip = make_clip(tmp_path / "a.webm", seconds=1, codec="libvpx-vp9", silence=True, channels=1)
    assert probe(str(clip)).video.codec == "vp9"
    clip = make_clip(tmp_path / "b.avi", seconds=1, codec="mpeg4", fps=Fraction(30000, 1001))
    assert probe(str(clip)).video.codec == "mpeg4"
