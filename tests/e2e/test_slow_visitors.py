"""2,000 slow readers, writers and heads at the one process: another visitor's pages are answered."""

import httpx

from tests.e2e.server import Installation
from tests.slow_visitors import Slow, is_open, person_with_a_long_video

VISITORS = 2000


def test_pages_are_answered_while_slow_visitors_hold_their_connections(own: Installation):
    video, session = person_with_a_long_video(own, "slow")

    with own.serving() as server:
        slow = Slow(server.url, video=video, session=session)
        with slow.visitors(VISITORS) as connections:
            answers = [httpx.get(f"{server.url}/account/login", timeout=60) for _ in range(3)]
            readers = connections[::3]

            assert [answer.status_code for answer in answers] == [200] * 3
            assert all(is_open(reader) for reader in readers)
        assert server.stop() == 0
