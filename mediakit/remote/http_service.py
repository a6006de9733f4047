"""Requests to a remote service, with timeouts, retries, limited answers and no secrets in messages."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from mediakit.errors import MediaError, MediaErrorCode, StoppedError

ATTEMPTS = 4
# The wait after the first failure. It doubles, and a service's Retry-After may prolong it, up to the limit.
FIRST_WAIT_S, MAX_WAIT_S = 1.0, 30.0
POLL_S = 0.2
CONNECT_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024
# Statuses after which the same request may succeed.
RETRYABLE_STATUSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})


class ServiceError(MediaError):
    """The service cannot be reached, or its answer cannot be used. `status` is the HTTP status, 0 without an answer."""

    code = MediaErrorCode.SERVICE_FAILED

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message, params={"status": status})
        self.status = status


def endpoint(base: str, path: str) -> str:
    """Return the address of an endpoint. `base` may already end with its path."""
    base = base.rstrip("/")
    return base if base.endswith(path) else f"{base}{path}"


def post(
    url: str,
    *,
    error: type[ServiceError],
    key: str,
    timeout_s: float,
    attempts: int = ATTEMPTS,
    should_stop: Callable[[], bool] | None = None,
    **body: Any,
) -> Any:
    """Send a POST with httpx's `json`, `data` or `files`, and return the JSON answer.

    Retried with growing waits while the service is unreachable or busy, then raises `error`. Its message contains
    neither the key nor text from the service. Raises StoppedError while waiting.
    """
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
    problem = error("The service was not asked.")
    with httpx.Client(timeout=timeout, headers=headers) as client:
        for attempt in range(max(1, attempts)):
            status, retry_after_s = 0, 0.0
            try:
                status, answer_headers, answer = _request(client, url, body)
            except httpx.TransportError as caught:
                problem = error(f"The service cannot be reached ({type(caught).__name__}).")
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as caught:
                raise error(f"The service cannot be asked ({type(caught).__name__}).") from None
            else:
                if status == 200:
                    return _parse_json(answer, error)
                problem = error(f"The service answered with status {status}.", status=status)
                retry_after_s = _retry_after_s(answer_headers)
            if status and status not in RETRYABLE_STATUSES:
                break
            if attempt + 1 < attempts:
                _wait(max(FIRST_WAIT_S * 2**attempt, retry_after_s), should_stop)
    raise problem


def _request(
    client: httpx.Client, url: str, body: Mapping[str, Any]
) -> tuple[int, httpx.Headers, bytes]:
    """Send one request. Return status, headers and the answer, cut off after MAX_ANSWER_BYTES."""
    with client.stream("POST", url, **body) as response:
        answer = bytearray()
        for part in response.iter_bytes():
            answer += part
            if len(answer) > MAX_ANSWER_BYTES:
                break
        return response.status_code, response.headers, bytes(answer)


def _parse_json(answer: bytes, error: type[ServiceError]) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        raise error("The service did not answer with JSON.", status=200) from None


def _retry_after_s(headers: httpx.Headers) -> float:
    """Return the seconds of the Retry-After header, at most MAX_WAIT_S; 0 without one."""
    value = headers.get("retry-after", "")
    return min(MAX_WAIT_S, float(value)) if value.isdecimal() else 0.0


def _wait(seconds: float, should_stop: Callable[[], bool] | None) -> None:
    until = time.monotonic() + min(MAX_WAIT_S, seconds)
    while True:
        if should_stop is not None and should_stop():
            raise StoppedError("waiting for a service was stopped")
        left = until - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(POLL_S, left))
