"""Parsers of request bodies."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers

from core.errors import CoreCode, HeimdexError

# What asks for most is a batch of 100 Shorts of 200 ranges each.
MAX_ITEMS = 1_000  # of one list or object
MAX_VALUES = 100_000  # in all


class JSONParser(parsers.JSONParser):
    """JSON without lists of more than MAX_ITEMS: serializers look at each item, and name the faults of each."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body. Raises REQUEST_TOO_LARGE."""
        body = super().parse(stream, media_type, parser_context)
        left = MAX_VALUES
        waiting = [body]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list | dict):
                left -= len(value)
                if len(value) > MAX_ITEMS or left < 0:
                    raise HeimdexError(CoreCode.REQUEST_TOO_LARGE)
                waiting.extend(value.values() if isinstance(value, dict) else value)
        return body
