"""Structured logs: one line per event, as JSON or plain text, with the job's or request's id on every line."""

import logging.config
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import structlog
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_SECRET = re.compile(
    r"((?:token|signature|X-Amz-[A-Za-z]+|sig)=)[^&\s\"']+|(/d/|/account/reset/[^/\s\"'?]+/)[^/\s\"'?]+|(hdx_)[\w-]{20,}",
    re.IGNORECASE,
)
# Longer values of an event are truncated.
_MAX_VALUE_CHARS = 10_000
# The values of these keys may have several lines.
_TRACEBACK_KEYS = ("exception", "stack")
# Not percent-encoded in logged paths. Everything else is, so that a request cannot forge a log line.
_SAFE_IN_PATH = "/:@!$&'()*+,;=~"


def redact_secrets(text: str) -> str:
    """The text without the signatures and tokens of links."""
    return _SECRET.sub(lambda found: f"{found[1] or found[2] or found[3]}…", text)


def escape_to_one_line(text: str) -> str:
    """The text with line breaks, control and bidirectional characters escaped, safe to print on a terminal."""
    if len(text) > _MAX_VALUE_CHARS:
        text = f"{text[:_MAX_VALUE_CHARS]}… ({len(text)} characters)"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _redact_event(_logger: object, _name: str, event: Any) -> Any:
    for key, value in event.items():
        if isinstance(value, HttpRequest):
            event[key] = redact_secrets(f"{value.method} {value.get_full_path()}")
        elif isinstance(value, str):
            event[key] = redact_secrets(value)
        elif not isinstance(value, (bool, int, float, type(None))):
            event[key] = redact_secrets(repr(value))
    return event


def _escape_event(_logger: object, _name: str, event: Any) -> Any:
    """Escape the values, so that untrusted text cannot begin a log line or send terminal commands."""
    for key, value in event.items():
        if key in _TRACEBACK_KEYS and isinstance(value, str):
            event[key] = "\n".join(map(escape_to_one_line, value.split("\n")))
        elif isinstance(value, str):
            event[key] = escape_to_one_line(value)
    return event


def _indent_tracebacks(_logger: object, _name: str, event: Any) -> Any:
    """Indent tracebacks in plain-text logs, so that untrusted text quoted in them does not look like an event."""
    for key in _TRACEBACK_KEYS:
        if isinstance(event.get(key), str):
            event[key] = "\n".join(f"  | {line}" for line in event[key].split("\n"))
    return event


def logging_config(*, log_format: str, level: str) -> None:
    """Configure all loggers to write through structlog to standard error, as `json` or `console` lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _redact_event,
        _escape_event,
    ]
    last: list[Any] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if log_format == "json"
        else [_indent_tracebacks, structlog.dev.ConsoleRenderer(colors=False)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "lines": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [
                        structlog.stdlib.PositionalArgumentsFormatter(),
                        *shared,
                    ],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *last,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "celery": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
                "botocore": {"level": "WARNING"},
                "boto3": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "axes": {"level": "WARNING"},
                "uvicorn": {
                    "level": "CRITICAL"
                },  # our own application logs; strangers' bad requests are no news
                "faster_whisper": {"level": "WARNING"},
                "django.request": {"level": "ERROR"},
            },
        }
    )


class RequestLogMiddleware:
    """Logs one line for each request that is not GET, HEAD or OPTIONS, or that ended with a 5xx status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._log = logging.getLogger("heimdex.request")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = self._get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"} or response.status_code >= 500:
            self._log.info(
                "%s %s %s %d ms",
                request.method,
                quote(request.path, safe=_SAFE_IN_PATH),
                response.status_code,
                (time.monotonic() - began) * 1000,
            )
        return response
