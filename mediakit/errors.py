"""What can go wrong, in two families: their input, or our tools.

Every error carries a stable `code` and JSON-ready `params`; the words people read are chosen
elsewhere, per language. `str(error)` is one plain English sentence for logs.
"""

from collections.abc import Mapping

Json = str | int | float | bool | None


class MediaError(Exception):
    """Anything `mediakit` refuses or fails to do."""

    code = "MEDIA_ERROR"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        params: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code
        self.params: dict[str, Json] = dict(params or {})


class InputError(MediaError):
    """The input cannot be used, and trying again will not help."""

    code = "INVALID_MEDIA"

    def __init__(self, code: str, message: str, **params: Json) -> None:
        super().__init__(message, code=code, params=params)


class ToolError(MediaError):
    """A tool of ours failed; the same job may succeed another time.

    `tail` holds the last words of the tool, for whoever looks into it.
    """

    code = "TOOL_FAILED"

    def __init__(
        self, message: str, *, tool: str, returncode: int | None = None, tail: str = ""
    ) -> None:
        super().__init__(message, params={"tool": tool, "returncode": returncode})
        self.tool = tool
        self.returncode = returncode
        self.tail = tail


class ToolMissingError(ToolError):
    """The program is not installed, or not where we look for programs."""

    code = "TOOL_MISSING"


class ToolTimeoutError(ToolError):
    """The program ran longer than it was given and was killed."""

    code = "TOOL_TIMEOUT"


class ToolLimitError(ToolError):
    """The program needed more than a child may have, or the system killed it.

    `limit` is "memory", "cpu", "size" or "killed"; each has a code of its own.
    """

    CODES: Mapping[str, str] = {
        "memory": "TOOL_LIMIT_MEMORY",
        "cpu": "TOOL_LIMIT_CPU",
        "size": "TOOL_LIMIT_SIZE",
        "killed": "TOOL_KILLED",
    }

    def __init__(
        self, message: str, *, limit: str, tool: str, returncode: int, tail: str = ""
    ) -> None:
        super().__init__(message, tool=tool, returncode=returncode, tail=tail)
        self.limit = limit
        self.code = self.CODES[limit]


# The file itself needs more than it may have: trying again cannot help.
OWN_LIMITS = frozenset(code for limit, code in ToolLimitError.CODES.items() if limit != "killed")


class SandboxError(ToolError):
    """The program was not started, as its fence could not be put up."""

    code = "SANDBOX_FAILED"


class EncoderError(ToolError):
    """An encoder in hardware failed; x264 can make the same Short."""


class StoppedError(MediaError):
    """The caller's `should_stop` said so; nothing of the work is left running."""

    code = "STOPPED"


class VerificationError(MediaError):
    """A finished file breaks a promise; `params` say which, what was wanted and what was found.

    `receipt` is everything that was measured, as JSON.
    """

    code = "VERIFICATION_FAILED"

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
