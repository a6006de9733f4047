"""Rules for incoming videos: names, sizes, lengths, captions. Every check returns or raises a HeimdexError."""

import codecs
import logging
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from core import formatting
from core.errors import CoreCode, HeimdexError, from_media
from mediakit.errors import InputError, MediaError
from mediakit.media_info import MediaInfo
from mediakit.probing.frame_rate import MIN_SHORT_MS
from mediakit.probing.probe import probe
from mediakit.probing.track_roles import is_main_audio_clear
from mediakit.subtitles.decoding.encodings import ENCODINGS
from mediakit.subtitles.detection import SUFFIXES
from mediakit.subtitles.formats import CaptionsReading
from mediakit.subtitles.formats import read_captions as read_captions_file
from storage.source_reader import open_source
from videos.errors import VideoCode
from videos.models import Video

logger = logging.getLogger(__name__)
NAME_MAX_BYTES = 255
TITLE_MAX_CHARS = 255
MIN_VIDEO_MS = MIN_SHORT_MS
CAPTIONS_SUFFIXES = frozenset(f".{suffix}" for suffix in SUFFIXES)
# Bidirectional controls can make a name look like a different one.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Content types that a link must not have. `text/plain` may be a video: servers send it for unknown file endings.
_NON_VIDEO_TYPES = frozenset({"image", "font", "message", "multipart", "model"})
_NON_VIDEO_SUBTYPES = frozenset(
    {
        *("html", "css", "csv", "javascript", "json", "xml", "xhtml+xml", "calendar", "markdown"),
        *("vtt", "pdf", "mpegurl", "x-mpegurl", "vnd.apple.mpegurl", "dash+xml", "sdp"),
    }
)
_TEXT_FIRST_BYTES = frozenset({b"<", b"{", b"[", b"#"})
_ENCODING_NAMES = frozenset(codecs.lookup(name).name for name in ENCODINGS)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}")


def clean_text(text: str) -> str:
    """The text in one line, without control characters and characters that a database cannot store."""
    kept = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    return " ".join("".join(filter(_is_storable, kept)).split())


def title_line(title: str) -> str:
    """A title as `clean_text` leaves it, of at most TITLE_MAX_CHARS; may be empty."""
    return clean_text(title)[:TITLE_MAX_CHARS].strip()


def storable(text: str) -> str:
    """The text without characters that a database cannot store: null and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def _is_storable(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs"} and char not in _BIDI_CONTROLS


def clean_filename(name: str) -> str:
    """The last part of a path, cleaned; FILE_NAME_INVALID when it is empty or over 255 bytes."""
    last = clean_text(name.replace("\\", "/").rsplit("/", 1)[-1])
    if last in {"", ".", ".."} or len(last.encode()) > NAME_MAX_BYTES:
        raise HeimdexError(VideoCode.FILE_NAME_INVALID, {"max_bytes": NAME_MAX_BYTES})
    return last


def clean_title(title: str, *, filename: str, tag: str = "") -> str:
    """The title; if it is empty, the file's own title `tag`, else its name without its ending. Never empty."""
    given = clean_text(title) or clean_text(tag) or clean_text(PurePath(filename).stem) or filename
    return title_line(given)


def clean_language(language: str) -> str:
    """A language code such as `en` or `pt-br` in lower case. Empty means automatic detection."""
    code = language.strip().lower().replace("_", "-")
    if code and not (len(code) <= 16 and _LANGUAGE.fullmatch(code)):
        sentence = _("The language must be a code such as en or ko.")
        raise HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": {"language": [sentence]}}, message=sentence
        )
    return code


def link_filename(target: str) -> str:
    """The file name in a link's path; "video" when it has no valid one."""
    try:
        return clean_filename(unquote(target.partition("?")[0]))
    except HeimdexError:
        return "video"


def check_content_type(content_type: str, head: bytes) -> None:
    """IMPORT_NOT_A_VIDEO when the content type or the first bytes (`head`) are those of text, a page or a playlist."""
    kind, _, name = content_type.partition("/")
    is_other = kind in _NON_VIDEO_TYPES or name in _NON_VIDEO_SUBTYPES
    if is_other or head.lstrip()[:1] in _TEXT_FIRST_BYTES:
        raise HeimdexError(VideoCode.IMPORT_NOT_A_VIDEO)


def check_imports(waiting: int) -> None:
    """IMPORT_OFF, or IMPORT_LIMIT_EXCEEDED when the user already has too many pending imports.

    The caller must hold the lock on the user's row, or a concurrent request can exceed the limit.
    """
    limit = settings.IMPORT_LIMIT
    if not limit:
        raise HeimdexError(VideoCode.IMPORT_OFF)
    if waiting >= limit:
        raise HeimdexError(
            VideoCode.IMPORT_LIMIT_EXCEEDED, {"limit": limit, "current_count": waiting}
        )


def check_size(size_bytes: int) -> None:
    """EMPTY_FILE or FILE_TOO_LARGE."""
    if size_bytes <= 0:
        raise HeimdexError(VideoCode.EMPTY_FILE)
    limit = settings.UPLOAD_MAX_BYTES
    if size_bytes > limit:
        raise HeimdexError(
            VideoCode.FILE_TOO_LARGE, {"limit": formatting.size(limit), "limit_bytes": limit}
        )


def check_media(info: MediaInfo) -> None:
    """VIDEO_TOO_SHORT, VIDEO_TOO_LONG or VIDEO_TOO_LARGE, by the file's probe result."""
    check_size(info.size_bytes)
    length = {"duration_s": round(info.duration_ms / 1000, 3)}
    if info.duration_ms < MIN_VIDEO_MS:
        raise HeimdexError(VideoCode.VIDEO_TOO_SHORT, {**length, "least_s": MIN_VIDEO_MS / 1000})
    limit_s = settings.UPLOAD_MAX_DURATION_S
    if info.duration_ms > limit_s * 1000:
        details: dict[str, Any] = {"limit": formatting.duration(limit_s * 1000), "limit_s": limit_s}
        raise HeimdexError(VideoCode.VIDEO_TOO_LONG, {**details, **length})
    limit = settings.UPLOAD_MAX_PIXELS
    if info.video.width * info.video.height > limit:
        size = {"width": info.video.width, "height": info.video.height}
        raise HeimdexError(VideoCode.VIDEO_TOO_LARGE, {**size, "limit": limit})


def check_source(source_key: str) -> MediaInfo:
    """The probe result of a stored file; HeimdexError when it is no valid video or exceeds a limit."""
    try:
        with open_source(source_key) as source:
            info = probe(source)
    except MediaError as error:
        logger.info("refused %s: %s", source_key, error)
        raise from_media(error) from error
    check_media(info)
    return info


def clean_encoding(encoding: str) -> str:
    """The name of an encoding of captions files. Empty means automatic detection."""
    name = encoding.strip()
    try:
        known = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        known = "unknown"
    if known and known not in _ENCODING_NAMES:
        sentence = _("This encoding is not known.")
        raise HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": {"encoding": [sentence]}}, message=sentence
        )
    return known


@dataclass(frozen=True, slots=True)
class CaptionsUpload:
    """A captions file that can be read: its bytes, and what was read."""

    data: bytes
    reading: CaptionsReading


def read_captions(
    file: "UploadedFile[Any]", *, encoding: str = "", language: str = "", frame_rate: float = 0.0
) -> CaptionsUpload:
    """Read a captions file, or a text without times. Language and frame rate of the video help where they are known.

    CAPTIONS_UNSUPPORTED, CAPTIONS_TOO_LARGE, or CAPTIONS_INVALID with `line` and `reason`.
    """
    name = file.name or ""
    if PurePath(name).suffix.lower() not in CAPTIONS_SUFFIXES:
        raise HeimdexError(VideoCode.CAPTIONS_UNSUPPORTED)
    limit = settings.CAPTIONS_MAX_BYTES
    file.seek(0)
    data: bytes = file.read(limit + 1)
    if len(data) > limit:
        raise HeimdexError(
            VideoCode.CAPTIONS_TOO_LARGE, {"limit": formatting.size(limit), "limit_bytes": limit}
        )
    try:
        reading = read_captions_file(
            data,
            filename=name,
            encoding=encoding,
            language=language,
            frame_rate=frame_rate,
            untimed=True,
        )
    except InputError as error:
        raise from_media(error) from error
    return CaptionsUpload(data, reading)


def audio_tracks(video: Video) -> list[dict[str, Any]]:
    """The video's sound tracks as its probe lists them; `is_main` marks the one that a Short has without a choice."""
    tracks = [
        {"role": "", "is_readable": True, **track} for track in video.probe.get("audio") or ()
    ]
    main = video.probe.get("main_audio")
    if main is None:  # probed before there was that choice
        preferred = [track for track in tracks if track.get("is_default")] or tracks
        main = preferred[0]["index"] if preferred else None
    return [{**track, "is_main": track["index"] == main} for track in tracks]


def clean_audio_track(video: Video, index: str) -> int | None:
    """The stream index of one of the video's readable sound tracks; None for "". INVALID_INPUT for any other."""
    if not index:
        return None
    readable = {str(t["index"]): int(t["index"]) for t in audio_tracks(video) if t["is_readable"]}
    if index not in readable:
        sentence = _("The video has no such sound track.")
        raise HeimdexError(
            CoreCode.INVALID_INPUT, {"fields": {"audio_track": [sentence]}}, message=sentence
        )
    return readable[index]


def is_main_sound_clear(video: Video) -> bool:
    """Whether the user, or roles and languages tell which sound track is the main one."""
    if not video.probe or video.audio_track_wanted is not None:
        return True
    return is_main_audio_clear(MediaInfo.from_json(video.probe).audio, video.language_wanted)
