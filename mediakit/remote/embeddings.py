"""Vectors of texts by a server with the OpenAI embeddings API: texts that mean alike have vectors that point alike."""

import math
from collections.abc import Sequence
from typing import Any

from mediakit.remote import http_service

PATH = "/embeddings"
MAX_DIMENSIONS = 8_192
Vector = tuple[float, ...]


class EmbeddingServiceError(http_service.ServiceError):
    """The embedding service gave no usable answer."""


def embed_texts(
    texts: Sequence[str], *, url: str, key: str, model: str, timeout_s: float, attempts: int = 3
) -> list[Vector]:
    """Return a vector of length 1 for each text, all of the same dimensions.

    `url` is the server's base address, such as `http://host:8080/v1`. Raises EmbeddingServiceError without a usable
    answer after `attempts`; its `status` is 400, 413 or 422 where the texts themselves were refused.
    """
    if not texts:
        return []
    answer = http_service.post(
        http_service.endpoint(url, PATH),
        error=EmbeddingServiceError,
        key=key,
        timeout_s=timeout_s,
        attempts=attempts,
        json={"model": model, "input": list(texts), "encoding_format": "float"},
    )
    vectors = _vectors(answer, len(texts))
    if len({len(vector) for vector in vectors}) != 1:
        raise EmbeddingServiceError("The service's vectors differ in length.", status=200)
    return vectors


def _vectors(answer: Any, count: int) -> list[Vector]:
    """The vectors of an answer in the order of the texts; it may hold them in another one."""
    found: dict[int, Vector] = {}
    try:
        for number, row in enumerate(answer["data"]):
            found[int(row.get("index", number))] = _unit_vector(row["embedding"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise EmbeddingServiceError("The service's answer holds no vectors.", status=200) from None
    if sorted(found) != list(range(count)):
        raise EmbeddingServiceError("The service left out a vector.", status=200)
    return [found[number] for number in range(count)]


def _unit_vector(values: Any) -> Vector:
    """The vector at length 1. Raises ValueError for one that has no direction or too many dimensions."""
    numbers = [float(value) for value in values]
    length = math.hypot(*numbers)
    if not 0 < len(numbers) <= MAX_DIMENSIONS or not math.isfinite(length) or not length:
        raise ValueError
    return tuple(number / length for number in numbers)
