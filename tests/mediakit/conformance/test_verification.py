"""Each rule, by a measurement that breaks it; and real files that keep or break them."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from mediakit.audio.loudness import Loudness
from mediakit.conformance.decode_scan import DecodeScan
from mediakit.conformance.measurement import (
    AudioMeasurement,
    Measurement,
    VideoMeasurement,
)
from mediakit.conformance.rules import Claims, ExpectedShort, overlap_ms
from mediakit.conformance.source_comparison import SourceMatch
from mediakit.conformance.verification import make_receipt

EXPECTED = ExpectedShort(
    duration_ms=10_000, frame_rate=Fraction(30), frames=300, max_video_bit_rate=12_000_000
)
VIDEO = VideoMeasurement(
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
AUDIO = AudioMeasurement(
    codec="aac",
    profile="LC",
    sample_rate=48_000,
    channels=2,
    start_ms=0,
    end_ms=10_000,
    bytes=320_000,
)
SCAN = DecodeScan(frames=300, samples=480_000, errors=(), loudness=Loudness(-14.1, -1.8))
GOOD = Measurement(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    kinds=("video", "audio"),
    size_bytes=5_400_000,
    duration_ms=10_000,
    boxes=("ftyp", "moov", "free", "mdat"),
    has_edit_list=False,
    foreign_tags=(),
    video=VIDEO,
    audio=AUDIO,
    scan=SCAN,
)


def broken(found: Measurement, *, hard: bool = True, **known) -> list[str]:
    rules = make_receipt(found, EXPECTED, **known).rules
    return [rule.name for rule in rules if not rule.ok and rule.hard is hard]


def decoded(**changes) -> Measurement:
    return replace(GOOD, scan=replace(SCAN, **changes))


def test_a_good_file_breaks_no_rule():
    receipt = make_receipt(GOOD, EXPECTED)

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
        ({"size_bytes": 32_000_000}, "bit_rate"),
    ],
)
def test_a_rule_about_the_file(changes, rule):
    assert broken(replace(GOOD, **changes)) == [rule]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"errors": ("[h264] [error] bad",)}, "decodes"),
        ({"frames": 299}, "every_frame_decodes"),
        ({"samples": 470_000}, "sound_length"),
        ({"loudness": Loudness(-12.9, -1.5)}, "loudness"),
        ({"loudness": Loudness(-15.2, -6.0)}, "loudness"),
        ({"loudness": Loudness(-14.0, -0.9)}, "true_peak"),
        ({"clipped_ms": ((1000, 1100),)}, "no_clipping"),
    ],
)
def test_a_rule_about_what_decodes(changes, rule):
    assert broken(decoded(**changes)) == [rule]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"codec": "hevc"}, "video_codec"),
        ({"profile": "Main"}, "video_codec"),
        ({"width": 608}, "picture_size"),
        ({"sar": Fraction(1216, 1215)}, "square_pixels"),
        ({"pix_fmt": "yuv420p10le"}, "pixel_format"),
        ({"field_order": "tt"}, "progressive"),
        ({"frame_rate": Fraction(25)}, "frame_rate picture_length"),
        ({"widest_keyframe_gap_ms": 535}, "keyframes"),
        ({"colour": ("bt709", "unknown", "bt709", "tv")}, "colour"),
        ({"bytes": 17_500_000}, "video_bit_rate"),
        ({"b_frames": 3}, "b_frames"),
        ({"open_groups": 1}, "closed_groups"),
        ({"start_ms": 30}, "sync"),
        ({"steps_ms": (33, 37)}, "frame_rate"),
    ],
)
def test_a_rule_about_the_picture(changes, rule):
    assert broken(replace(GOOD, video=replace(VIDEO, **changes))) == rule.split()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"codec": "mp3"}, "audio_codec"),
        ({"profile": "HE-AAC"}, "audio_codec"),
        ({"sample_rate": 44_100}, "audio_format sound_length"),
        ({"channels": 1}, "audio_format"),
    ],
)
def test_a_rule_about_the_sound(changes, rule):
    assert broken(replace(GOOD, audio=replace(AUDIO, **changes))) == rule.split()


def test_audio_that_ends_too_soon_breaks_sync():
    picture, sound = replace(VIDEO, end_ms=9_800), replace(AUDIO, end_ms=9_800)

    assert broken(replace(GOOD, video=picture)) == ["picture_length", "sync"]
    assert broken(replace(GOOD, audio=sound)) == ["sound_length", "sync"]


@pytest.mark.parametrize("kind", ["black", "frozen", "silent"])
def test_an_empty_span_is_a_warning_and_fine_if_the_source_is_empty_too(kind):
    found = decoded(**{f"{kind}_ms": ((2_000, 5_500),)})
    rule = {"black": "no_black", "frozen": "no_freeze", "silent": "no_silence"}[kind]

    assert (broken(found), broken(found, hard=False)) == ([], [rule])
    assert broken(found, source_match=SourceMatch(**{kind: False})) == [rule]
    so_too = make_receipt(found, EXPECTED, source_match=SourceMatch(**{kind: True}))
    assert (so_too.broken, so_too.warnings) == ((), ())
    shown = next(r for r in so_too.rules if r.name == rule)
    assert (shown.expected, shown.measured) == ("as in the video", "2–5.5 s")


def test_more_than_a_minute_warns_of_content_id():
    length = 61_000
    found = replace(GOOD, duration_ms=length)

    assert "content_id" in broken(found, hard=False)
    assert "content_id" not in broken(replace(GOOD, duration_ms=60_000), hard=False)


def test_claims_add_rules_and_without_claims_there_are_none():
    spoken = ((0, 2_000), (3_000, 5_000))
    good = Claims(speech_ms=spoken, captions_ms=((0, 1_000), (900, 5_000)), subject_share=0.97)
    poor = Claims(speech_ms=spoken, captions_ms=((0, 2_600),), subject_share=0.5)
    gone = Claims(speech_ms=spoken, captions_ms=())

    names = {rule.name for rule in make_receipt(GOOD, EXPECTED).rules}
    assert names.isdisjoint({"captions_shown", "subject_in_frame"})
    assert broken(GOOD, claims=good, hard=False) == []
    assert broken(GOOD, claims=poor, hard=False) == ["captions_shown", "subject_in_frame"]
    assert broken(GOOD, claims=gone) == ["captions_shown"]
    assert "captions_shown" not in broken(GOOD, claims=Claims(speech_ms=spoken))
    lacking = replace(good, letter_share=0.97, missing_letters="𠮷")
    assert broken(GOOD, claims=lacking, hard=False) == ["captions_shown"]
    (rule,) = [
        rule
        for rule in make_receipt(GOOD, EXPECTED, claims=lacking).rules
        if rule.name == "captions_shown"
    ]
    assert rule.measured == "97%, ∅ 𠮷"
    assert broken(GOOD, claims=replace(good, letter_share=0.4, missing_letters="𠮷")) == [
        "captions_shown"
    ]
    assert broken(GOOD, claims=Claims(title_share=1.0), hard=False) == []
    titled = Claims(title_share=0.9, title_missing="𠮷")
    assert (broken(GOOD, claims=titled), broken(GOOD, claims=titled, hard=False)) == (
        [],
        ["title_shown"],
    )
    assert broken(GOOD, claims=replace(titled, title_share=0.4)) == ["title_shown"]
    assert overlap_ms(spoken, [(1_500, 3_500), (3_400, 3_600)]) == 1_100


def test_an_unknown_file_is_judged_by_the_platforms_requirements():
    small = replace(VIDEO, width=720, height=1280, frame_rate=Fraction(25))
    other = replace(GOOD, video=small, scan=replace(SCAN, frames=300))
    receipt = make_receipt(replace(other, video=replace(small, frame_rate=Fraction(30))), None)

    assert receipt.broken == ()
    assert [rule.name for rule in receipt.warnings] == ["picture_size"]
    wide = replace(VIDEO, width=1920, height=1080)
    assert "upright" in [r.name for r in make_receipt(replace(GOOD, video=wide), None).broken]
    uneven = make_receipt(replace(GOOD, video=replace(VIDEO, steps_ms=(33, 500))), None)
    assert uneven.broken == ()
    assert [rule.measured for rule in uneven.warnings] == ["30 fps, 33–500 ms"]
    slow = replace(VIDEO, frame_rate=Fraction(15))
    assert "frame_rate" in [r.name for r in make_receipt(replace(GOOD, video=slow), None).broken]


def test_more_than_three_minutes_is_always_refused():
    over, far_over = (replace(GOOD, duration_ms=length) for length in (180_021, 180_200))

    assert "at_most_180_s" in broken(over)
    assert "at_most_180_s" not in broken(replace(GOOD, duration_ms=180_000))
    assert "at_most_180_s" in [rule.name for rule in make_receipt(over, None).warnings]
    assert "at_most_180_s" in [rule.name for rule in make_receipt(far_over, None).broken]


def test_a_rate_above_sixty_is_always_refused():
    picture = replace(VIDEO, frame_rate=Fraction(120), frames=1200)
    found = replace(GOOD, video=picture, scan=replace(SCAN, frames=1200))
    aim = replace(EXPECTED, frame_rate=Fraction(120), frames=1200)

    assert "frame_rate" in [rule.name for rule in make_receipt(found, aim).rules if not rule.ok]


def test_loudness_of_a_very_short_clip_is_a_warning():
    short = replace(decoded(loudness=Loudness(-17.0, -6.0)), duration_ms=2_000)

    assert broken(short, hard=False) == ["loudness"]


def test_quiet_audio_with_peaks_at_the_ceiling_is_a_warning():
    assert broken(decoded(loudness=Loudness(-18.0, -1.4)), hard=False) == ["loudness"]


def test_silence_breaks_no_rule():
    for loudness in (Loudness(None, None), Loudness(-61.0, -50.0)):
        assert broken(decoded(loudness=loudness)) == []


def test_missing_tracks_break_the_tracks_rule():
    assert broken(replace(GOOD, kinds=("audio",), video=None)) == ["tracks"]
    assert broken(replace(GOOD, kinds=("video",), audio=None)) == ["tracks"]
