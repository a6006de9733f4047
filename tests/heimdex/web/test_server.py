"""The web server: what it hands on, what it refuses before it has read it, and when it ends a connection."""

import http.client
import io
import json
import socket
import threading
import time

import pytest

from heimdex.web import application as application_module
from heimdex.web import server
from heimdex.web.body_limits import ANONYMOUS_BYTES

TIMEOUT_S = 30


def echo(environ, start_response):
    """Responds with the request that it received; it knows the sender of "Bearer known"."""
    path = environ["PATH_INFO"]
    if path == "/-/may-send":
        known = environ.get("HTTP_AUTHORIZATION") == "Bearer known"
        start_response("204 No Content" if known else "401 Unauthorized", [("X-Asked", path)])
        return []
    if path.startswith("/-/refused/"):
        status = "413 Too Large" if path.endswith("LARGE") else "429 Too Many"
        start_response(status, [("Content-Length", "3")])
        return [b"no!"]
    body = environ["wsgi.input"].read()
    received = {
        key: value for key, value in environ.items() if isinstance(value, str) and key.isupper()
    }
    answer = json.dumps({**received, "length": len(body)}).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


def ask(port, method, path, body=None, headers=None, **options):
    """(status, body) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request(method, path, body, headers or {}, **options)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def read_all(connection):
    """Read to the end."""
    connection.settimeout(TIMEOUT_S)
    while connection.recv(1 << 20):
        pass


def ends(connection):
    """Whether the server ends this connection, in time."""
    try:
        read_all(connection)
    except ConnectionResetError:
        pass
    except TimeoutError:
        return False
    return True


def test_a_request_arrives_as_it_was_sent(serve):
    port = serve(echo)

    status, body = ask(
        port,
        "POST",
        "/caf%C3%A9/x?q=%20",
        b"abc",
        {"X-Forwarded-For": "1.2.3.4", "X_Forwarded_For": "6.6.6.6", "Content-Type": "text/x"},
    )

    received = json.loads(body)
    assert status == 200
    assert received["PATH_INFO"].encode("latin-1").decode() == "/café/x"
    assert (received["QUERY_STRING"], received["CONTENT_TYPE"]) == ("q=%20", "text/x")
    assert (received["HTTP_X_FORWARDED_FOR"], received["REMOTE_ADDR"]) == ("1.2.3.4", "127.0.0.1")
    assert (received["CONTENT_LENGTH"], received["length"]) == ("3", 3)


def test_a_chunked_body_has_a_length_for_the_application(serve):
    status, body = ask(
        serve(echo),
        "POST",
        "/form",
        iter([b"ab", b"cde"]),
        {"Authorization": "Bearer known"},
        encode_chunked=True,
    )

    assert (status, json.loads(body)["CONTENT_LENGTH"]) == (200, "5")


@pytest.mark.parametrize(
    ("path", "length", "token", "status"),
    [
        ("/account/login", ANONYMOUS_BYTES, "", 200),
        ("/account/login", ANONYMOUS_BYTES + 1, "Bearer known", 413),
        ("/health", 600 * 1024**2, "", 413),
        ("/exports", ANONYMOUS_BYTES + 1, "", 401),
        ("/exports", ANONYMOUS_BYTES + 1, "Bearer known", 200),
        ("/exports", 17 * 1024**2, "Bearer known", 413),
        ("/v1/videos", 600 * 1024**2, "Bearer wrong", 401),
        ("/uploads/1", 600 * 1024**2, "", 401),
        ("/v1/videos", 30 * 1024**3, "Bearer known", 413),
        ("/v1/videos", 17 * 1024**2, "Bearer known", 200),
    ],
)
def test_bodies_are_bounded_by_path_and_sender(serve, path, length, token, status):
    """A refusal comes although no byte of the body was sent."""
    port = serve(echo)
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nAuthorization: {token}\r\n\r\n"
        connection.sendall(head.encode())
        if status == 200:
            connection.sendall(b"x" * length)

        answer = connection.recv(65536)

    assert int(answer.split()[1]) == status


def test_a_chunked_body_is_refused_at_its_limit(serve):
    port = serve(echo)
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.sendall(
            b"POST /account/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"x" * 1024
        for _ in range(ANONYMOUS_BYTES // 1024 + 1):
            connection.sendall(b"400\r\n" + piece + b"\r\n")

        assert connection.recv(65536).split()[1] == b"413"


def test_a_sender_with_too_many_large_bodies_is_refused(serve, monkeypatch):
    monkeypatch.setattr(application_module, "LARGE_BODIES_EACH", 1)
    port = serve(echo)
    head = b"POST /exports HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\nAuthorization: Bearer known\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as first,
        socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as second,
    ):
        first.sendall(head + b"x")
        time.sleep(0.2)
        second.sendall(head)
        assert second.recv(65536).split()[1] == b"429"

        first.sendall(b"x" * 99_999)
        assert first.recv(65536).split()[1] == b"200"


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        ("HEAD_S", b"GET / HTTP/1.1\r\nX-Slow: "),
        ("HEAD_S", b""),
        ("BODY_S", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx"),
    ],
)
def test_a_connection_ends_when_nothing_comes(serve, monkeypatch, limit, sent):
    monkeypatch.setattr(server, limit, 0.1)
    port = serve(echo)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)

        assert ends(connection)


def test_a_second_head_has_its_time_too(serve, monkeypatch):
    monkeypatch.setattr(server, "HEAD_S", 0.1)
    port = serve(echo)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET / HT")

        assert ends(connection)


def large_file(tmp_path, closed):
    """An application that gives a file of 64 MiB away; the event is set when it has its thread back."""
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2)

    class Noted(io.FileIO):
        def close(self):
            closed.set()
            super().close()

    def give(environ, start_response):
        start_response("200 OK", [("Content-Length", str(64 * 1024**2 - 5))])
        file = Noted(path)
        file.seek(5)
        return environ["wsgi.file_wrapper"](file)

    return give


def test_a_file_is_sent_from_where_it_stands(serve, tmp_path):
    status, body = ask(serve(large_file(tmp_path, threading.Event())), "GET", "/")

    assert (status, len(body)) == (200, 64 * 1024**2 - 5)


def test_a_body_that_opens_as_it_is_read_is_sent_after_the_call(serve):
    class Body:
        opens_as_read = True
        read = io.BytesIO(b"x" * 500_000).read

        def close(self):
            """The application's call has ended."""

    def give(environ, start_response):
        start_response("200 OK", [("Content-Length", "500000")])
        return environ["wsgi.file_wrapper"](Body())

    status, body = ask(serve(give), "GET", "/")

    assert (status, body) == (200, b"x" * 500_000)


def test_who_reads_nothing_holds_no_thread_and_is_ended(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(server, "SEND_S", 0.1)
    closed = threading.Event()
    port = serve(large_file(tmp_path, closed))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

        assert closed.wait(TIMEOUT_S)
        time.sleep(5)  # two rounds of looking; nothing is read in between
        with pytest.raises(ConnectionResetError):
            read_all(connection)


def test_the_stillest_connection_makes_room(serve, monkeypatch):
    monkeypatch.setattr(server, "max_connections", lambda: 3)
    port = serve(echo)
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
    for connection in reversed(connections):  # the last one is the stillest
        time.sleep(0.05)
        connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
    time.sleep(0.2)

    assert ask(port, "GET", "/")[0] == 200
    assert ends(connections[2])
    for connection in connections[:2]:
        connection.sendall(b"y\r\nHost: x\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    for connection in connections:
        connection.close()


def test_a_visitor_who_left_is_not_worked_for(serve):
    started: list[str] = []
    leave = threading.Event()

    def slow(environ, start_response):
        started.append(environ["PATH_INFO"])
        leave.wait(TIMEOUT_S)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    port = serve(slow)
    busy = [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    for connection in busy:  # all turns of this address
        connection.sendall(b"GET /busy HTTP/1.1\r\nHost: x\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port)) as gone:
        while len(started) < 8:
            time.sleep(0.01)
        gone.sendall(b"GET /gone HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.2)
    time.sleep(0.2)
    leave.set()
    for connection in busy:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.close()

    assert started == ["/busy"] * 8
