"""Servers on loopback that say exactly what a test wants, and one that only listens for who comes by."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

Answer = bytes | Callable[[socket.socket], None]


@dataclass
class Server:
    """A port on loopback, the heads of the received requests, and the number of connections."""

    port: int
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its address under a name that only a test's own resolver knows."""
        return f"http://media.example:{self.port}"


@contextlib.contextmanager
def speaking(
    *answers: Answer, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """A server that gives each connection the next answer, the last one again and again, and then hangs up.

    An answer is bytes, or a function that says them itself.
    """
    with socket.create_server(
        (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET
    ) as listener:
        server = Server(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, server, answers, tls), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


def plain(body: bytes, kind: str = "video/mp4") -> bytes:
    """A whole answer."""
    return head(f"Content-Length: {len(body)}", f"Content-Type: {kind}") + body


def redirect(to: str, status: str = "302 Found") -> bytes:
    """A redirect."""
    return head(f"Location: {to}", "Content-Length: 0", status=status)


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate for a name that vouches for itself, and its key."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not installed; `make test` installs it"
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-nodes", "-days", "2", "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run(
        [*command, "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True
    )
    return paths


def _serve(
    listener: socket.socket,
    server: Server,
    answers: tuple[Answer, ...],
    tls: ssl.SSLContext | None,
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        answer = answers[min(server.connections, len(answers) - 1)] if answers else b""
        server.connections += 1
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            _talk(connection, server, answer, tls)


def _talk(
    connection: socket.socket, server: Server, answer: Answer, tls: ssl.SSLContext | None
) -> None:
    if tls:
        with tls.wrap_socket(connection, server_side=True) as wrapped:
            _talk(wrapped, server, answer, None)
        return
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(4096)
        if not data:
            return
        received += data
    server.requests.append(received.decode())
    if callable(answer):
        answer(connection)
    else:
        connection.sendall(answer)
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):  # until the other side has read it all: a reset would cut it
            pass
