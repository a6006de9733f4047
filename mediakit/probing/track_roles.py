"""What a track is for, and which one is meant by "the sound", "the picture" and "the subtitles" of a video.

The `default` flag says little: many programs set it on every track or on the first one. Dispositions and titles say
more, so they come first, and the flag decides between tracks of the same role.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mediakit.ffmpeg.source_args import readable_codecs
from mediakit.media_info import AudioTrack, MediaInfo, SubtitleTrack
from mediakit.probing.track_titles import (
    COMMENTARY,
    DESCRIPTION,
    DUB,
    HARD_OF_HEARING,
    MUSIC,
    SIGNS,
    fold,
    subtitle_title_role,
    title_role,
)
from mediakit.text.languages import normalize_language_code

Stream = Mapping[str, Any]

AUDIO_ROLES = (DUB, HARD_OF_HEARING, DESCRIPTION, COMMENTARY, MUSIC)
_OTHER_LANGUAGE = 2
# From the best to the worst substitute for the main sound.
_AUDIO_ORDER = ("", *AUDIO_ROLES)
# Subtitles of these roles do not hold what is said in the video.
_NOT_DIALOGUE = (SIGNS, COMMENTARY, DESCRIPTION, MUSIC)
_DISPOSITIONS = {
    "visual_impaired": DESCRIPTION,
    "descriptions": DESCRIPTION,
    "dependent": DESCRIPTION,  # has to be mixed into the main sound
    "comment": COMMENTARY,
    "karaoke": MUSIC,
    "lyrics": MUSIC,
    "clean_effects": MUSIC,
    "forced": SIGNS,
    "hearing_impaired": HARD_OF_HEARING,
    "captions": HARD_OF_HEARING,
    "dub": DUB,
}
_COVER_FLAGS = ("attached_pic", "timed_thumbnails", "still_image")
_SECONDARY_PICTURE = re.compile(
    r"\bsign(ed|ing)?\s*language|\bthumbnail|\bpreview\b|\bcover\b|gebarden|langue des signes"
    r"|\bl[ie]n?gu?a\w*\s+de\s+s[ie]|\blingua dei segni|\blibras\b|gebarentaal|teckensprak"
    r"|tegnsprog|tegnsprak|viittom|migow|znakov|jelnyelv"
    r"|isaret dil|жестов|νοηματικ|שפת\s*הסימנים|لغة\s*الإشارة|ภาษามือ|bahasa isyarat|수어|수화|手話|手语|手語"
)
# A stream with at most STILL_PACKETS packets shows no video, where another one of the file has MOVING_PACKETS.
STILL_PACKETS, MOVING_PACKETS = 1, 8
# A picture with less than this share of the largest one's area is a preview of it or an inset.
SMALL_SHARE = 1 / 4


def track_title(stream: Stream) -> str:
    """The title of a stream, whatever the case of the tag; "" without one."""
    tags = {str(key).lower(): str(value) for key, value in stream.get("tags", {}).items()}
    handler = tags.get("handler_name", "")
    return tags.get("title") or (
        "" if re.search(r"handler|^core media", handler, re.IGNORECASE) else handler
    )


def _flags(stream: Stream) -> Mapping[str, int]:
    found: Mapping[str, int] = stream.get("disposition", {})
    return found


def audio_role(stream: Stream) -> str:
    """The role of a sound track by its dispositions, otherwise by its title; "" for the main sound."""
    flags = _flags(stream)
    role = next((role for flag, role in _DISPOSITIONS.items() if flags.get(flag)), "")
    role = "" if role == SIGNS else role
    return role if role not in {"", DUB} else title_role(track_title(stream)) or role


def subtitle_role(stream: Stream) -> str:
    """The role of a subtitle track by its dispositions, otherwise by its title; "" for what is said."""
    flags, title = _flags(stream), track_title(stream)
    if flags.get("forced"):
        return SIGNS
    role = next((role for flag, role in _DISPOSITIONS.items() if flags.get(flag)), "")
    role = "" if role == DUB else role
    return role or subtitle_title_role(title)


def is_readable_audio(stream: Stream) -> bool:
    """Whether a decoder of ours opens the sound track: only then its sample format is known, for most codecs."""
    sample_format = str(stream.get("sample_fmt") or "unknown")
    return (
        stream.get("codec_name") in readable_codecs()
        and sample_format not in {"unknown", "none"}
        and int(stream.get("channels") or 0) > 0
    )


def choose_audio(tracks: Iterable[AudioTrack], language: str = "") -> AudioTrack | None:
    """The main sound: readable, of the best role, of the language, preferred by the file; None without sound."""

    def rank(track: AudioTrack) -> tuple[bool, int, int, bool, int]:
        role = _audio_place(track.role)
        strangeness = _language_distance(track.language, language)
        if role == _AUDIO_ORDER.index(DUB) and language and not strangeness:
            role = 0  # the dub is what was asked for
        return not track.is_readable, role, strangeness, not track.is_default, track.index

    return min(tracks, key=rank, default=None)


def is_main_audio_clear(tracks: Sequence[AudioTrack], language: str = "") -> bool:
    """Whether roles and languages tell which sound is the main one, not only a flag or the order in the file."""
    heard = [track for track in tracks if track.is_readable]
    roles = {track.role for track in heard}
    best = [track for track in heard if track.role == min(roles, key=_audio_place)]
    nearest = min((_language_distance(track.language, language) for track in best), default=0)
    if not language:
        return len(best) < 2
    return sum(_language_distance(t.language, language) == nearest for t in best) < 2


def _audio_place(role: str) -> int:
    return _AUDIO_ORDER.index(role) if role in _AUDIO_ORDER else 0


def with_main_audio(info: MediaInfo, language: str = "", *, wanted: int | None = None) -> MediaInfo:
    """Return `info` with the sound chosen that is meant where the language spoken in the video is known.

    `wanted` is the index of the track that a person chose, which goes before; one that cannot be read does not.
    """
    own = (track for track in info.audio if track.index == wanted and track.is_readable)
    chosen = next(own, None) or choose_audio(info.audio, language)
    return replace(info, main_audio=chosen.index if chosen else None)


def dialogue_subtitles(info: MediaInfo, language: str = "") -> list[SubtitleTrack]:
    """The text tracks that hold what is said, the best first; never forced ones, signs, songs or commentaries.

    The language is the expected one, or that of the main sound.
    """
    spoken = spoken_language(info, language)
    tracks = [
        t for t in info.subtitles if t.is_text and not t.is_forced and t.role not in _NOT_DIALOGUE
    ]
    return sorted(
        tracks,
        key=lambda t: (_language_distance(t.language, spoken), t.role != "", not t.is_default),
    )


def spoken_language(info: MediaInfo, language: str = "") -> str:
    """The code of the language spoken in the video: the known one, else the main sound's; "" where nothing tells."""
    main = info.audio_track()
    return normalize_language_code(language or (main.language if main else ""))


def is_other_language(language: str, spoken: str) -> bool:
    """Whether both languages are known, and differ."""
    return _language_distance(language, spoken) == _OTHER_LANGUAGE


def _language_distance(language: str, expected: str) -> int:
    """0 for the same language or when none is expected, 1 when the track does not say, _OTHER_LANGUAGE for another."""
    heads = (normalize_language_code(code).partition("-")[0] for code in (expected, language))
    goal, own = (
        "zh" if head == "yue" else head for head in heads
    )  # Cantonese is written in Chinese
    if not goal or own == goal:
        return 0
    return _OTHER_LANGUAGE if own else 1


def main_video(streams: Sequence[Stream], packets: Iterable[Stream] = ()) -> Stream | None:
    """The picture stream that is the video; None when there is none but cover pictures.

    `packets` are the first packets of the file: a stream with a single one beside a moving one is a cover picture
    that nothing marks as such.
    """
    shown = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video"
        and not any(_flags(stream).get(name) for name in _COVER_FLAGS)
    ]
    counts = Counter(packet.get("stream_index") for packet in packets)
    moving = any(counts[stream["index"]] >= MOVING_PACKETS for stream in shown)
    largest = max((_area(stream) for stream in shown), default=0)

    def rank(stream: Stream) -> tuple[bool, bool, bool, bool, bool, int]:
        return (
            moving and counts[stream["index"]] <= STILL_PACKETS,
            bool(unreadable_codec(stream)),
            bool(_SECONDARY_PICTURE.search(fold(track_title(stream)))),
            0 < _area(stream) < largest * SMALL_SHARE,
            not _flags(stream).get("default"),
            -_area(stream),  # of several programmes of a broadcast
        )

    return min(shown, key=rank, default=None)


def streams_of_program(
    streams: Sequence[Stream], programs: Iterable[Mapping[str, Any]], video: Stream
) -> list[Stream]:
    """The streams that belong to the broadcast programme of the video, or to none.

    A transport stream may carry several programmes, each with sound of its own.
    """
    members = [{s.get("index") for s in program.get("streams", ())} for program in programs]
    own = [indexes for indexes in members if video["index"] in indexes]
    others = set[Any]().union(*members).difference(*own) if own else set[Any]()
    return [stream for stream in streams if stream["index"] not in others]


def _area(stream: Stream) -> int:
    return int(stream.get("width") or 0) * int(stream.get("height") or 0)


def unreadable_codec(stream: Stream) -> str:
    """The name of a codec that would give no picture, or one in wrong colours; "" for the others.

    Dolby Vision without a compatible base layer decodes, but to green and purple.
    """
    for data in stream.get("side_data_list", ()):
        if "dv_profile" in data and not data.get("dv_bl_signal_compatibility_id"):
            return f"Dolby Vision {data['dv_profile']}"
    codec = str(stream.get("codec_name") or "")
    if codec:
        return "" if codec in readable_codecs() else codec
    return re.sub(r"\[\d+\]", "", str(stream.get("codec_tag_string") or "")) or "unknown"
