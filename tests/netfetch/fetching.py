"""Fetching from servers on loopback, and the errors of links that must not be fetched."""

import os

import pytest

from netfetch.deadline import Limits
from netfetch.errors import FetchError
from netfetch.fetch import open_link
from netfetch.resolver import Network
from netfetch.url import parse_link
from tests.netfetch.http_server import speaking

LIMITS = Limits(max_bytes=1_000_000, total_s=20, min_rate=1)
BODY = os.urandom(200_000)
EVERY_PORT = frozenset(range(1, 65536))
HERE = Network(is_allowed=lambda _address: True, look_up=lambda *_: ["127.0.0.1"], ports=EVERY_PORT)


def fetch(url, *, network=HERE, limits=LIMITS, should_stop=lambda: False):
    """Everything a link leads to."""
    with open_link(
        parse_link(url), limits=limits, should_stop=should_stop, network=network
    ) as download:
        chunks = []
        while chunk := download.read(50_000):
            chunks.append(chunk)
        return download, b"".join(chunks)


def refusal(url, **options):
    """The error of a link that must not be fetched."""
    with pytest.raises(FetchError) as caught:
        fetch(url, **options)
    return caught.value


def error_of(*answers, path="/a.mp4", **options):
    """The error that a server's answers lead to."""
    with speaking(*answers) as server:
        return refusal(f"{server.url}{path}", **options)
