"""Cards before and after a Short, and music under it."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mediakit.audio.loudness import Loudness
from mediakit.conformance.decode_scan import DecodeScan
from mediakit.conformance.verification import verify_short
from mediakit.errors import InputError, VerificationError
from mediakit.render.finish import Card, Finish, Music
from mediakit.render.finish_files import CLIP, MUSIC, PICTURE, make_finish_file
from mediakit.render.short import ShortSpec, check_spec, render_short
from tests.clips import info_of
from tests.mediakit.av_sync import make_source, offsets_ms
from tests.mediakit.conftest import colours_match, ffmpeg, pixel_reader

BLUE, RED = (32, 32, 192), (192, 32, 32)


def picture(path, colour, size="320x180"):
    ffmpeg("-f", "lavfi", "-i", f"color={colour}:s={size}", "-frames:v", 1, path)
    return path


def tone(path, *, hz, seconds):
    ffmpeg("-f", "lavfi", "-i", f"sine=f={hz}:d={seconds}", path)
    return path


@pytest.fixture
def files(tmp_path):
    """Cards and music, each in a folder of its own."""
    made = {}
    red = ("-f", "lavfi", "-i", "color=0xc02020:s=90x160:r=24:d=1")
    beep = ("-f", "lavfi", "-i", "sine=f=300:d=1")
    ffmpeg(*red, *beep, "-pix_fmt", "yuv420p", tmp_path / "red.mp4")
    picture(tmp_path / "blue.png", "0x2020c0")
    tone(tmp_path / "music.mp3", hz=3000, seconds=1.5)
    for name in ("red.mp4", "blue.png", "music.mp3"):
        folder = tmp_path / name[:3]
        folder.mkdir()
        made[name] = make_finish_file(tmp_path / name, folder)
    return made


def test_uploaded_files_become_plain_ones(files):
    red, blue, music = files.values()

    assert (red.kind, red.duration_ms, red.width, red.height) == (CLIP, 1000, 90, 160)
    assert red.lufs == pytest.approx(-14, abs=1)
    assert (blue.kind, blue.width, blue.height, blue.lufs) == (PICTURE, 320, 180, None)
    assert (music.kind, round(music.duration_ms, -2)) == (MUSIC, 1500)


def test_a_short_between_its_cards_is_proven_like_any_other(files, tmp_path):
    """Its cut has flashes with beeps: they stay together, and the cards lie beside it to the frame."""
    red, blue, music = files.values()
    source = make_source(tmp_path / "source.mkv", seconds=3, every_s=1)
    intro = Card(red.path, 800, is_clip=True, lufs=red.lufs)
    finish = Finish(intro, Card(blue.path, 600), Music(music.path, music.lufs, "soft"))
    info, out = info_of(source), tmp_path / "short.mp4"
    spec = ShortSpec(0, 2_600, strategy="center_crop", quality="medium", finish=finish)

    render_short(str(source), info, spec, out)
    receipt = verify_short(str(out), info, spec, original=str(source))

    assert (receipt.frames, receipt.duration_ms, receipt.cut_ms) == (100, 4_000, (800, 3_400))
    assert receipt.loudness_lufs == pytest.approx(-14, abs=1)
    assert {rule.name: rule.measured for rule in receipt.rules}["cards_shown"] == "2 / 2"
    for at_s, colour in ((0.7, RED), (3.5, BLUE), (3.96, BLUE)):
        assert colours_match(pixel_reader(out, at_s=at_s)(0.5, 0.5), colour)
    cut = tmp_path / "cut.mp4"
    ffmpeg("-i", out, "-ss", 0.8, "-t", 2.5, "-c:v", "libx264", "-af", "lowpass=f=1800", cut)
    assert max(map(abs, offsets_ms(cut))) < 45

    other = replace(spec, finish=replace(finish, outro=intro))
    with pytest.raises(VerificationError) as caught:
        verify_short(str(out), info, replace(other, start_ms=200), original=str(source))
    assert caught.value.params["rule"] in {"cards_shown", "duration", "every_frame_decodes"}


def test_music_is_lower_while_something_is_heard(files, tmp_path):
    """Two seconds of noise, two of silence; the music is a tone of 3 kHz, and the noise ends at 1 kHz."""
    noise = "anoisesrc=a=0.3:d=2,lowpass=f=800,lowpass=f=800,apad=whole_dur=4"
    source = tmp_path / "noise.mkv"
    video = ("-f", "lavfi", "-i", "testsrc2=s=90x160:r=25:d=4")
    ffmpeg(*video, "-f", "lavfi", "-i", noise, "-c:a", "pcm_s16le", source)
    music = files["music.mp3"]
    spec = ShortSpec(0, 4_000, finish=Finish(music=Music(music.path, music.lufs)))
    out = tmp_path / "short.mp4"

    render_short(str(source), info_of(source), spec, out)

    def level_db(start, end):
        band = f"atrim={start}:{end},highpass=f=2500,highpass=f=2500,astats=metadata=1"
        key = "lavfi.astats.Overall.RMS_level"
        shown = f"{band},ametadata=print:key={key}:file=-"
        return float(ffmpeg("-i", out, "-af", shown, "-f", "null", "-").decode().split("=")[-1])

    assert 6 < level_db(3, 3.5) - level_db(1, 2) < 16


def test_music_alone_is_the_sound_of_a_mute_video(files, clips, tmp_path):
    path, music = clips.plain("mute.mp4", sound=(), seconds=1), files["music.mp3"]
    finish = Finish(Card(files["blue.png"].path, 500), music=Music(music.path, music.lufs))
    spec, out = ShortSpec(0, 1_000, finish=finish), tmp_path / "short.mp4"

    render_short(str(path), info_of(path), spec, out)

    receipt = verify_short(str(out), info_of(path), spec, original=str(path))
    assert receipt.loudness_lufs == pytest.approx(-14, abs=1.5)


def test_cards_count_for_the_longest_short(clips):
    info = replace(info_of(clips.plain("plain.mp4", seconds=2)), duration_ms=200_000)
    finish = Finish(Card(clips.plain("plain.mp4", seconds=2), 3_000))

    check_spec(info, ShortSpec(0, 177_000, finish=finish))
    with pytest.raises(InputError, match="at most 180"):
        check_spec(info, ShortSpec(0, 177_001, finish=finish))


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("words.mp3", b"only words, at some length" * 40, "FINISH_FILE_INVALID"),
        ("broken.png", b"\x89PNG\r\n\x1a\nIHDR", "FINISH_FILE_INVALID"),
        ("empty.mp4", b"", "FINISH_FILE_INVALID"),
        ("large.png", b"\x89PNG\r\n\x1a\n" + bytes(9 << 20), "FINISH_FILE_TOO_LARGE"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, work, name, data, code):
    (tmp_path / name).write_bytes(data)

    with pytest.raises(InputError) as caught:
        make_finish_file(tmp_path / name, work)

    assert caught.value.code == code


def test_a_long_clip_and_silent_music_are_refused(clips, tmp_path, work):
    clip = clips.plain("eleven-seconds.mp4", seconds=11)
    silence = tmp_path / "silence.wav"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=d=2", silence)

    for path, code in ((clip, "FINISH_FILE_TOO_LONG"), (silence, "FINISH_FILE_INVALID")):
        with pytest.raises(InputError) as caught:
            make_finish_file(path, work)
        assert caught.value.code == code


def test_what_stands_still_in_a_card_is_no_fault_of_the_cut():
    scan = DecodeScan(
        100,
        96_000,
        (),
        Loudness(-14.0, -2.0),
        frozen_ms=((0, 3_400), (9_000, 12_000)),
        black_ms=((8_000, 9_000),),
    )

    inside = scan.within(3_000, 11_500)

    assert inside.frozen_ms == ((9_000, 11_500),)
    assert inside.black_ms == scan.black_ms
    assert Card(Path("card.png"), 1_000).frames(Fraction(30000, 1001)) == 30
