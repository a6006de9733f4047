"""Every error a person or a program can meet: its code, its HTTP status and its words, in one place.

`HeimdexError` is raised by services and policies; `core.http` turns it into the one JSON shape and pages show
the same text. Rows keep a code and its parameters, never words, so that each reader gets their own language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.rule_labels import rule_word, value_word


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What one code means: the HTTP status it travels with, and its sentence with named parameters."""

    status: int
    text: str | Promise


ERRORS: dict[str, ErrorText] = {
    # What clients of the API depend on.
    "INVALID_INPUT": ErrorText(422, _("Some of what was sent cannot be used.")),
    "UNAUTHENTICATED": ErrorText(401, _("Log in or send a valid access token.")),
    "FORBIDDEN": ErrorText(403, _("You may not do that.")),
    "NOT_FOUND": ErrorText(404, _("There is nothing here.")),
    "METHOD_NOT_ALLOWED": ErrorText(405, _("That method does not work here.")),
    "UNSUPPORTED_MEDIA_TYPE": ErrorText(415, _("That content type is not understood here.")),
    "NOT_ACCEPTABLE": ErrorText(406, _("The wanted content type cannot be answered.")),
    "THROTTLED": ErrorText(429, _("Too many requests. Try again in a moment.")),
    "LOGIN_THROTTLED": ErrorText(
        429, _("Too many wrong passwords. Wait %(minutes)s minutes, then try again.")
    ),
    "SIGNUP_CLOSED": ErrorText(
        403, _("New accounts are made by an administrator on this installation.")
    ),
    "INTERNAL_ERROR": ErrorText(500, _("Something went wrong on our side. It has been logged.")),
    "VIDEO_NOT_FOUND": ErrorText(404, _("This video does not exist, or it is not yours.")),
    "SCENE_NOT_FOUND": ErrorText(404, _("This scene does not exist, or it is not yours.")),
    "EXPORT_NOT_FOUND": ErrorText(404, _("This export does not exist, or it is not yours.")),
    "PRESET_NOT_FOUND": ErrorText(404, _("This preset does not exist, or it is not yours.")),
    "PRESET_NAME_TAKEN": ErrorText(409, _("You have a preset of that name already.")),
    "PRESET_LIMIT": ErrorText(409, _("You can keep %(limit)s presets. Delete one first.")),
    "NO_CAPTIONS": ErrorText(404, _("Nothing is said in this range, so there are no captions.")),
    "LOGO_INVALID": ErrorText(
        422, _("That picture cannot be used. Take a PNG, JPEG or WebP file.")
    ),
    "LOGO_TOO_LARGE": ErrorText(422, _("That picture is larger than 4 MB.")),
    "EXPORT_EXPIRED": ErrorText(
        404, _("This export has expired and its file was removed. Export it again.")
    ),
    "UPLOAD_NOT_FOUND": ErrorText(404, _("This upload does not exist any more. Start it again.")),
    "SCENE_TOO_LONG": ErrorText(
        422,
        _(
            "A Short is at most %(max_duration_s)s seconds long; this range is %(scene_duration_s)s seconds."
        ),
    ),
    "EXPORT_LIMIT_EXCEEDED": ErrorText(
        429,
        _(
            "You have used all %(limit)s exports of the last 24 hours. The next place is free in %(wait)s."
        ),
    ),
    "EXPORT_REQUESTS_EXCEEDED": ErrorText(
        429,
        _(
            "You have asked for exports %(limit)s times in the last 24 hours, with the failed and cancelled ones. "
            "Try again later."
        ),
    ),
    "CONFLICT": ErrorText(409, _("That is not possible in its present state.")),
    "VIDEO_NOT_READY": ErrorText(409, _("This video is not ready yet.")),
    "VIDEO_BUSY": ErrorText(409, _("This video is being processed already.")),
    "EXPORT_NOT_CANCELLABLE": ErrorText(409, _("This export has ended already.")),
    "EXPORT_NOT_RETRYABLE": ErrorText(409, _("Only a failed or cancelled export can be retried.")),
    "RECEIPT_NOT_FOUND": ErrorText(
        404, _("This export has no receipt: no file of it was checked.")
    ),
    "EXPORT_NOT_COMPLETED": ErrorText(409, _("This export is not finished yet.")),
    # Spans.
    "SPAN_REVERSED": ErrorText(422, _("The end must be after the start.")),
    "SPAN_OUTSIDE_VIDEO": ErrorText(
        422, _("The range must lie inside the video, which is %(duration_s)s seconds long.")
    ),
    "SPAN_TOO_SHORT": ErrorText(422, _("A Short is at least %(least_s)s seconds long.")),
    "NO_SUCH_TRACK": ErrorText(422, _("The video has no such sound track.")),
    # Uploaded files.
    "FILE_NAME_INVALID": ErrorText(422, _("The file name must have 1 to 255 bytes.")),
    "EMPTY_FILE": ErrorText(422, _("The file is empty.")),
    "NOT_A_VIDEO": ErrorText(422, _("This file is not a video that can be played.")),
    "NO_VIDEO_STREAM": ErrorText(422, _("This file has sound but no picture.")),
    "TRUNCATED_FILE": ErrorText(
        422, _("The file is damaged or incomplete; no picture could be read from it.")
    ),
    "TOO_MANY_TRACKS": ErrorText(422, _("The file has too many tracks.")),
    "SOURCE_NOT_PLAIN": ErrorText(422, _("What is stored for this video is not a plain file.")),
    "UNSUPPORTED_CODEC": ErrorText(
        422, _("The picture is encoded as %(codec)s, which this server cannot play.")
    ),
    "FILE_TOO_LARGE": ErrorText(413, _("The file is larger than the allowed %(limit)s.")),
    "VIDEO_TOO_LONG": ErrorText(422, _("The video is longer than the allowed %(limit)s.")),
    "VIDEO_TOO_SHORT": ErrorText(
        422, _("The video is shorter than %(least_s)s seconds; no Short can be made from it.")
    ),
    "VIDEO_TOO_LARGE": ErrorText(
        422,
        _("The picture has %(width)s x %(height)s pixels; more than %(limit)s is not accepted."),
    ),
    "UPLOAD_OFFSET_MISMATCH": ErrorText(
        409, _("The upload continues at another place than was sent.")
    ),
    "UPLOAD_VERSION_UNKNOWN": ErrorText(412, _("Uploads here speak version 1.0.0 of tus.")),
    "UPLOAD_BUSY": ErrorText(423, _("Another request is writing to this upload.")),
    "CAPTIONS_INVALID": ErrorText(
        422, _("The captions file cannot be read: line %(line)s: %(reason)s")
    ),
    "CAPTIONS_TOO_LARGE": ErrorText(
        413, _("The captions file is larger than the allowed %(limit)s.")
    ),
    "CAPTIONS_UNSUPPORTED": ErrorText(422, _("Captions must be an .srt, .vtt, .ass or .ssa file.")),
    "CAPTIONS_UNREADABLE": ErrorText(
        422, _("The captions file could not be read any more. Upload it again.")
    ),
    "NO_CAPTIONS_FILE": ErrorText(422, _("No captions file was uploaded for this video.")),
    "NO_SUBTITLE_TRACK": ErrorText(422, _("The video file holds no subtitle track with text.")),
    "NO_SOUND": ErrorText(422, _("The video has no sound.")),
    "NO_SPEECH": ErrorText(422, _("No speech was found in the video.")),
    "NO_TRANSCRIPT": ErrorText(404, _("This video has no transcript.")),
    # Fetching from links. What leads inside and what does not exist are told in the same words.
    "IMPORT_OFF": ErrorText(403, _("Importing from links is switched off on this server.")),
    "IMPORT_LIMIT_EXCEEDED": ErrorText(
        429, _("You have %(limit)s links waiting already. Wait until one of them is done.")
    ),
    "IMPORT_LINK_INVALID": ErrorText(
        422,
        _(
            "That is not a link that can be fetched. It begins with http:// or https:// and has neither a user name "
            "nor an unusual port."
        ),
    ),
    "IMPORT_ADDRESS_REFUSED": ErrorText(
        422, _("The link does not lead to a server on the public internet.")
    ),
    "IMPORT_NOT_REACHABLE": ErrorText(502, _("The link's server does not answer.")),
    "IMPORT_NOT_TRUSTED": ErrorText(
        422, _("The link's server could not prove who it is: its certificate is not valid.")
    ),
    "IMPORT_TOO_MANY_REDIRECTS": ErrorText(
        422, _("The link leads from one address to the next, more than three times.")
    ),
    "IMPORT_REDIRECT_INSECURE": ErrorText(
        422, _("The link leads from an encrypted address to one that is not.")
    ),
    "IMPORT_HTTP_STATUS": ErrorText(
        502, _("The link's server did not give out the file (status %(status)s).")
    ),
    "IMPORT_ANSWER_INVALID": ErrorText(
        422, _("The link's server gave an answer that cannot be understood.")
    ),
    "IMPORT_NOT_A_VIDEO": ErrorText(
        422,
        _("The link leads to a page or another kind of file, not directly to a video file."),
    ),
    "IMPORT_TOO_LARGE": ErrorText(
        413, _("The file behind the link is larger than the allowed %(limit)s.")
    ),
    "IMPORT_TOO_SLOW": ErrorText(
        422, _("The link's server sends too slowly; the file did not arrive in time.")
    ),
    "IMPORT_INTERRUPTED": ErrorText(
        502, _("The connection to the link's server broke before the whole file was here.")
    ),
    # Storage and machine.
    "STORAGE_FULL": ErrorText(507, _("There is no room left on the server's storage.")),
    "STORAGE_UNAVAILABLE": ErrorText(
        503, _("The server's storage does not answer. Try again in a few minutes.")
    ),
    "DATABASE_UNAVAILABLE": ErrorText(
        503, _("The server's database does not answer. Try again in a moment.")
    ),
    "STORAGE_CORRUPT": ErrorText(
        500, _("The server's storage gave back other bytes than it was given.")
    ),
    "SOURCE_MISSING": ErrorText(
        410, _("The video's file is gone, so this cannot be made any more.")
    ),
    "TOOL_FAILED": ErrorText(
        500, _("The video tool stopped with an error. An administrator can see its words.")
    ),
    "TOOL_LIMIT_MEMORY": ErrorText(
        422, _("This file needs more memory than the server allows for one video.")
    ),
    "TOOL_LIMIT_CPU": ErrorText(
        422, _("This file needs more computing time than the server allows for one video.")
    ),
    "TOOL_LIMIT_SIZE": ErrorText(
        422, _("What was made of this file grew larger than the server allows.")
    ),
    "TOOL_KILLED": ErrorText(
        500, _("The video tool was killed by the server's system, perhaps for lack of memory.")
    ),
    "SANDBOX_FAILED": ErrorText(
        500, _("The video tool could not be started safely. An administrator can see why.")
    ),
    "TOOL_MISSING": ErrorText(503, _("ffmpeg is not installed on the server.")),
    "TOOL_TIMEOUT": ErrorText(500, _("The work took too long and was stopped.")),
    "VERIFICATION_FAILED": ErrorText(
        500,
        _(
            "The finished file did not pass its check. “%(rule)s”: wanted %(expected)s, found %(measured)s."
        ),
    ),
    "WORKER_LOST": ErrorText(
        500, _("The work was interrupted %(attempts)s times and was given up.")
    ),
    "SPEECH_MODEL_MISSING": ErrorText(503, _("No speech model is installed.")),
    "SPEECH_SERVICE_MISSING": ErrorText(503, _("No speech service is set up.")),
    "SPEECH_SERVICE_FAILED": ErrorText(502, _("The speech service did not give a usable answer.")),
    "VISION_SERVICE_FAILED": ErrorText(
        502, _("The description service did not give a usable answer.")
    ),
}

# Why a captions file cannot be read: `mediakit` names the reason, these are its words.
CAPTIONS_REASONS: dict[str, str | Promise] = {
    "bad_timing": _("the time cannot be read"),
    "end_before_start": _("the line ends before it starts"),
    "cue_too_long": _("the text is too long"),
    "time_too_large": _("the time is too far away"),
    "too_many_cues": _("there are too many lines of text"),
    "too_large": _("the file is too large"),
    "no_cues": _("there is no text with a time in it"),
    "unknown_format": _("it is neither SRT, WebVTT nor ASS"),
    "bad_fields": _("the line has too few fields"),
}


class HeimdexError(Exception):
    """An error with a stable code from `ERRORS`.

    `details` go to the client as they are (JSON values); the ones the sentence names are filled into it.
    `headers` are added to an HTTP answer, e.g. `Retry-After`.
    """

    def __init__(
        self,
        code: str,
        details: Mapping[str, Any] | None = None,
        *,
        message: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        self._message = message
        super().__init__(code)

    @property
    def status(self) -> int:
        """The HTTP status this error travels with."""
        return ERRORS[self.code].status

    @property
    def message(self) -> str:
        """One sentence for a person, in the active language."""
        return self._message or text_for(self.code, self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


# Parameters whose values are words of ours.
_WORDS: Mapping[str, Callable[[Any], Any]] = {
    "reason": lambda value: CAPTIONS_REASONS.get(value, value),
    "rule": rule_word,
    "expected": value_word,
    "measured": value_word,
}


class _Shown(dict[str, Any]):
    """Parameters for a sentence; one that is not there is shown as an ellipsis rather than failing."""

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        shown = _WORDS.get(key)
        return shown(value) if shown else value

    def __missing__(self, key: str) -> str:
        return "…"


def text_for(code: str, params: Mapping[str, Any] | None = None) -> str:
    """The sentence for a code in the active language; an unknown code gets the general one."""
    entry = ERRORS.get(code, ERRORS["INTERNAL_ERROR"])
    return str(entry.text) % _Shown(params or {})
