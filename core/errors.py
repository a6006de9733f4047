"""Errors that a user or a program meets: a code with its HTTP status and its sentence.

Each app declares its codes as an `ErrorCode` in its `errors` module, and raises them as `HeimdexError`. `core.http`
turns one into the error JSON; pages show the same sentence. Rows keep the code and its parameters, never the sentence,
so that each reader gets their own language.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from importlib import import_module
from typing import Any, Self

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mediakit.errors import InputError, MediaError, MediaErrorCode

Labels = Mapping[str, Callable[[Any], object]]

_BY_NAME: "dict[str, ErrorCode]" = {}


class ErrorCode(Enum):
    """The base of each app's codes; a member's name is the public, stable code.

    A member is declared as `NAME = status, sentence` or `NAME = status, sentence, labels`. The sentence is translated
    lazily and has named parameters (`%(limit)s`); `labels` holds, by parameter, a function from its value to words.
    Two codes of the same name in different apps are refused with a ValueError.
    """

    status: int
    sentence: str | Promise
    labels: Labels

    def __new__(cls, status: int, sentence: str | Promise, labels: Labels | None = None) -> Self:
        """Make a member. Its value is its position, because an enum merges members of equal value."""
        member = object.__new__(cls)
        member._value_ = len(cls.__members__)
        member.status = status
        member.sentence = sentence
        member.labels = labels or {}
        return member

    def __init_subclass__(cls) -> None:
        for name, member in cls.__members__.items():
            if _BY_NAME.setdefault(name, member) is not member:
                raise ValueError(f"{name} is a code of {type(_BY_NAME[name]).__name__} already")

    def __str__(self) -> str:
        return self.name

    def message(self, params: Mapping[str, Any]) -> str:
        """The sentence in the active language, with its parameters filled in."""
        return str(self.sentence) % _Params(params, self.labels)


class CoreCode(ErrorCode):
    """Codes that belong to no app: errors of HTTP requests and of the machine."""

    INVALID_INPUT = 422, _("Some of what was sent cannot be used.")
    UNAUTHENTICATED = 401, _("Log in or send a valid access token.")
    FORBIDDEN = 403, _("You may not do that.")
    NOT_FOUND = 404, _("There is nothing here.")
    METHOD_NOT_ALLOWED = 405, _("That method does not work here.")
    NOT_ACCEPTABLE = 406, _("The wanted content type cannot be answered.")
    CONFLICT = 409, _("That is not possible in its present state.")
    IDEMPOTENCY_KEY_REUSED = (
        409,
        _("This Idempotency-Key was sent with another request before. Use a new key."),
    )
    REQUEST_TOO_LARGE = 413, _("This is more than may be sent in one request.")
    UNSUPPORTED_MEDIA_TYPE = 415, _("That content type is not understood here.")
    THROTTLED = 429, _("Too many requests. Try again in a moment.")
    INTERNAL_ERROR = 500, _("Something went wrong on our side. It has been logged.")
    # The machine: its database, its disk, its tools.
    DATABASE_UNAVAILABLE = 503, _("The server's database does not answer. Try again in a moment.")
    STORAGE_FULL = 507, _("There is no room left on the server's storage.")
    TOOL_FAILED = (
        500,
        _("The video tool stopped with an error. An administrator can see its words."),
    )
    TOOL_MISSING = 503, _("ffmpeg is not installed on the server.")
    TOOL_TIMEOUT = 500, _("The work took too long and was stopped.")
    TOOL_LIMIT_MEMORY = 422, _("This file needs more memory than the server allows for one video.")
    TOOL_LIMIT_CPU = (
        422,
        _("This file needs more computing time than the server allows for one video."),
    )
    TOOL_LIMIT_SIZE = 422, _("What was made of this file grew larger than the server allows.")
    TOOL_KILLED = (
        500,
        _("The video tool was killed by the server's system, perhaps for lack of memory."),
    )
    SANDBOX_FAILED = (
        500,
        _("The video tool could not be started safely. An administrator can see why."),
    )


class HeimdexError(Exception):
    """An error with a public code.

    `details` go to the client as they are (JSON values); the ones that the sentence names are filled into it.
    `message` replaces the code's own sentence. `headers` are added to an HTTP answer, e.g. `Retry-After`.
    """

    def __init__(
        self,
        code: ErrorCode,
        details: Mapping[str, Any] | None = None,
        *,
        message: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if not isinstance(code, ErrorCode):
            raise TypeError(f"not an ErrorCode: {code!r}")
        self.code = code
        self.details = dict(details or {})
        self.headers = dict(headers or {})
        if code is CoreCode.UNAUTHENTICATED:  # RFC 9110 asks for it
            self.headers.setdefault("WWW-Authenticate", "Bearer")
        self._message = message
        super().__init__(code)

    @property
    def status(self) -> int:
        """The HTTP status of an answer with this error."""
        return self.code.status

    @property
    def message(self) -> str:
        """One sentence for a person, in the active language."""
        return self._message or self.code.message(self.details)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def all_codes() -> Mapping[str, ErrorCode]:
    """Return the public codes of all apps, by name."""
    return dict(_BY_NAME)


def text_for(code: str, params: Mapping[str, Any] | None = None) -> str:
    """Return a stored code's sentence in the active language; INTERNAL_ERROR's for an unknown code."""
    return _BY_NAME.get(code, CoreCode.INTERNAL_ERROR).message(params or {})


def media_code(code: MediaErrorCode) -> ErrorCode:
    """Return the public code for a mediakit code; INTERNAL_ERROR for a code that only our own bug can cause."""
    found: ErrorCode = import_module(settings.ERROR_CODES).MEDIA_CODES[code]
    return found


def api_code(code: ErrorCode) -> ErrorCode:
    """Return the code that the API sends to clients for a code: the same one unless API_CODES maps it."""
    found: ErrorCode = import_module(settings.ERROR_CODES).API_CODES.get(code, code)
    return found


def from_media(error: MediaError) -> HeimdexError:
    """Return the public error for a mediakit error. Only an error in the user's input keeps its parameters."""
    code = media_code(error.code)
    is_input_error = isinstance(error, InputError) and code is not CoreCode.INTERNAL_ERROR
    return HeimdexError(code, error.params if is_input_error else None)


class _Params(dict[str, Any]):
    """A sentence's parameters, replaced by their labels where there are any; a missing parameter is an ellipsis."""

    def __init__(self, params: Mapping[str, Any], labels: Labels) -> None:
        super().__init__(params)
        self._labels = labels

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        label = self._labels.get(key)
        return label(value) if label else value

    def __missing__(self, key: str) -> str:
        return "…"
