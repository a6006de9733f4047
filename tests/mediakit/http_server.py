"""A real local HTTP server that gives the answers of a test and records the requests."""

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass
class Service:
    """`answers` (status, body, headers) are given in turn; the last one is repeated.

    A body may be a function of the request; it returns status and body.
    """

    url: str = ""
    answers: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        self.answers.append((status, body, headers))


@contextlib.contextmanager
def serving() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.requests.append(Request(self.path, dict(self.headers), body))
            status, answer, headers = (
                service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
            )
            if callable(answer):
                status, answer = answer(service.requests[-1])
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
