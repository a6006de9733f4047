"""The contact sheets to judge framing by eye show the right moments of the source and of its Short."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.framing.contact_sheets import GAP_PX, TILE_WIDTH_PX, range_at, write_sheet
from mediakit.cutting.cut_time import cut_time
from mediakit.framing.analysis.pictures import cv2
from mediakit.framing.crop_plan import CropPlan, PathPoint, Shot
from mediakit.probing.probe import probe
from tests.mediakit.face_fixtures import WHOLE_PICTURE, make_info


@pytest.mark.parametrize(("share", "start_ms"), [(0, 0), (0.25, 2_500), (0.9, 4_000)])
def test_a_range_ends_with_the_clip_at_the_latest(share, start_ms):
    assert range_at(make_info(seconds=10), share, 6_000) == (start_ms, start_ms + 6_000)


def test_each_moment_of_the_source_stands_above_that_of_its_short(tmp_path: Path):
    # Red on the left half, and from the third second on green instead.
    colours = "color=black:s=320x180:r=25:d=4,drawbox=w=160:h=180:t=fill:color"
    graph = (
        f"{colours}=red:enable='lt(t,2)',drawbox=w=160:h=180:t=fill:color=lime:enable='gte(t,2)'"
    )
    clip, sheet = tmp_path / "clip.mp4", tmp_path / "sheet.png"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", graph, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(clip)], check=True)
    info = probe(str(clip))
    left = Shot(0, 4_000, "crop", path=(PathPoint(0, 0.25, 0.5),))
    plan = CropPlan(WHOLE_PICTURE, (left,))
    write_sheet(clip, info, plan, cut_time(info, [(0, 4_000)]), moments=2, sheet=sheet)
    picture = cv2.imread(str(sheet))
    source_height, short_height = TILE_WIDTH_PX * 9 // 16, TILE_WIDTH_PX * 16 // 9
    assert picture.shape[1] == 2 * TILE_WIDTH_PX + GAP_PX
    assert picture.shape[0] == pytest.approx(source_height + short_height + GAP_PX, abs=2)
    for moment, channel in ((0, 2), (1, 1)):  # of blue, green and red
        middle = moment * (TILE_WIDTH_PX + GAP_PX) + TILE_WIDTH_PX // 2
        source = picture[source_height // 2, middle - 60], picture[source_height // 2, middle + 60]
        short = picture[source_height + short_height // 2, middle]
        assert source[0][channel] > 150
        assert source[1].max() < 60
        assert short[channel] > 150
