"""Files that were made elsewhere, measured and held to the rules."""

from dataclasses import replace

import pytest

from mediakit.audio.loudness import Loudness
from mediakit.conformance.decode_extracts import Extracts
from mediakit.conformance.decode_scan import DecodeScan, scan_decode
from mediakit.conformance.measurement import measure
from mediakit.conformance.source_comparison import SourceMatch, SourceRange, compare_with_source
from mediakit.conformance.verification import check_file, verify_short
from mediakit.cutting.cut_time import CutTime, cut_time
from mediakit.errors import VerificationError
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.cover import choose_cover
from mediakit.render.short import ShortSpec
from tests.clips import info_of
from tests.mediakit.conformance.test_verification import SCAN


def whole(info: MediaInfo) -> CutTime:
    """All of a video as one kept range."""
    return cut_time(info, [(0, info.duration_ms)])


def test_an_ordinary_video_is_no_short(clips):
    path = clips.plain("plain.mp4", seconds=2)

    with pytest.raises(VerificationError) as caught:
        verify_short(str(path), info_of(path), ShortSpec(0, 2000))

    assert caught.value.params["rule"] == "index_first"


def test_a_measurement_of_an_ordinary_video(clips):
    options = ("-metadata", "title=Told", "-metadata:s:a", "language=kor")
    found = measure(str(clips.plain("named.mp4", seconds=1, options=options)))

    assert found.has_edit_list
    assert found.foreign_tags == ("language", "title")
    assert found.video is not None
    assert (found.video.frames, found.scan.frames) == (25, 25)
    assert found.audio is not None
    assert found.audio.channels == 1
    assert found.scan.loudness.lufs is not None
    assert found.scan.errors == ()
    assert abs(found.scan.samples - 48_000) <= 1_024


def test_quicktime_and_3gp_are_no_mp4(clips):
    kinds = [("mov", ".mov"), ("3gp", ".3gp"), ("mp4", ".mp4"), ("ipod", ".m4v")]
    options = [("-map", "0", "-c", "copy", "-f", kind) for kind, _ in kinds]
    paths = [
        clips.make(f"kind{end}", "-i", clips.plain("plain.mp4", seconds=2), *how)
        for (_, end), how in zip(kinds, options, strict=True)
    ]

    found = [measure(str(path)).container for path in paths]

    assert [name[:3] for name in found[:2]] == ["mov", "3gp"]
    assert all("mp4" in name.split(",") for name in found[2:])


def test_other_containers_are_not_judged_by_mp4_only_fields(clips):
    options = ("-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuvj420p")
    receipt = check_file(str(clips.plain("other.mkv", seconds=2, options=options)))

    broken = {rule.name: rule.measured for rule in receipt.broken}
    assert {"container", "index_first"} <= broken.keys()
    assert broken.keys().isdisjoint(
        {"picture_length", "sound_length", "no_source_metadata", "pixel_format"}
    )
    assert broken["index_first"] == "none"
    assert broken["colour"].endswith(" pc")


def test_mono_is_as_loud_as_the_same_in_stereo(clips):
    sound = ("-f", "lavfi", "-i", "sine=r=48000:f=400:d=3")
    one, two = (
        scan_decode(
            str(clips.make(f"ch{count}.m4a", *sound, "-ac", count, "-af", f"pan={count}c{how}")),
            has_video=False,
            has_audio=True,
            timeout_s=60,
        ).loudness.lufs
        for count, how in ((1, "|c0=c0"), (2, "|c0=c0|c1=c0"))
    )

    assert one == pytest.approx(two, abs=0.2)


def test_damage_is_reported(clips, tmp_path):
    options = ("-movflags", "+faststart")
    data = bytearray(clips.plain("fast.mp4", seconds=2, options=options).read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 4000, 7):
        data[at] ^= 0xA5
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)

    errors = measure(str(path)).scan.errors
    assert errors
    assert not any(" @ 0x" in words for words in errors)


def test_sound_alone_and_picture_alone_are_measured(clips):
    sound = measure(str(clips.make("sound.m4a", "-f", "lavfi", "-i", "sine=r=48000", "-t", 1)))
    picture = measure(str(clips.plain("mute.mp4", sound=())))

    assert sound.video is None
    assert picture.audio is None
    assert picture.scan.loudness == Loudness(None, None)


@pytest.fixture(scope="session")
def faulty(clips):
    """2 s of picture and loud tone, then 3 s of black and silence; three B-frames, one keyframe."""
    graph = (
        "testsrc2=s=180x320:r=25:d=2[a];color=black:s=180x320:r=25:d=3[b];[a][b]concat=n=2:v=1[v];"
        "sine=f=300:r=48000:d=2,volume=24dB,apad=whole_dur=5[s]"
    )
    options = ("-map", "[v]", "-map", "[s]", "-pix_fmt", "yuv420p", "-bf", "3", "-g", "250")
    return str(clips.make("faulty.mp4", "-filter_complex", graph, *options))


def test_one_decode_finds_black_silent_and_clipped_spans(faulty, tmp_path):
    frames: list[int] = []
    found = scan_decode(
        faulty,
        has_video=True,
        has_audio=True,
        timeout_s=60,
        extracts=Extracts(tmp_path, (0, 5_000)),
        on_progress=frames.append,
    )

    assert found.frames == frames[-1] == 125
    assert choose_cover(tmp_path) == 0  # not of the black part
    assert [start for start, _ in found.black_ms] == [2_000]
    assert found.frozen_ms == ()
    assert found.silent_ms[0][0] in range(1_900, 2_201)
    assert found.clipped_ms[0][0] == 0
    assert all(spans[-1][1] >= 4_800 for spans in (found.black_ms, found.silent_ms))


def test_any_file_can_be_checked_without_knowing_how_it_was_made(faulty):
    receipt = check_file(faulty)

    names = {rule.name for rule in receipt.broken}
    assert {"index_first", "no_edit_lists", "keyframes", "b_frames", "no_clipping"} <= names
    assert {"no_black", "no_silence", "picture_size"} <= {r.name for r in receipt.warnings}
    assert (receipt.frames, receipt.picture_ms) == (125, 5_000)
    assert not {"duration", "video_bit_rate"} & {rule.name for rule in receipt.rules}


def test_an_empty_short_is_compared_with_its_source(clips, faulty):
    tone = ("-f", "lavfi", "-i", "sine=r=48000,volume=15dB")
    lively = str(clips.plain("lively.mp4", seconds=5, sound=tone))
    empty = scan_decode(faulty, has_video=True, has_audio=True, timeout_s=60)

    def alike(path: str, found: DecodeScan) -> SourceMatch:
        info = probe(path)
        return compare_with_source(SourceRange(path, info, whole(info), info.audio[0].index), found)

    frozen = replace(SCAN, frozen_ms=((2_500, 4_900),))
    assert alike(faulty, empty) == SourceMatch(black=True, silent=True)
    assert alike(lively, empty) == SourceMatch(black=False, silent=False)
    assert [alike(path, frozen).frozen for path in (faulty, lively)] == [True, False]
    assert (
        compare_with_source(SourceRange(lively, probe(lively), whole(probe(lively)), None), SCAN)
        == SourceMatch()
    )
