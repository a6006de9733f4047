"""A TCP proxy that simulates network faults: refuse, swallow, reset, trickle, cut off, garble.

It runs as a separate process, so that it neither waits for the harness nor slows it down. It reads commands as lines
of JSON from standard input and answers each with one line: `{"link": "redis", "mode": "silent"}`.

- `pass`: traffic passes unchanged.
- `refuse`: the port is closed, and open connections are reset.
- `silent`: connections open and nothing passes in either direction, not even their end, until the mode changes.
- `reset`: every connection, open or new, is reset.
- `slow` with `rate`: that many bytes a second and connection, in each direction.
- `cut` with `after`: every connection is reset after that many bytes, counted in both directions.
- `garble`: one bit of every large piece is turned, in the direction `upward` (to the server) or `downward`.
- `http500`: every request is answered with status 500.
"""

import asyncio
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PIECE = 64 * 1024
LARGE = 2048
NAGGING_S = 0.02
ROOT = Path(__file__).resolve().parents[2]
REFUSAL = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Mode:
    """What a link does now. `rate` in bytes a second, `after` in bytes."""

    mode: str = "pass"
    rate: int = 0
    after: int = 0
    direction: str = "downward"


@dataclass(slots=True)
class Link:
    """One listening port and where it leads."""

    name: str
    port: int
    target: tuple[str, int]
    mode: Mode = field(default_factory=Mode)
    server: asyncio.Server | None = None
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def change(self, mode: Mode) -> None:
        """Do something else from now on; open connections feel it as well."""
        self.mode = mode
        if mode.mode in {"refuse", "reset", "http500"}:
            for writer in tuple(self.writers):
                _reset(writer)
        if mode.mode == "refuse":
            if self.server is not None:
                self.server.close()
                self.server = None
        elif self.server is None:
            await self.listen()

    async def listen(self) -> None:
        """Begin to accept connections."""
        self.server = await asyncio.start_server(
            self._accept, "127.0.0.1", self.port, backlog=1024, reuse_address=True
        )

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        other: asyncio.StreamWriter | None = None
        try:
            await self._while_silent()
            if self.mode.mode in {"reset", "refuse"}:
                _reset(writer)
                return
            if self.mode.mode == "http500":
                await _refuse(reader, writer)
                return
            answers, other = await asyncio.open_connection(*self.target)
            self.writers.add(other)
            passed = [0]
            await asyncio.gather(
                self._pump(reader, other, passed, upward=True),
                self._pump(answers, writer, passed, upward=False),
            )
        except OSError:
            _reset(writer)  # what happened on one side is felt on the other
            if other is not None:
                _reset(other)
        finally:
            for end in (writer, other):
                if end is not None:
                    self.writers.discard(end)
                    end.close()

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        passed: list[int],
        *,
        upward: bool,
    ) -> None:
        while True:
            data = await reader.read(self._piece())
            await self._while_silent()
            if not data:
                with contextlib.suppress(OSError, RuntimeError):
                    writer.write_eof()
                return
            passed[0] += len(data)
            mode = self.mode
            if mode.mode == "cut" and passed[0] > mode.after:
                raise ConnectionResetError
            if mode.mode == "garble" and upward == (mode.direction == "upward"):
                data = _garbled(data)
            writer.write(data)
            await writer.drain()
            if mode.mode == "slow":
                await asyncio.sleep(len(data) / mode.rate)

    def _piece(self) -> int:
        return max(1, self.mode.rate // 10) if self.mode.mode == "slow" else PIECE

    async def _while_silent(self) -> None:
        while self.mode.mode == "silent":
            await asyncio.sleep(NAGGING_S)


def _garbled(data: bytes) -> bytes:
    """A large piece with one bit of its last byte turned; small ones are headers and stay."""
    return data if len(data) < LARGE else data[:-1] + bytes([data[-1] ^ 1])


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection the rude way (RST)."""
    link = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await reader.readuntil(b"\r\n\r\n")
    writer.write(REFUSAL)
    await writer.drain()
    with contextlib.suppress(TimeoutError):  # hear the body out, or the answer would be lost
        async with asyncio.timeout(1):
            while await reader.read(PIECE):
                pass


async def serve(links: dict[str, Link]) -> None:
    """Listen on every link and obey standard input until it closes."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    for link in links.values():
        await link.listen()
    _answer()
    while line := await orders.readline():
        order: dict[str, Any] = json.loads(line)
        await links[order.pop("link")].change(Mode(**order))
        _answer()
    os._exit(0)  # the harness is gone; the connections need no clean end


def _answer() -> None:
    sys.stdout.write("ok\n")
    sys.stdout.flush()


class Proxy:
    """The running proxy: `set("redis", "silent")`, and `ports` to connect to. Close it at the end."""

    def __init__(self, targets: dict[str, tuple[int, int]]) -> None:
        """`targets`: link name -> (port to listen on, port on loopback it leads to)."""
        self.ports = {name: listening for name, (listening, _) in targets.items()}
        self._lock = threading.Lock()
        specs = [f"{name}:{port}:{target}" for name, (port, target) in targets.items()]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.proxy", *specs],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._heard()

    def set(self, link: str, mode: str = "pass", **options: Any) -> None:
        """Change what a link does; returns when it is done."""
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps({"link": link, "mode": mode, **options}) + "\n")
            self._process.stdin.flush()
            self._heard()

    @contextlib.contextmanager
    def fault(self, link: str, mode: str, **options: Any) -> Iterator[None]:
        """A fault for as long as the block runs."""
        self.set(link, mode, **options)
        try:
            yield
        finally:
            self.set(link)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _heard(self) -> None:
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ok\n":
            raise RuntimeError("the proxy died")


if __name__ == "__main__":
    _links = {}
    for _word in sys.argv[1:]:
        _name, _port, _target = _word.split(":")
        _links[_name] = Link(_name, int(_port), ("127.0.0.1", int(_target)))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(_links))
