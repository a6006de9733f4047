"""Errors of `mediakit`, in two families: of the user's input, and of our tools.

Every error has a stable `code` and `params` of JSON values; the application has the sentences that
users read, by language. `str(error)` is an English sentence for logs.
"""

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Any

Json = str | int | float | bool | None


class MediaErrorCode(StrEnum):
    """Every code that an error of `mediakit` carries; the value is the member's name."""

    @staticmethod
    def _generate_next_value_(name: str, *_args: Any) -> str:
        return name

    # The family's own codes, for errors that have no closer one.
    MEDIA_ERROR = auto()
    INVALID_MEDIA = auto()
    STOPPED = auto()
    # The source.
    EMPTY_FILE = auto()
    NOT_A_VIDEO = auto()
    NO_VIDEO_STREAM = auto()
    TRUNCATED_FILE = auto()
    TOO_MANY_TRACKS = auto()
    RAW_STREAM = auto()
    SOURCE_NOT_PLAIN = auto()
    UNSUPPORTED_CODEC = auto()
    VIDEO_TOO_LARGE = auto()
    # Captions and logos.
    CAPTIONS_INVALID = auto()
    LOGO_INVALID = auto()
    LOGO_TOO_LARGE = auto()
    # Files that finish Shorts: cards and music.
    FINISH_FILE_INVALID = auto()
    FINISH_FILE_TOO_LARGE = auto()
    FINISH_FILE_TOO_LONG = auto()
    # The specification of a Short.
    SPAN_INVALID = auto()
    SPAN_TOO_LONG = auto()
    RANGES_INVALID = auto()
    RANGES_SCATTERED = auto()
    SPAN_OUTSIDE_VIDEO = auto()
    UNKNOWN_STRATEGY = auto()
    UNKNOWN_QUALITY = auto()
    UNKNOWN_ASPECT_RATIO = auto()
    NO_SUCH_TRACK = auto()
    SOUND_UNREADABLE = auto()
    # Our tools and services.
    TOOL_FAILED = auto()
    TOOL_MISSING = auto()
    TOOL_TIMEOUT = auto()
    TOOL_LIMIT_MEMORY = auto()
    TOOL_LIMIT_CPU = auto()
    TOOL_LIMIT_SIZE = auto()
    TOOL_KILLED = auto()
    SANDBOX_FAILED = auto()
    SERVICE_FAILED = auto()
    MODEL_FETCH_FAILED = auto()
    SPEECH_MODEL_MISSING = auto()
    SPEECH_SERVICE_FAILED = auto()
    VISION_SERVICE_FAILED = auto()
    RANKING_SERVICE_FAILED = auto()
    # The finished file.
    VERIFICATION_FAILED = auto()


class MediaError(Exception):
    """Base of all errors of `mediakit`."""

    code: MediaErrorCode = MediaErrorCode.MEDIA_ERROR

    def __init__(
        self,
        message: str,
        *,
        code: MediaErrorCode | None = None,
        params: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.params: dict[str, Json] = dict(params or {})


class InputError(MediaError):
    """The input cannot be used, and trying again will not help."""

    code = MediaErrorCode.INVALID_MEDIA

    def __init__(self, code: MediaErrorCode, message: str, **params: Json) -> None:
        super().__init__(message, code=code, params=params)


class ToolError(MediaError):
    """A tool failed; the same job may succeed in another attempt.

    `tail` holds the end of the tool's error output, for administrators.
    """

    code = MediaErrorCode.TOOL_FAILED

    def __init__(
        self, message: str, *, tool: str, returncode: int | None = None, tail: str = ""
    ) -> None:
        super().__init__(message, params={"tool": tool, "returncode": returncode})
        self.tool = tool
        self.returncode = returncode
        self.tail = tail


class ToolMissingError(ToolError):
    """The program is not installed, or not where we look for programs."""

    code = MediaErrorCode.TOOL_MISSING


class ToolTimeoutError(ToolError):
    """The program exceeded its time limit and was killed."""

    code = MediaErrorCode.TOOL_TIMEOUT


class ToolLimitError(ToolError):
    """The program exceeded a resource limit, or the system killed it.

    `limit` is "memory", "cpu", "size" or "killed"; each has a code of its own.
    """

    CODES: Mapping[str, MediaErrorCode] = {
        "memory": MediaErrorCode.TOOL_LIMIT_MEMORY,
        "cpu": MediaErrorCode.TOOL_LIMIT_CPU,
        "size": MediaErrorCode.TOOL_LIMIT_SIZE,
        "killed": MediaErrorCode.TOOL_KILLED,
    }

    def __init__(
        self, message: str, *, limit: str, tool: str, returncode: int, tail: str = ""
    ) -> None:
        super().__init__(message, tool=tool, returncode=returncode, tail=tail)
        self.limit = limit
        self.code = self.CODES[limit]


class SandboxError(ToolError):
    """The program was not started, as its confinement could not be applied."""

    code = MediaErrorCode.SANDBOX_FAILED


# After these the rest is unknown: a retry in another way does not help, and what was made so far is not a whole result.
FATAL_ERRORS = (SandboxError, ToolLimitError, ToolMissingError, ToolTimeoutError)


class EncoderError(ToolError):
    """An encoder in hardware failed; x264 can make the same Short."""


class StoppedError(MediaError):
    """The caller's `should_stop` returned True; no process of the work is left running."""

    code = MediaErrorCode.STOPPED


class VerificationError(MediaError):
    """A finished file breaks a rule; `params` hold the rule, the expected and the measured value.

    `receipt` holds all measurements as JSON.
    """

    code = MediaErrorCode.VERIFICATION_FAILED

    def __init__(
        self,
        *,
        rule: str,
        expected: str,
        measured: str,
        receipt: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(
            f"The finished file breaks the rule “{rule}”: expected {expected}, measured {measured}.",
            params={"rule": rule, "expected": expected, "measured": measured},
        )
        self.receipt = dict(receipt or {})
