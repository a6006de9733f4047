"""What the probe tells of files, and what it refuses."""

import contextlib
import functools
import http.server
import json
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mediakit.errors import InputError, ToolMissingError
from mediakit.probing.container_sniff import SourceReader
from mediakit.probing.probe import MediaInfo, probe
from tests.clips import make_clip

SINE = ("-f", "lavfi", "-i", "sine=f=440:r=48000")


def refused(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        probe(str(path))
    return caught.value


@pytest.fixture
def plain(clips):
    return clips.plain("plain.mp4", seconds=2)


def test_an_everyday_file(plain):
    info = probe(str(plain))

    video = info.video
    assert (video.codec, video.width, video.height) == ("h264", 320, 180)
    assert (video.display_width, video.display_height, video.rotation) == (320, 180, 0)
    assert (video.frame_rate, video.is_vfr, video.bit_depth) == (Fraction(25), False, 8)
    assert (video.start_ms, video.end_ms) == (0, 2000)
    assert abs(info.duration_ms - 2000) < 50
    assert info.size_bytes == plain.stat().st_size
    assert [(t.index, t.codec, t.channels, t.sample_rate) for t in info.audio] == [
        (1, "aac", 1, 48000)
    ]
    assert info.audio_track() is info.audio[0]
    assert info.audio_track(1) is info.audio[0]
    assert info.audio_track(7) is None
    assert info.subtitles == ()


def test_a_description_survives_json(plain):
    info = probe(str(plain))

    assert MediaInfo.from_json(json.loads(json.dumps(info.to_json()))) == info


def test_tracks_carry_language_title_and_flags(clips, tmp_path):
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,500\nHi\n")
    path = clips.make(
        "tracks.mkv",
        *("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25", *SINE, *SINE, "-i", words, "-t", "1"),
        *("-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-c:s", "srt"),
        *("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=kor"),
        *("-metadata:s:a:1", "title=Comments", "-disposition:a:1", "default"),
        *("-disposition:a:0", "0", "-metadata:s:s:0", "language=und", "-disposition:s:0", "forced"),
    )

    info = probe(str(path))

    assert [(t.language, t.title, t.is_default) for t in info.audio] == [
        ("eng", "", False),
        ("kor", "Comments", True),
    ]
    assert info.audio_track() is info.audio[0]  # comments are not the main sound
    (subtitle,) = info.subtitles
    assert (subtitle.codec, subtitle.language, subtitle.is_text, subtitle.is_forced) == (
        "subrip",
        "",
        True,
        True,
    )


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotation_is_clockwise_and_turns_the_shown_size(clips, turn):
    flat = clips.corners("flat.mp4")
    path = clips.rotated(flat, turn)

    video = probe(str(path)).video

    assert video.rotation == turn
    assert (video.width, video.height) == (320, 180)
    assert (video.display_width, video.display_height) == (
        (320, 180) if turn == 180 else (180, 320)
    )


def test_samples_that_are_not_square(clips):
    video = probe(str(clips.plain("sar.mp4", options=("-vf", "setsar=4/3")))).video

    assert video.sar == Fraction(4, 3)
    assert (video.width, video.display_width, video.display_height) == (320, 427, 180)


def test_ten_bits_and_hdr_tags(clips):
    pq = ("-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc")
    path = clips.plain("pq.mp4", options=("-pix_fmt", "yuv420p10le", *pq))

    video = probe(str(path)).video

    assert (video.bit_depth, video.hdr) == (10, "pq")
    assert (video.color_primaries, video.color_space) == ("bt2020", "bt2020nc")


def test_a_rate_that_varies(clips):
    uneven = "select='not(mod(n,7))+not(mod(n,5))',setpts=N/25/TB+0.3*mod(N\\,3)/TB"
    path = clips.plain("vfr.mp4", seconds=2, options=("-vf", uneven, "-fps_mode", "vfr"))

    assert probe(str(path)).video.is_vfr


@pytest.mark.parametrize("rate", ["24000/1001", "30000/1001", "60", "120"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_usual_rates_are_exact(clips, rate, ending):
    name = f"rate{rate.replace('/', '_')}.{ending}"
    video = probe(str(clips.plain(name, rate=rate, size="64x64", sound=()))).video

    assert (video.frame_rate, video.is_vfr) == (Fraction(rate), False)


@pytest.mark.parametrize(
    ("ending", "fps", "code"),
    [(".mov", 25, "01:02:03:04"), (".mp4", Fraction(30000, 1001), "10:00:00;00")],
)
def test_a_file_s_time_code(tmp_path, ending, fps, code):
    clip = make_clip(tmp_path / f"coded{ending}", seconds=0.6, fps=fps, extra=["-timecode", code])

    assert probe(str(clip)).timecode == code


def test_interlaced_pictures_are_noticed(clips):
    options = ("-vf", "interlace", "-flags", "+ilme+ildct", "-c:v", "mpeg2video")

    assert probe(str(clips.plain("comb.mpg", rate="50", options=options))).video.is_interlaced


def test_a_cover_picture_is_not_the_video(clips):
    cover = clips.make("cover.jpg", "-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", 1)
    song = clips.make(
        "song.m4a",
        *SINE,
        "-i",
        cover,
        "-t",
        1,
        "-map",
        0,
        "-map",
        1,
        "-disposition:v",
        "attached_pic",
        "-c:v",
        "copy",
    )

    assert refused(song).code == "NO_VIDEO_STREAM"


def test_a_length_that_the_container_does_not_tell(clips):
    path = clips.plain(
        "live.webm", seconds=2, options=("-live", "1", "-c:v", "libvpx", "-deadline", "realtime")
    )
    whole = path.read_bytes()
    at = whole.find(b"\x44\x89\x88")
    if at > 0:  # blank the header's duration, as a recorder in a browser leaves it
        path.write_bytes(whole[:at] + b"\xec\x89" + whole[at + 2 :])

    info = probe(str(path))

    assert abs(info.duration_ms - 2000) < 80


def test_a_length_that_is_a_lie_is_set_right(plain, tmp_path):
    data = plain.read_bytes()
    at = data.find(b"mvhd")
    lying = tmp_path / "lying.mp4"
    hour = (3600 * 1000).to_bytes(4, "big")
    lying.write_bytes(data[: at + 20] + hour + data[at + 24 :])

    assert abs(probe(str(lying)).duration_ms - 2000) < 50


def test_a_broadcast_stream_starts_at_zero_all_the_same(clips):
    info = probe(str(clips.plain("air.ts", seconds=2)))

    assert info.origin_ms > 1000
    assert abs(info.duration_ms - 2000) < 80
    assert info.video.start_ms < 100


@pytest.mark.parametrize(("every", "length_s"), [(50, 12), (250, 12), (250, 20)])
def test_a_broadcast_stream_with_few_keyframes(clips, every, length_s):
    keys = ("-g", every, "-keyint_min", every, "-sc_threshold", 0)
    path = clips.plain(
        f"rare{every}-{length_s}.ts", seconds=length_s, options=(*keys, "-c:a", "aac")
    )

    assert probe(str(path)).duration_ms == pytest.approx(length_s * 1_000, abs=100)


def test_names_that_look_like_options_or_addresses(plain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("-y", "concat:a|b", "it's; 100%d “clip”.mp4"):
        Path(name).write_bytes(plain.read_bytes())
        assert probe(name).video.width == 320


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()

    assert refused(path).code == "EMPTY_FILE"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.mp4", b"This is no video at all.\n" * 50),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"),
        ("list.mp4", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
        ("page.mov", b"<!doctype html><title>no</title>" * 20),
        ("subs.mkv", b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n" * 9),
        ("zeros.mp4", bytes(5000)),
    ],
)
def test_what_is_no_video(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)

    assert refused(path).code == "NOT_A_VIDEO"


def test_pictures_are_no_video(clips):
    for ending in ("png", "jpg", "gif"):
        picture = clips.make(
            f"still.{ending}", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", 1
        )
        assert refused(picture).code == "NOT_A_VIDEO"


@pytest.mark.parametrize("ending", ["mp3", "wav", "flac", "m4a", "mkv"])
def test_sound_alone_is_refused(clips, ending):
    assert refused(clips.make(f"sound.{ending}", *SINE, "-t", 1)).code == "NO_VIDEO_STREAM"


def test_an_upload_that_stopped_before_the_index(plain, tmp_path):
    path = tmp_path / "half.mp4"
    path.write_bytes(plain.read_bytes()[:20_000])

    assert refused(path).code == "TRUNCATED_FILE"


def test_an_upload_that_stopped_within_the_index(clips, tmp_path):
    audio_first = ("-map", "1:a", "-map", "0:v", "-movflags", "+faststart")
    data = clips.plain("sound_first.mp4", seconds=2, options=audio_first).read_bytes()
    path = tmp_path / "sound_only.mp4"
    path.write_bytes(data[: data.index(b"trak", data.index(b"trak") + 4)])

    assert refused(path).code == "TRUNCATED_FILE"


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi"])
def test_an_upload_that_stopped_half_way(clips, tmp_path, ending):
    options = ("-movflags", "+faststart", "-g", "25") if ending == "mp4" else ("-g", "25")
    data = clips.plain(f"long.{ending}", size="160x90", seconds=20, options=options).read_bytes()
    path = tmp_path / f"half.{ending}"
    path.write_bytes(data[: len(data) // 2])

    assert refused(path).code == "TRUNCATED_FILE"


def test_a_damaged_end_alone_is_no_reason_to_refuse(clips, tmp_path):
    options = ("-movflags", "+faststart", "-g", "25")
    data = clips.plain("long.mp4", size="160x90", seconds=20, options=options).read_bytes()
    path = tmp_path / "nearly.mp4"
    path.write_bytes(data[: len(data) * 97 // 100])

    info = probe(str(path))

    assert 18_000 < info.duration_ms <= 20_100


def test_pictures_that_do_not_decode(clips, tmp_path):
    options = ("-movflags", "+faststart")
    data = clips.plain("fast.mp4", seconds=2, options=options).read_bytes()
    at = data.find(b"mdat") + 4
    path = tmp_path / "holes.mp4"
    path.write_bytes(data[:at] + bytes(len(data) - at))

    assert refused(path).code == "TRUNCATED_FILE"


def test_a_file_of_which_only_the_start_decodes(clips, tmp_path):
    options = ("-movflags", "+faststart", "-g", "25")
    data = clips.plain("long.mp4", size="160x90", seconds=20, options=options).read_bytes()
    at = len(data) // 5
    path = tmp_path / "start.mp4"
    path.write_bytes(data[:at] + bytes(len(data) - at))

    assert refused(path).code == "TRUNCATED_FILE"


def test_a_codec_that_this_ffmpeg_cannot_read(plain, tmp_path):
    data = plain.read_bytes().replace(b"avc1", b"vvc1")
    path = tmp_path / "vvc.mp4"
    path.write_bytes(data)

    error = refused(path)

    assert (error.code, error.params) == ("UNSUPPORTED_CODEC", {"codec": "vvc1"})


@pytest.mark.parametrize("form", ["h264", "hevc"])
def test_pictures_without_times_are_refused_for_what_they_are(clips, form):
    encoder = {"h264": "libx264", "hevc": "libx265"}[form]
    options = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-t", 2, "-c:v", encoder)
    path = clips.make(f"bare.{form}", *options, "-pix_fmt", "yuv420p", "-preset", "ultrafast")

    assert refused(path).code == "RAW_STREAM"


def test_a_missing_tool_is_not_the_files_fault(plain, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(ToolMissingError):
        probe(str(plain))


class _Ranged(http.server.BaseHTTPRequestHandler):
    """The part of our own reader's manners that the probe relies on."""

    def __init__(self, data: bytes, *args: Any) -> None:
        self.data = data
        super().__init__(*args)

    def do_GET(self) -> None:
        start, _, end = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        piece = self.data[int(start) : int(end) + 1 if end else None]
        self.send_response(206)
        self.send_header("Content-Length", str(len(piece)))
        self.send_header("Accept-Ranges", "bytes")
        last = int(start) + len(piece) - 1
        self.send_header("Content-Range", f"bytes {start}-{last}/{len(self.data)}")
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(piece)

    def log_message(self, *_args: object) -> None:
        pass


def test_a_source_behind_our_own_reader(plain):
    handler = functools.partial(_Ranged, plain.read_bytes())
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/token"

        remote, reader = probe(address), SourceReader(address)

        assert remote == probe(str(plain))
        assert reader.read(4, 4) == b"ftyp"
        assert reader.read(reader.size, 10) == b""
        server.shutdown()
