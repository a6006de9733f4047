"""Each rule, by a measurement that breaks it; and real files that keep or break them."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from mediakit.errors import VerificationError
from mediakit.measure import Measured, Picture, Sound, measure
from mediakit.probe import probe
from mediakit.short import ShortSpec
from mediakit.sound import Loudness
from mediakit.verify import Wanted, judge, verify_short

AIM = Wanted(duration_ms=10_000, frame_rate=Fraction(30), frames=300, max_video_bit_rate=12_000_000)
PICTURE = Picture(
    codec="h264",
    profile="High",
    width=1080,
    height=1920,
    sar=Fraction(1),
    pix_fmt="yuv420p",
    field_order="progressive",
    frame_rate=Fraction(30),
    colour=("bt709", "bt709", "bt709", "tv"),
    frames=300,
    bytes=5_000_000,
    start_ms=0,
    end_ms=10_000,
    widest_keyframe_gap_ms=500,
)
SOUND = Sound(codec="aac", profile="LC", sample_rate=48_000, channels=2, start_ms=0, end_ms=10_000)
GOOD = Measured(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    kinds=("video", "audio"),
    size_bytes=5_400_000,
    duration_ms=10_000,
    boxes=("ftyp", "moov", "free", "mdat"),
    has_edit_list=False,
    foreign_tags=(),
    picture=PICTURE,
    sound=SOUND,
    decoded_frames=300,
    decode_errors=(),
    loudness=Loudness(-14.1, -1.8),
)


def broken(found: Measured, *, hard: bool = True) -> list[str]:
    return [rule.name for rule in judge(found, AIM).rules if not rule.ok and rule.hard is hard]


def test_a_good_file_keeps_every_rule():
    receipt = judge(GOOD, AIM)

    assert all(rule.ok for rule in receipt.rules)
    assert (receipt.width, receipt.height, receipt.video_bit_rate) == (1080, 1920, 4_000_000)
    assert json.loads(json.dumps(receipt.to_json()))["frame_rate"] == "30"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"container": "matroska,webm"}, "container"),
        ({"kinds": ("video", "audio", "data")}, "tracks"),
        ({"duration_ms": 10_101}, "duration"),
        ({"boxes": ("ftyp", "mdat", "moov")}, "index_first"),
        ({"has_edit_list": True}, "no_edit_lists"),
        ({"foreign_tags": ("location",)}, "no_source_metadata"),
        ({"decode_errors": ("[h264] [error] bad",)}, "decodes"),
        ({"decoded_frames": 299}, "every_frame_decodes"),
        ({"loudness": Loudness(-12.9, -1.5)}, "loudness"),
        ({"loudness": Loudness(-15.2, -6.0)}, "loudness"),
        ({"loudness": Loudness(-14.0, -0.9)}, "true_peak"),
    ],
)
def test_a_rule_about_the_file(changes, rule):
    assert broken(replace(GOOD, **changes)) == [rule]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"codec": "hevc"}, "video_codec"),
        ({"profile": "Main"}, "video_codec"),
        ({"width": 608}, "picture_size"),
        ({"sar": Fraction(1216, 1215)}, "square_pixels"),
        ({"pix_fmt": "yuv420p10le"}, "pixel_format"),
        ({"field_order": "tt"}, "progressive"),
        ({"frame_rate": Fraction(25)}, "frame_rate"),
        ({"widest_keyframe_gap_ms": 535}, "keyframes"),
        ({"colour": ("bt709", "unknown", "bt709", "tv")}, "colour"),
        ({"bytes": 17_500_000}, "video_bit_rate"),
        ({"start_ms": 30}, "sync"),
        ({"end_ms": 9_800}, "sync"),
    ],
)
def test_a_rule_about_the_picture(changes, rule):
    assert broken(replace(GOOD, picture=replace(PICTURE, **changes))) == [rule]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"codec": "mp3"}, "audio_codec"),
        ({"profile": "HE-AAC"}, "audio_codec"),
        ({"sample_rate": 44_100}, "audio_format"),
        ({"channels": 1}, "audio_format"),
    ],
)
def test_a_rule_about_the_sound(changes, rule):
    assert broken(replace(GOOD, sound=replace(SOUND, **changes))) == [rule]


def test_more_than_three_minutes_is_refused_whatever_was_asked():
    assert "at_most_180_s" in broken(replace(GOOD, duration_ms=180_200))


def test_a_rate_above_sixty_is_refused_whatever_was_asked():
    found = replace(GOOD, picture=replace(PICTURE, frame_rate=Fraction(120)), decoded_frames=1200)
    aim = replace(AIM, frame_rate=Fraction(120), frames=1200)

    assert "frame_rate" in [rule.name for rule in judge(found, aim).rules if not rule.ok]


def test_loudness_of_a_blink_is_only_noted():
    short = replace(GOOD, duration_ms=2_000, loudness=Loudness(-17.0, -6.0))

    assert broken(short, hard=False) == ["loudness"]


def test_sound_that_cannot_be_louder_without_harm_is_only_noted():
    assert broken(replace(GOOD, loudness=Loudness(-18.0, -1.4)), hard=False) == ["loudness"]


def test_silence_breaks_no_rule():
    for loudness in (Loudness(None, None), Loudness(-61.0, -50.0)):
        assert broken(replace(GOOD, loudness=loudness)) == []


def test_missing_tracks_are_told_and_not_stumbled_over():
    assert broken(replace(GOOD, kinds=("audio",), picture=None)) == ["tracks"]
    assert broken(replace(GOOD, kinds=("video",), sound=None)) == ["tracks"]


def test_an_ordinary_video_is_no_short(clips):
    path = clips.plain("plain.mp4", seconds=2)

    with pytest.raises(VerificationError) as caught:
        verify_short(str(path), probe(str(path)), ShortSpec(0, 2000))

    assert caught.value.params["rule"] == "index_first"


def test_a_measurement_of_an_ordinary_video(clips):
    options = ("-metadata", "title=Told", "-metadata:s:a", "language=kor")
    found = measure(str(clips.plain("named.mp4", seconds=1, options=options)))

    assert found.has_edit_list
    assert found.foreign_tags == ("language", "title")
    assert found.picture is not None
    assert (found.picture.frames, found.decoded_frames) == (25, 25)
    assert found.sound is not None
    assert found.sound.channels == 1
    assert found.loudness.lufs is not None
    assert found.decode_errors == ()


def test_damage_is_heard_of(clips, tmp_path):
    options = ("-movflags", "+faststart")
    data = bytearray(clips.plain("fast.mp4", seconds=2, options=options).read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 4000, 7):
        data[at] ^= 0xA5
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)

    assert measure(str(path)).decode_errors != ()


def test_sound_alone_and_picture_alone_are_measured(clips):
    sound = measure(str(clips.make("sound.m4a", "-f", "lavfi", "-i", "sine=r=48000", "-t", 1)))
    picture = measure(str(clips.plain("mute.mp4", sound=())))

    assert sound.picture is None
    assert picture.sound is None
    assert picture.loudness == Loudness(None, None)
