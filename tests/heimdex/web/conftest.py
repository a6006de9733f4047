"""A web server in this process, around any WSGI application."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from wsgiref.types import WSGIApplication

import pytest

from heimdex.web.server import WebServer

Serving = Callable[[WSGIApplication], int]


@contextmanager
def running(application: WSGIApplication) -> Iterator[int]:
    """The port on which the application is answered."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port: int = listening.getsockname()[1]
    server = WebServer(listening, application)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield port
    finally:
        server.stop()
        thread.join(30)
        server.close()
        assert not thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Serving]:
    """Start servers that end with the test."""
    with ExitStack() as stack:
        yield lambda application: stack.enter_context(running(application))
