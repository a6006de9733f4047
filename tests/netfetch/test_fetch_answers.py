"""Answers of real servers on loopback that lie, never end, or take their time."""

import socket
import threading
import time
from dataclasses import replace

import pytest

from netfetch.deadline import Limits
from netfetch.errors import FetchError
from netfetch.fetch import open_link
from netfetch.resolver import Network
from netfetch.url import parse_link
from tests.netfetch.fetching import BODY, HERE, LIMITS, error_of, fetch, refusal
from tests.netfetch.http_server import head, plain, speaking


def endless(connection):
    """A body without an end."""
    connection.sendall(head())
    while True:
        connection.sendall(bytes(65536))


def dripping(first, piece, pause_s=0.02):
    """Something that never stops coming, and never gets anywhere."""

    def drip(connection):
        connection.sendall(first)
        while True:
            connection.sendall(piece)
            time.sleep(pause_s)

    return drip


def silent(connection):
    """Nothing at all, until the other side goes."""
    connection.recv(1)


QUICK = Limits(max_bytes=1_000_000, total_s=40, min_rate=1_000, rate_window_s=0.4)
HASTY = replace(QUICK, response_s=0.4)


class TestAnswers:
    @pytest.mark.parametrize(
        "status", ["404 No", "403 No", "204 No", "206 Part", "500 No", "503 No"]
    )
    def test_another_status_is_told(self, status):
        error = error_of(head("Content-Length: 6", status=status) + b"banner")
        assert (error.code, error.params["status"]) == ("FETCH_HTTP_STATUS", int(status[:3]))
        assert error.is_transient is (status[0] == "5")
        assert "banner" not in f"{error}{error.params}"

    @pytest.mark.parametrize(
        "answer",
        [
            b"SSH-2.0-OpenSSH_9.2\r\n",
            b"-ERR unknown command\r\n",
            b"",
            head("Content-Length: -1"),
            head("Content-Length: 1", "Content-Length: 2") + b"x",
            head("Content-Length: x"),
            head(*(f"X-{n}: {'a' * 1000}" for n in range(300))),
            head("X: " + "a" * 300_000),
            head("Content-Encoding: gzip", "Content-Length: 3") + b"\x1f\x8b\x08",
            head("Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
        ],
    )
    def test_what_is_no_plain_answer_is_refused(self, answer):
        error = error_of(answer)
        assert (error.code, error.is_transient, error.params) == ("FETCH_ANSWER_INVALID", False, {})
        assert "SSH" not in str(error)

    def test_less_than_announced_is_told(self):
        error = error_of(head("Content-Length: 100") + b"short")
        assert (error.code, error.is_transient) == ("FETCH_INTERRUPTED", True)

    def test_what_failed_once_is_not_taken_for_an_end_later(self):
        with (
            speaking(head("Content-Length: 100") + b"short") as server,
            open_link(
                parse_link(f"{server.url}/"),
                limits=LIMITS,
                should_stop=lambda: False,
                network=HERE,
            ) as download,
        ):
            assert download.read(100) == b"short"
            for _ in range(2):
                with pytest.raises(FetchError):
                    download.read(100)

    def test_more_than_announced_is_left(self):
        with speaking(head("Content-Length: 5") + b"hello and more") as server:
            assert fetch(f"{server.url}/")[1] == b"hello"

    @pytest.mark.parametrize("chunks", [b"5\r\nhel", b"zz\r\nhello\r\n", b"5\r\nhelloxx"])
    def test_broken_chunks_are_told(self, chunks):
        error = error_of(head("Transfer-Encoding: chunked") + chunks)
        assert error.code == "FETCH_INTERRUPTED"

    def test_an_announced_length_over_the_limit_is_refused_before_a_byte(self):
        error = error_of(head("Content-Length: 1000001"))
        assert (error.code, error.params) == ("FETCH_TOO_LARGE", {"limit_bytes": 1_000_000})

    def test_a_body_without_end_stops_at_the_limit(self):
        assert error_of(endless).code == "FETCH_TOO_LARGE"

    def test_a_bomb_is_not_unpacked(self):
        """What claims to be packed is not taken, however small it is."""
        error = error_of(head("Content-Encoding: deflate, gzip", "Content-Length: 10") + bytes(10))
        assert error.code == "FETCH_ANSWER_INVALID"

    def test_a_closed_port(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        error = refusal(f"http://media.example:{port}/")
        assert (error.code, error.is_transient) == ("FETCH_NOT_REACHABLE", True)


class TestDeadline:
    def test_a_drip_of_a_body_is_too_slow(self):
        began = time.monotonic()
        assert error_of(dripping(head(), b"x"), limits=QUICK).code == "FETCH_TOO_SLOW"
        assert time.monotonic() - began < QUICK.total_s / 2

    def test_silence_in_the_body_is_too_slow(self):
        def half(connection):
            connection.sendall(head("Content-Length: 100") + b"half")
            silent(connection)

        assert error_of(half, limits=QUICK).code == "FETCH_TOO_SLOW"

    @pytest.mark.parametrize(
        "answer",
        [
            silent,
            dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
            dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ],
        ids=["silence", "headers", "continue"],
    )
    def test_a_head_that_does_not_come_is_not_waited_for(self, answer):
        error = error_of(answer, limits=HASTY)
        assert (error.code, error.is_transient) == ("FETCH_NOT_REACHABLE", True)

    def test_a_look_up_that_does_not_come_is_not_waited_for(self):
        here = threading.Event()
        network = Network(look_up=lambda *_: [str(here.wait(30))])
        assert refusal("http://a.example/", network=network, limits=HASTY).is_transient
        here.set()

    def test_the_whole_has_an_end(self):
        limits = Limits(max_bytes=10**9, total_s=0.5, min_rate=0)
        error = error_of(dripping(head(), bytes(100)), limits=limits)
        assert error.code == "FETCH_TOO_SLOW"

    def test_time_spent_on_storing_is_not_the_servers_fault(self):
        with (
            speaking(plain(BODY)) as server,
            open_link(
                parse_link(f"{server.url}/"),
                limits=replace(QUICK, min_rate=100_000),
                should_stop=lambda: False,
                network=HERE,
            ) as download,
        ):
            data = download.read(10)
            time.sleep(2 * QUICK.rate_window_s)
            while chunk := download.read(50_000):
                data += chunk
        assert data == BODY

    def test_it_stops_at_once_when_told(self):
        answers = iter([False] * 5 + [True])  # and no more: it is not asked again
        error = error_of(dripping(head(), b"x"), should_stop=lambda: next(answers))
        assert error.code == "FETCH_STOPPED"
