"""One question to a server with the OpenAI chat API, answered with a JSON object."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from mediakit.remote import http_service

PATH = "/chat/completions"
# Not every server supports these fields. Without them the answer is valid JSON slightly less often.
_OPTIONAL_FIELDS = {"response_format": {"type": "json_object"}, "temperature": 0.2}
_REJECTED_STATUSES = frozenset({400, 422})


def ask_for_object(
    content: str | Sequence[dict[str, Any]],
    *,
    keys: frozenset[str],
    error: type[http_service.ServiceError],
    url: str,
    key: str,
    model: str,
    timeout_s: float,
    attempts: int,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Send one message of a user, and return the first JSON object of the answer that has one of the `keys`.

    `url` is the server's base address, such as `http://host:8080/v1`. Raises `error` without such an answer after
    `attempts`, and StoppedError while waiting.
    """
    request = {"model": model, "messages": [{"role": "user", "content": content}]}

    def ask(body: dict[str, Any]) -> Any:
        return http_service.post(
            http_service.endpoint(url, PATH),
            error=error,
            key=key,
            timeout_s=timeout_s,
            attempts=attempts,
            should_stop=should_stop,
            json=body,
        )

    try:
        answer = ask(request | _OPTIONAL_FIELDS)
    except http_service.ServiceError as refused:
        if refused.status not in _REJECTED_STATUSES:
            raise
        answer = ask(request)
    found = _first_object(_message_text(answer, error), keys)
    if found is None:
        raise error("The service's answer holds nothing that was asked for.", status=200)
    return found


def _message_text(answer: Any, error: type[http_service.ServiceError]) -> str:
    """Return the text of a chat answer, which is a string or a list of parts."""
    try:
        content = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise error("The service's answer has no message.", status=200) from None
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        content = "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _first_object(text: str, keys: frozenset[str]) -> dict[str, Any] | None:
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and found.keys() & keys:
            return found
        start = text.find("{", start + 1)
    return None
