"""One real export in each aspect ratio, from one analysis: its receipt, its face, its captions, its previews."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from django.urls import reverse

from exports.choices import AspectRatio, ExportStatus
from exports.framing.options import output_format_of
from exports.previews.framing_stills import framing_preview
from exports.receipts.text import receipt_groups
from mediakit.captions.caption_style import PRESETS, Overlays
from mediakit.framing.geometry import Size
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE, Rect
from mediakit.probing.probe import probe
from storage import files
from tests.exports.render_runs import run
from tests.factories import ExportFactory, VideoFactory
from tests.mediakit.conftest import ffmpeg
from videos.analyses import shot_analyses
from videos.models import ShotAnalysis

pytestmark = pytest.mark.django_db

WIDTH, HEIGHT = 640, 360
FACE = Rect(0.625, 0.2, 0.125, 0.25)  # 80 px wide, 90 px high, right of the middle


@pytest.fixture(scope="session")
def green_face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey second with a green box where a face is."""
    path = tmp_path_factory.mktemp("face") / "face.mp4"
    box = f"drawbox=x={FACE.left * WIDTH}:y={FACE.top * HEIGHT}:w=80:h=90:color=0x00C000:t=fill"
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=0x606060:s={WIDTH}x{HEIGHT}:r=25:d=1.2,{box}"),
        *("-f", "lavfi", "-i", "sine=f=440:r=48000:d=1.2", "-pix_fmt", "yuv420p", "-shortest"),
        path,
    )
    return path


@pytest.fixture
def video(green_face, person, tmp_path):
    """The clip in storage, with a stored analysis that knows the face."""
    info = probe(str(green_face))
    made = VideoFactory(owner=person, probe=info.to_json(), duration_ms=info.duration_ms)
    made.width, made.height = WIDTH, HEIGHT
    made.save()
    copy = tmp_path / "copy.mp4"
    shutil.copyfile(green_face, copy)
    files.save_file(made.source_key, copy, content_type="video/mp4")
    samples = tuple(FaceSample(at, (Face(FACE, 0.9),)) for at in range(0, 1_200, 200))
    analysis = RangeAnalysis(0, info.duration_ms, "haar", WHOLE_PICTURE, (), samples)
    plan = make_crop_plan(analysis, info, start_ms=0, end_ms=info.duration_ms)
    span = {"start_ms": 0, "end_ms": info.duration_ms, "version": shot_analyses.VERSION}
    ShotAnalysis.objects.create(
        video=made, **span, detector="haar", data=analysis.to_json(), plan=plan.to_json()
    )
    return made


def picture(path: Path, size: Size, *args: str) -> np.ndarray:
    """The first picture of a file as RGB."""
    argv = ["ffmpeg", "-v", "error", *args, "-i", str(path), "-frames:v", "1"]
    argv += ["-vf", "format=rgb24", "-f", "rawvideo", "-"]
    raw = subprocess.run(argv, check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(size.height, size.width, 3).astype(int)


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is true."""
    rows, columns = np.where(mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@pytest.mark.parametrize("ratio", AspectRatio.values)
def test_a_short_in_that_ratio_is_right(ratio, video, person, tmp_path, no_heartbeat):
    cue = {"start_ms": 0, "end_ms": 1_000, "text": "Hello there", "words": [], "speaker": ""}
    export = ExportFactory(
        video=video,
        owner=person,
        start_ms=0,
        end_ms=1_000,
        aspect_ratio=ratio,
        aspect_ratio_strategy="smart_crop",
        captions="outline",
        look={"style": PRESETS["outline"].to_json(), "overlays": Overlays().to_json()},
        caption_cues=[cue],
    )

    done = run(export)

    output = output_format_of(video, ratio)
    assert (done.status, done.error_code) == (ExportStatus.COMPLETED, "")
    assert (done.width, done.height) == (output.size.width, output.size.height)
    rules = {rule["name"]: rule for rule in done.receipt["rules"]}
    assert [name for name, rule in rules.items() if not rule["ok"]] == []
    assert rules["picture_size"]["expected"] == f"{done.width}x{done.height}"
    assert {name for name in rules if name.startswith("fits_")} == {
        "9:16": {"fits_shorts", "fits_reels", "fits_tiktok"},
        "4:5": {"fits_feed", "fits_linkedin"},
        "1:1": {"fits_feed", "fits_x", "fits_linkedin"},
    }.get(ratio, {"fits_x", "fits_linkedin", "fits_youtube"})
    sizes = [tick.text for tick in receipt_groups(done.receipt["rules"])]
    assert f"{done.width} × {done.height} with square pixels" in sizes
    assert ShotAnalysis.objects.count() == 1  # looked at once, for all of them

    file = tmp_path / "short.mp4"
    file.write_bytes(files.read_bytes(done.file_key, limit=1 << 24))
    shown = picture(file, output.size, "-ss", "0.5")
    red, green, blue = (shown[..., channel] for channel in range(3))
    face = bounds((green > 130) & (red < 70) & (blue < 70))
    assert face[0] > 0
    assert face[2] < output.size.width  # not cut off
    wide, tall = face[2] - face[0], face[3] - face[1]
    assert wide / tall == pytest.approx(80 / 90, rel=0.05)
    words = bounds(shown.min(axis=2) > 200)
    canvas, scale = output.canvas, output.size.width / output.canvas.width
    assert words[0] >= canvas.left * scale
    assert words[1] >= canvas.top * scale
    assert words[2] <= canvas.right * scale
    assert words[3] <= canvas.bottom * scale
    assert words[1] > face[3] or words[3] < face[1]  # the words are off the face


def test_the_previews_have_the_shape_and_the_frame_of_the_short(video, client, person, tmp_path):
    client.force_login(person)
    for ratio in AspectRatio.values:
        size = output_format_of(video, ratio).scaled(short_side=270)
        key = framing_preview(video, strategy="smart_crop", time_ms=500, aspect_ratio=ratio)
        still = tmp_path / "still.jpg"
        still.write_bytes(files.read_bytes(key, limit=1 << 20))
        red, green, blue = np.moveaxis(picture(still, size), 2, 0)
        face = bounds((green > 110) & (red < 90) & (blue < 90))
        assert 0 < face[0] < face[2] < size.width
    address = reverse("exports:framing", args=[video.pk]) + "?start_ms=0&end_ms=1000"
    widths = [
        client.get(f"{address}&aspect_ratio={ratio}").json()["window"][0]
        for ratio in ("9:16", "4:5", "1:1", "16:9", "source")
    ]
    assert widths == sorted(widths)
    assert widths[-1] == 1
    for wrong in (address, reverse("exports:still", args=[video.pk, "blur", 0]) + "?"):
        assert client.get(f"{wrong}&aspect_ratio=3:2").status_code == 422
