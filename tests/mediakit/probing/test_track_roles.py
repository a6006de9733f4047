"""The sound, the picture and the subtitles of a video are those that are meant, not those that a flag prefers."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mediakit.errors import InputError
from mediakit.media_info import AudioTrack, MediaInfo
from mediakit.probing.probe import probe
from mediakit.probing.track_roles import (
    audio_role,
    choose_audio,
    dialogue_subtitles,
    is_main_audio_clear,
    is_readable_audio,
    main_video,
    subtitle_role,
    unreadable_codec,
    with_main_audio,
)

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25")
LOW, HIGH = ("-f", "lavfi", "-i", "sine=f=300"), ("-f", "lavfi", "-i", "sine=f=900")
COVER = ("-f", "lavfi", "-i", "color=red:s=300x300:r=25:d=0.04")


def sound(index: int, **values: Any) -> AudioTrack:
    return replace(AudioTrack(index, "aac", 2, 48_000), **values)


def chosen(tracks: list[AudioTrack], language: str = "") -> int:
    track = choose_audio(tracks, language)
    assert track is not None
    return track.index


def titled(title: str, **flags: int) -> dict[str, object]:
    return {"disposition": flags, "tags": {"title": title}}


@pytest.mark.parametrize(
    ("name", "sizes", "programs", "kept"),
    [
        ("radio-first.ts", ["160x90"], ["st=1", "st=0:st=2"], [0, 2]),
        ("advertisement-first.ts", ["160x90", "320x180"], ["st=0:st=2", "st=1:st=3"], [1, 3]),
        ("one-programme.ts", ["160x90"], ["st=0:st=1:st=2"], [0, 1, 2]),
    ],
)
def test_picture_and_sound_are_of_one_programme(clips, name, sizes, programs, kept):
    """Of several programmes of a broadcast the one with the larger picture is the video, with its own sound only."""
    pictures = [part for size in sizes for part in ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25")]
    maps = [part for at in range(len(sizes) + 2) for part in ("-map", str(at))]
    named = [part for program in programs for part in ("-program", f"title=P:{program}")]
    path = clips.make(name, *pictures, *LOW, *HIGH, "-t", "2", *maps, *named, "-c:a", "aac")

    info = probe(str(path))

    # A transport stream lists the tracks of one programme after those of another.
    order = [int(track) for program in programs for track in re.findall(r"st=(\d)", program)]
    indexes = [info.video.index, *sorted(track.index for track in info.audio)]
    assert [order[index] for index in indexes] == kept
    assert info.main_audio in {track.index for track in info.audio}


@pytest.mark.parametrize(
    ("name", "flag", "codec"),
    [
        ("ad.ts", "visual_impaired+descriptions", "aac"),
        ("ad.mkv", "visual_impaired+default", "aac"),
        ("comment.mkv", "comment+default", "libopus"),
        ("comment.mp4", "comment+default", "aac"),
    ],
)
def test_the_main_sound_is_neither_a_description_nor_a_commentary(clips, name, flag, codec):
    path = clips.make(
        name,
        *(*PICTURE, *LOW, *HIGH, "-t", "2", "-map", "0", "-map", "1", "-map", "2", "-c:a", codec),
        *("-disposition:a:0", flag, "-disposition:a:1", "0"),
    )

    info = probe(str(path))

    assert info.audio_track() is info.audio[1]
    assert info.audio[0].role
    assert MediaInfo.from_json(json.loads(json.dumps(info.to_json()))) == info


def test_a_title_tells_the_role_where_no_flag_does(clips):
    path = clips.make(
        "titles.mkv",
        *(*PICTURE, *LOW, *HIGH, "-t", "1", "-map", "0", "-map", "1", "-map", "2"),
        *("-metadata:s:a:0", "title=Director's Commentary", "-disposition:a:0", "default"),
        *("-metadata:s:a:1", "title=Original", "-disposition:a:1", "0"),
    )

    info = probe(str(path))

    assert info.audio_track() is info.audio[1]


def test_dispositions_of_subtitles():
    assert subtitle_role(titled("English", forced=1)) == "signs"
    assert subtitle_role(titled("English", captions=1)) == "hard_of_hearing"
    assert subtitle_role(titled("English", dub=1)) == ""
    assert audio_role(titled("English", forced=1)) == ""


def test_the_spoken_language_decides_between_tracks_of_the_same_role():
    english, korean = sound(1, language="eng", is_default=True), sound(2, language="kor")
    described = sound(3, language="ko", role="description")
    dub = sound(4, language="fre", role="dub")

    assert chosen([english, korean]) == 1
    assert chosen([english, korean], "ko") == 2
    assert chosen([english, described], "ko") == 1
    assert chosen([sound(5), english], "ko") == 5
    assert chosen([dub, korean]) == 2
    assert chosen([korean, dub], "fr") == 4
    assert choose_audio([]) is None


def test_a_track_without_a_decoder_never_wins_over_one_that_can_be_heard():
    assert chosen([sound(1, is_default=True, is_readable=False), sound(2)]) == 2
    assert not is_readable_audio({"codec_tag_string": "ac-4", "channels": 2})
    assert not is_readable_audio({"codec_name": "aac", "sample_fmt": "unknown", "channels": 2})
    assert not is_readable_audio({"codec_name": "aac", "sample_fmt": "fltp", "channels": 0})
    assert is_readable_audio({"codec_name": "aac", "sample_fmt": "fltp", "channels": 2})


def test_what_was_stored_before_keeps_its_sound(clips):
    info = probe(str(clips.plain("plain.mp4", seconds=2)))
    stored = json.loads(json.dumps(info.to_json()))
    del stored["main_audio"], stored["audio"][0]["role"], stored["audio"][0]["is_readable"]
    stored["audio"].append({**stored["audio"][0], "index": 2, "is_default": True})
    stored["audio"][0]["is_default"] = False

    old = MediaInfo.from_json(stored)

    assert old.main_audio is None
    assert old.audio_track() is old.audio[1]


@pytest.fixture
def dialogue(tmp_path: Path) -> Path:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,100 --> 00:00:00,500\nHi\n")
    return words


def subtitled(clips, name: str, words: Path, *options: str, count: int = 2) -> MediaInfo:
    inputs = [part for _ in range(count) for part in ("-i", str(words))]
    maps = [part for number in range(count) for part in ("-map", f"{number + 2}:s")]
    path = clips.make(
        name, *PICTURE, *LOW, *inputs, "-t", "1", "-map", "0", "-map", "1", *maps, *options
    )
    return probe(str(path))


def test_signs_and_songs_are_not_what_is_said(clips, dialogue):
    info = subtitled(
        *(clips, "signs.mkv", dialogue),
        *("-metadata:s:s:0", "title=Signs & Songs", "-disposition:s:0", "default"),
        *("-metadata:s:s:1", "title=Full Subtitles", "-disposition:s:1", "0"),
    )

    assert [track.title for track in dialogue_subtitles(info)] == ["Full Subtitles"]


def test_subtitles_in_the_spoken_language_come_first_and_plain_ones_before_those_with_noises(
    clips, dialogue
):
    languages = ("fre", "eng", "eng", "kor")
    options = [
        part
        for n, code in enumerate(languages)
        for part in (f"-metadata:s:s:{n}", f"language={code}")
    ]
    info = subtitled(
        *(clips, "languages.mkv", dialogue, *options, "-disposition:s:0", "default"),
        *("-metadata:s:a:0", "language=eng", "-disposition:s:1", "hearing_impaired"),
        count=4,
    )

    first = [track.index for track in dialogue_subtitles(info)]
    tracks = dialogue_subtitles(with_main_audio(info, "ko"), "ko")

    assert first == [4, 3, 2, 5]
    assert tracks[0].language == "kor"


@pytest.mark.parametrize("name", ["cover.mkv", "cover.mov", "cover.ts"])
def test_a_cover_picture_that_nothing_marks_is_not_the_video(clips, name):
    path = clips.make(
        name,
        *(*COVER, *PICTURE, *LOW, "-t", "3", "-map", "0", "-map", "1", "-map", "2"),
        *("-c:v:0", "mpeg2video" if name.endswith("ts") else "mjpeg"),
        *("-c:v:1", "libx264", "-disposition:v", "0"),
    )

    info = probe(str(path))

    assert (info.video.codec, info.video.width) == ("h264", 160)
    assert info.video.end_ms == pytest.approx(3_000, abs=60)


def picture(index: int, **values: object) -> dict[str, object]:
    shape = {"codec_type": "video", "codec_name": "h264", "width": 640, "height": 360}
    return {"index": index, **shape, "disposition": {}, **values}


def packets(**counts: int) -> list[dict[str, int]]:
    return [{"stream_index": int(name[1:])} for name, count in counts.items() for _ in range(count)]


def test_covers_and_thumbnail_tracks_are_not_the_video():
    cover = picture(0, disposition={"attached_pic": 1, "default": 1})
    audio = {"index": 1, "codec_type": "audio"}
    first, default = picture(2), picture(3, disposition={"default": 1})

    assert main_video([cover, audio]) is None
    assert main_video([cover, audio, first]) is first
    assert main_video([cover, first, default]) is default


def test_insets_previews_and_unreadable_pictures_never_win_over_the_video():
    main = picture(2)
    unreadable = picture(1, codec_name="", disposition={"default": 1})

    assert main_video([picture(0, width=160, height=90, disposition={"default": 1}), main]) is main
    assert main_video([picture(0, tags={"title": "Sign language"}), main]) is main
    assert main_video([unreadable, main]) is main
    still = picture(0, codec_name="mjpeg")
    assert main_video([still, unreadable], packets(s0=1, s1=30)) is unreadable
    assert main_video([still], packets(s0=1)) is still


def test_codecs_that_would_give_no_picture_or_a_wrong_one():
    vision = {"codec_name": "hevc", "side_data_list": [{"dv_profile": 5}]}
    compatible = [{"dv_profile": 8, "dv_bl_signal_compatibility_id": 4}]

    assert unreadable_codec({"codec_tag_string": "vvc1"}) == "vvc1"
    assert unreadable_codec({"codec_tag_string": "[0][0][0][0]"}) == "unknown"
    assert unreadable_codec(vision) == "Dolby Vision 5"
    assert unreadable_codec({**vision, "side_data_list": compatible}) == ""
    assert unreadable_codec({"codec_name": "h264"}) == ""


@pytest.mark.parametrize(("name", "codec"), [("cover.mkv", "gif"), ("cover.avi", "targa")])
def test_a_cover_that_no_decoder_of_ours_reads_costs_only_itself(clips, name, codec):
    path = clips.make(
        name,
        *(*PICTURE, *COVER, *LOW, "-t", "3", "-map", "1", "-map", "0", "-map", "2"),
        *("-c:v:0", codec, "-c:v:1", "libx264", "-c:a", "libmp3lame"),
    )

    info = probe(str(path))

    assert (info.video.codec, info.audio_track()) == ("h264", info.audio[0])
    assert info.audio[0].is_readable


@pytest.mark.parametrize("kind", ["gif", "tiff"])
def test_a_cover_among_the_attachments_costs_only_itself(clips, kind):
    cover = clips.make(f"attached.{kind}", *COVER, "-frames:v", "1")
    path = clips.make(
        f"attached-{kind}.mkv",
        *(*PICTURE, *LOW, "-t", "1", "-attach", str(cover)),
        *("-metadata:s:t", f"mimetype=image/{kind}"),
    )

    assert probe(str(path)).video.codec == "h264"


def test_a_video_that_no_decoder_of_ours_reads_is_refused_by_its_codec(clips):
    path = clips.make("targa.avi", *PICTURE, *LOW, "-t", "1", "-c:v", "targa")

    with pytest.raises(InputError) as refused:
        probe(str(path))

    assert (refused.value.code, refused.value.params) == ("UNSUPPORTED_CODEC", {"codec": "targa"})


@pytest.mark.parametrize("name", ["g723.nut", "g723.mkv"])
def test_a_sound_track_that_no_decoder_of_ours_reads_is_there_and_unreadable(clips, name):
    path = clips.make(
        name,
        *(*PICTURE, *LOW, *HIGH, "-t", "2", "-map", "0", "-map", "1", "-map", "2"),
        *("-ar:a:0", "8000", "-ac:a:0", "1", "-c:a:0", "g723_1", "-b:a:0", "6300", "-c:a:1", "mp2"),
    )

    info = probe(str(path))

    assert [track.is_readable for track in info.audio] == [False, True]
    assert info.audio_track() is info.audio[1]


@pytest.mark.parametrize(
    ("tracks", "language", "is_clear"),
    [
        ((sound(1),), "", True),
        ((sound(1), sound(2)), "", False),
        ((sound(1, language="en"), sound(2, language="ko")), "", False),
        ((sound(1, language="en"), sound(2, language="ko")), "ko", True),
        ((sound(1, language="en"), sound(2, language="ko")), "fr", False),
        ((sound(1), sound(2, language="ko")), "ko", True),
        ((sound(1, language="ko"), sound(2, language="ko")), "ko", False),
        ((sound(1), sound(2, role="commentary"), sound(3, role="description")), "", True),
        ((sound(1), sound(2, is_readable=False)), "", True),
        ((), "", True),
    ],
)
def test_whether_something_tells_which_sound_is_the_main_one(tracks, language, is_clear):
    assert is_main_audio_clear(tracks, language) == is_clear
