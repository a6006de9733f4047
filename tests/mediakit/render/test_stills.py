"""Stills show what the Short will show."""

import pytest

from mediakit.errors import InputError, ToolError
from mediakit.probing.probe import probe
from mediakit.render.stills import frame_still, framing_still
from tests.clips import info_of
from tests.mediakit.conftest import colours_match, ffprobe, pixel_reader

RED, BLUE, BLACK = (192, 32, 32), (32, 32, 192), (0, 0, 0)


def shown(path):
    (stream,) = ffprobe(path)["streams"]
    return stream["codec_name"], stream["width"], stream["height"]


@pytest.mark.parametrize("strategy", ["center_crop", "letterbox", "blur"])
def test_a_still_of_each_framing(clips, tmp_path, strategy):
    source, out = str(clips.corners("flat.mp4")), tmp_path / "still.jpg"

    framing_still(source, probe(source), time_ms=200, strategy=strategy, out=out)

    colour = pixel_reader(out, matrix="bt601")
    assert shown(out) == ("mjpeg", 270, 480)
    assert colours_match(colour(0.1, 0.4), RED, within=12)
    assert colours_match(colour(0.1, 0.6), BLUE, within=12)
    if strategy == "letterbox":
        assert colours_match(colour(0.1, 0.1), BLACK)
    assert list(tmp_path.iterdir()) == [out]


def test_the_whole_picture_upright(clips, tmp_path):
    source, out = str(clips.rotated(clips.corners("flat.mp4"), 90)), tmp_path / "still.jpg"

    frame_still(source, probe(source), time_ms=0, out=out, width=90)

    assert shown(out) == ("mjpeg", 90, 160)
    assert colours_match(pixel_reader(out, matrix="bt601")(0.2, 0.2), BLUE)


def test_a_small_picture_is_not_enlarged(clips, tmp_path):
    source, out = str(clips.corners("flat.mp4")), tmp_path / "still.jpg"

    frame_still(source, probe(source), time_ms=0, out=out, width=640)

    assert shown(out) == ("mjpeg", 320, 180)


@pytest.mark.parametrize("time_ms", [560, 600, 5_000])
def test_times_at_and_after_the_end_give_the_last_picture(clips, tmp_path, time_ms):
    source, out = str(clips.corners("flat.mp4")), tmp_path / "still.jpg"

    frame_still(source, probe(source), time_ms=time_ms, out=out, width=320)

    assert colours_match(pixel_reader(out, matrix="bt601")(0.2, 0.2), RED)


def test_a_time_before_the_start_gives_the_first_picture(clips, tmp_path):
    source, out = str(clips.corners("flat.mp4")), tmp_path / "still.jpg"

    frame_still(source, probe(source), time_ms=-50, out=out, width=320)

    assert out.exists()


def test_a_truncated_video_raises_an_input_error(clips, tmp_path):
    good = clips.plain("fast.mp4", seconds=2, options=("-movflags", "+faststart"))
    info, data = info_of(good), good.read_bytes()
    bad, out = tmp_path / "bad.mp4", tmp_path / "still.jpg"
    at = data.find(b"mdat") + 4
    bad.write_bytes(data[:at] + bytes(len(data) - at))

    with pytest.raises((InputError, ToolError)):
        frame_still(str(bad), info, time_ms=0, out=out, width=320)

    assert list(tmp_path.iterdir()) == [bad]
