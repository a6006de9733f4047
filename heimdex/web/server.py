"""The web server of `manage.py serve`: uvicorn that ends stalled connections."""

import asyncio
import contextlib
import resource
import socket
import struct
from collections.abc import Iterator
from wsgiref.types import WSGIApplication

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from heimdex.web.application import Application

# A connection ends when its request's head is not whole after HEAD_S, no byte of its body came for BODY_S, or nothing
# of its response was taken for SEND_S (a player that is paused asks again for the rest).
HEAD_S = 20.0
BODY_S = 30.0
SEND_S = 60.0
IDLE_S = 15
STOP_S = 2
MAX_CONNECTIONS = 4096
OPEN_FILES = 2 * MAX_CONNECTIONS + 512  # each may send a file


class WebServer:
    """Serves requests on a listening socket until `stop`."""

    def __init__(self, listening: socket.socket, django: WSGIApplication) -> None:
        self._application = Application(django)
        self._listening = listening
        config = uvicorn.Config(
            self._application,
            http=_Connection,
            ws="none",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,  # X-Forwarded-* is Django's business (HEIMDEX_PROXIES)
            server_header=False,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=STOP_S,
        )
        self._server = _Server(config)

    def run(self) -> None:
        """Serve requests until `stop`."""
        self._server.run(sockets=[self._listening])

    def stop(self) -> None:
        """End `run` soon: responses under way have STOP_S seconds. Safe in a signal handler and in another thread."""
        self._server.should_exit = True

    def close(self) -> bool:
        """Give the threads back; return False when one still works on a request."""
        self._application.close()
        self._listening.close()
        return self._application.is_idle


def allow_open_files() -> None:
    """Let this process open as many files as its connections need, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < target:
        with contextlib.suppress(ValueError, OSError):  # macOS has a limit of its own below this
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))


def max_connections() -> int:
    """The maximum of open connections: each takes two open files, and 512 files are kept for the rest."""
    limit, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(64, min(MAX_CONNECTIONS, (limit - 512) // 2))


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers, which are the command's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        if counter % 20 == 0:  # every 2 s
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, _Connection) and connection.is_stuck(now):
                    connection.reset()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


class _Connection(H11Protocol):
    """uvicorn's connection, which knows when bytes last moved on it."""

    _moved_at = 0.0
    _idle_since = 0.0  # when the wait for the present request's head began
    _unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._moved_at = self._idle_since = self.loop.time()
        if len(self.connections) > max_connections():
            self._make_room()

    def data_received(self, data: bytes) -> None:
        self._moved_at = self.loop.time()
        super().data_received(data)

    def resume_writing(self) -> None:
        self._moved_at = self.loop.time()
        super().resume_writing()

    def on_response_complete(self) -> None:
        self._moved_at = self._idle_since = self.loop.time()
        super().on_response_complete()

    def rank(self) -> tuple[bool, float]:
        """The order in which connections end when there are too many. True: the request is whole and waits for us."""
        is_whole = self.cycle is not None and self.conn.their_state is h11.DONE
        return is_whole and not self.cycle.response_started, self._moved_at

    def is_stuck(self, now: float) -> bool:
        """Whether the client has used up its time to send a head or more of a body, or to take more of the response."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent, self._moved_at = unsent, now
        if unsent:
            return now - self._moved_at > SEND_S
        if self.conn.their_state is h11.IDLE:
            return now - self._idle_since > HEAD_S
        is_awaited = self.conn.their_state is h11.SEND_BODY and not self.flow.read_paused
        return is_awaited and now - self._moved_at > BODY_S

    def reset(self) -> None:
        """End the connection at once; the kernel drops what it has not sent."""
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.transport.abort()

    def _make_room(self) -> None:
        """End the connection that is idle for the longest time; last those that wait for our response."""
        others = [one for one in self.connections if isinstance(one, _Connection)]
        others.remove(self)
        min(others, key=_Connection.rank).reset()
