"""Shorts of every odd kind of source.

Each is held to the rules of `verify`, and looked at by means that are not ours.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mediakit.conformance.verification import Receipt, verify_short
from mediakit.render.short import ShortSpec, render_short
from tests.clips import info_of
from tests.mediakit.conftest import RGB, colours_match, ffmpeg, ffprobe, pixel_reader

RED, GREEN, BLUE, WHITE = (192, 32, 32), (32, 192, 32), (32, 32, 192), (224, 224, 224)
BLACK: RGB = (0, 0, 0)


def made(path: Path, out: Path, **spec: Any) -> Receipt:
    """Probe, render and verify; the Short is at `out`."""
    info = info_of(path)
    wanted = ShortSpec(**{"start_ms": 0, "end_ms": min(info.duration_ms, 400), **spec})
    render_short(str(path), info, wanted, out, timeout_s=120)
    return verify_short(str(out), info, wanted)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "short.mp4"


def test_landscape_is_cropped_to_its_middle(clips, out):
    receipt = made(clips.corners("flat.mp4"), out)

    colour = pixel_reader(out)
    assert (receipt.width, receipt.height, receipt.duration_ms) == (1080, 1920, 400)
    for x, y, wanted in ((0.1, 0.2, RED), (0.9, 0.2, GREEN), (0.1, 0.8, BLUE), (0.9, 0.8, WHITE)):
        assert colours_match(colour(x, y), wanted)


def test_letterbox_shows_the_whole_picture_between_black_bars(clips, out):
    made(clips.corners("flat.mp4"), out, strategy="letterbox", quality="medium")

    colour = pixel_reader(out)
    assert colours_match(colour(0.5, 0.1), BLACK)
    assert colours_match(colour(0.5, 0.9), BLACK)
    assert colours_match(colour(0.02, 0.4), RED)
    assert colours_match(colour(0.98, 0.4), GREEN)
    assert colours_match(colour(0.02, 0.6), BLUE)


def test_blur_fills_the_bars_with_the_picture_itself(clips, out):
    made(clips.corners("flat.mp4"), out, strategy="blur")

    colour = pixel_reader(out)
    red, green, blue = colour(0.05, 0.1)
    assert red > green + 60
    assert red > blue + 60
    assert colours_match(colour(0.02, 0.4), RED)


@pytest.mark.parametrize(
    ("turn", "top_left", "top_right"), [(90, BLUE, RED), (180, WHITE, BLUE), (270, GREEN, WHITE)]
)
def test_rotated_pictures_become_upright(clips, out, turn, top_left, top_right):
    made(
        clips.rotated(clips.corners("flat.mp4"), turn), out, strategy="letterbox", quality="medium"
    )

    colour = pixel_reader(out)
    assert colours_match(colour(0.1, 0.45), top_left)
    assert colours_match(colour(0.9, 0.45), top_right)
    assert all("rotation" not in str(s.get("side_data_list")) for s in ffprobe(out)["streams"])


def test_rotated_pictures_become_upright_beside_sound_that_was_encoded_before(clips, out):
    """Its peaks come near the ceiling, so that it is encoded and measured first, and then copied."""
    knocks = "aevalsrc='sin(2700*t)*if(lt(mod(t,0.5),0.02),0.9,0.02)':s=48000"
    path = clips.plain("knocks.mp4", seconds=2, sound=("-f", "lavfi", "-i", knocks))

    receipt = made(clips.rotated(path, 90), out, end_ms=1520, strategy="letterbox")

    assert (receipt.width, receipt.height) == (1080, 1920)
    assert all("rotation" not in str(s.get("side_data_list")) for s in ffprobe(out)["streams"])


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("tall", (90, 200)),
        ("square", (128, 128)),
        ("odd", (214, 122)),
        ("exact", (90, 160)),
    ],
)
def test_any_aspect_ratio_fills_the_canvas(clips, out, name, size):
    strategy = "blur" if name in ("tall", "odd") else "center_crop"
    made(clips.corners(f"{name}.mp4", size=size), out, strategy=strategy, quality="medium")

    colour = pixel_reader(out)
    assert colours_match(colour(0.2, 0.45), RED)
    assert colours_match(colour(0.8, 0.55), WHITE)


def test_a_picture_of_one_pixel(clips, out):
    path = clips.make(
        "one.mp4",
        *("-f", "lavfi", "-i", "color=white:s=2x2:r=5,format=yuv444p,crop=1:1", "-t", 0.6),
    )
    made(path, out, strategy="letterbox")

    assert colours_match(pixel_reader(out)(0.5, 0.5), (255, 255, 255))


def test_odd_picture_sizes(clips, out):
    odd = ("-vf", "crop=213:121:0:0:exact=1", "-pix_fmt", "yuv444p")
    path = clips.corners("uneven.mp4", size=(320, 180), options=odd)

    for strategy in ("center_crop", "blur"):
        made(path, out, strategy=strategy, quality="medium")


def test_non_square_pixels_become_square(clips, out):
    path = clips.corners("wide.mp4", size=(160, 180), filters="setsar=2")
    made(path, out, strategy="letterbox")

    colour = pixel_reader(out)
    assert colours_match(colour(0.5, 0.33), BLACK)
    assert colours_match(colour(0.1, 0.37), RED)
    assert colours_match(colour(0.9, 0.63), WHITE)


@pytest.mark.parametrize("pix_fmt", ["yuv422p", "yuv444p10le"])
def test_high_bit_depths_and_chroma_formats(clips, out, pix_fmt):
    made(clips.corners(f"{pix_fmt}.mp4", options=("-pix_fmt", pix_fmt)), out)

    assert colours_match(pixel_reader(out)(0.1, 0.2), RED)


def test_full_range_becomes_limited(clips, out):
    full = ("-vf", "scale=out_range=pc,format=yuvj420p", "-color_range", "pc")
    made(clips.corners("full.mp4", options=full), out)

    colour = pixel_reader(out)
    assert colours_match(colour(0.1, 0.2), RED, within=12)
    assert colours_match(colour(0.9, 0.8), WHITE, within=8)


def test_untagged_sd_video_keeps_its_colours(clips, out):
    to_601 = "scale=in_color_matrix=bt709:out_color_matrix=bt601"
    made(clips.corners("sd.mp4", filters=to_601, options=("-colorspace", "smpte170m")), out)

    colour = pixel_reader(out)
    assert colours_match(colour(0.1, 0.2), RED, within=12)
    assert colours_match(colour(0.9, 0.2), GREEN, within=12)


@pytest.mark.parametrize(
    ("transfer", "tags"),
    [
        ("smpte2084", ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")),
        ("smpte2084", ()),
        ("arib-std-b67", ("-color_primaries", "bt2020", "-colorspace", "bt2020nc")),
    ],
)
def test_high_dynamic_range_is_tone_mapped(clips, out, transfer, tags):
    """A grey of 203 nits, which is white on paper, comes out bright and without a tint."""
    level = {"smpte2084": 0.58, "arib-std-b67": 0.75}[transfer]
    luma = round((16 + 219 * level) * 4)
    path = clips.make(
        f"{transfer}{len(tags)}.mp4",
        *("-f", "lavfi", "-i", "color=s=320x180:r=25,format=yuv420p10le"),
        *("-vf", f"geq=lum={luma}:cb=512:cr=512,setparams=color_trc={transfer}"),
        *("-t", 0.6, "-preset", "ultrafast", "-color_trc", transfer, *tags),
    )
    made(path, out)

    red, green, blue = pixel_reader(out)(0.5, 0.5)
    assert 170 <= green <= 240
    assert max(red, green, blue) - min(red, green, blue) <= 8


def test_transparent_pixels_lie_on_black(clips, out):
    left = "geq=r=224:g=224:b=224:a='255*gt(X,W/2)'"
    path = clips.make(
        "glass.webm",
        *("-f", "lavfi", "-i", f"color=s=180x320:r=25,format=rgba,{left},format=yuva420p"),
        *(
            "-t",
            0.6,
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            8,
            "-auto-alt-ref",
            0,
        ),
    )
    made(path, out)

    colour = pixel_reader(out)
    assert colours_match(colour(0.2, 0.5), BLACK)
    assert colours_match(colour(0.8, 0.5), WHITE)


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [("24000/1001", "24000/1001"), ("120", "60"), ("10", "30"), ("60000/1001", "60000/1001")],
)
def test_output_frame_rate(clips, out, rate, wanted):
    path = clips.plain(f"at{rate.replace('/', '_')}.mp4", rate=rate, seconds=1.2)

    assert made(path, out, end_ms=600).frame_rate == Fraction(wanted)


def test_a_varying_rate_becomes_constant(clips, out):
    uneven = "select='not(mod(n,7))+not(mod(n,5))',setpts=N/25/TB+0.3*mod(N\\,3)/TB"
    path = clips.plain("vfr.mp4", seconds=2, options=("-vf", uneven, "-fps_mode", "vfr"))
    made(path, out, start_ms=300, end_ms=1300)

    stream = ffprobe(out)["streams"][0]
    assert stream["r_frame_rate"] == stream["avg_frame_rate"]


def test_interlaced_video_is_deinterlaced(clips, out):
    options = ("-vf", "interlace", "-flags", "+ilme+ildct", "-c:v", "mpeg2video")
    made(clips.plain("comb.mpg", rate="50", options=options), out)

    assert ffprobe(out)["streams"][0]["field_order"] == "progressive"


def test_a_broadcast_stream_from_its_middle(clips, out):
    path = clips.plain("air.ts", seconds=2, options=("-g", "250"))

    assert made(path, out, start_ms=900, end_ms=1700).duration_ms == 800


def test_video_that_starts_late_is_shown_from_the_start(clips, out):
    path = clips.make(
        "late.mkv",
        *("-f", "lavfi", "-itsoffset", 0.5, "-i", "color=c=white:s=320x180:r=25"),
        *("-f", "lavfi", "-i", "sine=r=48000", "-t", 1.5, "-preset", "ultrafast"),
    )
    made(path, out, end_ms=800)

    assert colours_match(pixel_reader(out)(0.5, 0.5), (255, 255, 255))


@pytest.mark.parametrize("start_ms", [0, 120])
def test_nothing_is_lost_where_a_seek_to_the_beginning_fails(clips, out, start_ms):
    red, blue = (f"color={name}:s=320x180:r=25:d=1" for name in ("red", "blue"))
    path = clips.make(
        "late.flv",
        *("-f", "lavfi", "-i", "sine=d=2", "-itsoffset", 0.08, "-f", "lavfi"),
        *("-i", f"{red}[a];{blue}[b];[a][b]concat", "-map", "1:v", "-map", "0:a"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-bf", 2, "-c:a", "aac"),
    )
    made(path, out, start_ms=start_ms, end_ms=start_ms + 600)

    assert colours_match(pixel_reader(out)(0.5, 0.5), (254, 0, 0))


@pytest.mark.parametrize(("start_ms", "end_ms"), [(200, 1800), (1200, 1920)])
def test_the_last_picture_is_held_when_video_ends_early(clips, out, start_ms, end_ms):
    sound = ("-f", "lavfi", "-i", "sine=r=48000")
    path = clips.make(
        "stops.mp4",
        *("-f", "lavfi", "-i", "color=c=white:s=320x180:r=25:d=0.6", *sound),
        *("-t", 2, "-preset", "ultrafast"),
    )
    receipt = made(path, out, start_ms=start_ms, end_ms=end_ms)

    assert receipt.duration_ms == end_ms - start_ms
    assert colours_match(pixel_reader(out, at_s=0.6)(0.5, 0.5), (255, 255, 255))


@pytest.mark.parametrize("layout", ["mono", "5.1"])
def test_sound_becomes_stereo_at_the_target(clips, out, layout):
    noise = f"anoisesrc=r=44100:a=0.03:c=pink:seed=7,aformat=channel_layouts={layout}"
    path = clips.plain(
        f"noise{layout}.mkv",
        picture="color",
        size="64x64",
        seconds=3.4,
        sound=("-f", "lavfi", "-i", noise),
        options=("-c:a", "flac"),
    )

    receipt = made(path, out, end_ms=3_200, quality="medium")

    assert receipt.loudness_lufs == pytest.approx(-14, abs=0.6)
    assert receipt.true_peak_db is not None
    assert receipt.true_peak_db <= -1
    assert receipt.true_peak_db == round(receipt.true_peak_db, 3)  # as people can read it


def test_sharp_peaks_stay_below_the_limit(clips, out):
    clicks = (
        "anoisesrc=r=48000:a=1:c=white:seed=3,volume='if(lt(mod(t,0.5),0.02),1,0.02)':eval=frame"
    )
    path = clips.plain(
        "clicks.mkv",
        picture="color",
        size="64x64",
        seconds=3.4,
        sound=("-f", "lavfi", "-i", clicks),
        options=("-c:a", "flac"),
    )

    receipt = made(path, out, end_ms=3_200, quality="medium")

    assert receipt.true_peak_db is not None
    assert receipt.true_peak_db <= -1


def test_a_source_without_audio_gets_a_silent_track(clips, out):
    receipt = made(clips.plain("mute.mp4", sound=()), out)

    assert receipt.loudness_lufs is None
    assert [s["codec_name"] for s in ffprobe(out)["streams"]] == ["h264", "aac"]


def test_audio_that_ends_early_is_padded(clips, out):
    path = clips.plain("brief.mp4", seconds=1.2, sound=("-f", "lavfi", "-i", "sine=r=48000:d=0.3"))
    made(path, out, end_ms=1_100)

    durations = [round(float(s["duration"]), 1) for s in ffprobe(out)["streams"]]
    assert durations == [1.1, 1.1]


def test_the_requested_audio_track_is_used(clips, out):
    path = clips.make(
        "two.mkv",
        *("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25", "-f", "lavfi", "-i", "anullsrc=r=48000"),
        *("-f", "lavfi", "-i", "sine=r=48000", "-t", 1, "-map", 0, "-map", 1, "-map", 2),
    )

    assert made(path, out, audio_index=1).true_peak_db is None
    short = made(path, out, audio_index=2, end_ms=1_000)
    assert short.loudness_lufs == pytest.approx(-14, abs=1.5)


@pytest.mark.parametrize("start_ms", [0, 1240])
def test_audio_and_video_stay_in_sync(clips, out, start_ms):
    """A flash and a click at each whole second are still at the same moment."""
    flash, click = "enable='lt(mod(t,1),0.04)'", "if(lt(mod(t,1),0.04),0.8,0)"
    path = clips.make(
        "sync.mp4",
        *("-f", "lavfi", "-i", f"color=black:s=160x90:r=50,drawbox=c=white:t=fill:{flash}"),
        *(
            "-f",
            "lavfi",
            "-i",
            f"sine=f=1000:r=48000:samples_per_frame=48,volume='{click}':eval=frame",
        ),
        *("-t", 3, "-g", 250, "-bf", 3, "-c:a", "aac", "-b:a", "192k"),
    )
    made(path, out, start_ms=start_ms, end_ms=start_ms + 1200)

    pictures = ffmpeg("-i", out, "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-")
    sound = ffmpeg("-i", out, "-map", "0:a", "-ac", 1, "-f", "s8", "-c:a", "pcm_s8", "-")
    loud = [n for n, byte in enumerate(sound) if min(byte, 256 - byte) > 20]
    due_ms = -start_ms % 1000 or 1000
    flashed = min(n * 20 for n, luma in enumerate(pictures) if luma > 128 and n * 20 > 100)
    clicked = min(n / 48 for n in loud if n / 48 > 100)
    assert abs(flashed - due_ms) <= 20
    assert abs(clicked - due_ms) <= 12


def test_no_metadata_of_the_source_is_kept(clips, out):
    secret = (
        "-metadata",
        "title=Secret",
        "-metadata",
        "location=+37.5/",
        "-timecode",
        "01:00:00:00",
    )
    path = clips.plain("told.mov", options=(*secret, "-metadata:s:a", "language=kor"))
    made(path, out)

    whole = ffprobe(out)
    assert b"Secret" not in out.read_bytes()
    assert len(whole["streams"]) == 2
    assert "kor" not in str(whole)
