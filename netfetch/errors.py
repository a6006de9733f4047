"""Errors of fetching a link."""

from enum import StrEnum, auto
from typing import Any

Value = str | int


class FetchErrorCode(StrEnum):
    """Every code that a `FetchError` carries; the value is the member's name."""

    @staticmethod
    def _generate_next_value_(name: str, *_args: Any) -> str:
        return name

    FETCH_STOPPED = auto()
    FETCH_LINK_INVALID = auto()
    FETCH_ADDRESS_REFUSED = auto()
    FETCH_NOT_REACHABLE = auto()
    FETCH_NOT_TRUSTED = auto()
    FETCH_TOO_MANY_REDIRECTS = auto()
    FETCH_REDIRECT_INSECURE = auto()
    FETCH_HTTP_STATUS = auto()
    FETCH_ANSWER_INVALID = auto()
    FETCH_TOO_LARGE = auto()
    FETCH_TOO_SLOW = auto()
    FETCH_INTERRUPTED = auto()


class FetchError(Exception):
    """A link was refused, or its server failed.

    `code` is stable, `params` are JSON values, `is_transient` tells whether another attempt may succeed. `str(error)`
    is an English sentence for logs; it never contains the link, since signed links are secrets.
    """

    def __init__(
        self, code: FetchErrorCode, message: str, *, is_transient: bool = False, **params: Value
    ) -> None:
        super().__init__(message)
        self.code = code
        self.is_transient = is_transient
        self.params: dict[str, Value] = dict(params)
