"""Many clients at once, in a separate process: simultaneous requests, polling clients and slow uploads.

Plain asyncio and HTTP/1.1, so that a thousand clients use little of the machine that they share with the server.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.faults.units import ROOT


@dataclass(slots=True)
class RequestSpec:
    """One request. With `gives_up_s`, the client hangs up after that many seconds and then sends it again."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    gives_up_s: float = 0


@dataclass(slots=True)
class Result:
    """The answer to a request; `status` is 0 without one. `tries` counts the requests that were sent."""

    status: int
    took_s: float
    body: str = ""
    tries: int = 1


def at_once(requests: Sequence[RequestSpec], *, timeout_s: float = 60) -> list[Result]:
    """Send all requests at the same moment. Returns the answers in the same order."""
    options = {"requests": [asdict(request) for request in requests], "timeout_s": timeout_s}
    return [Result(**one) for one in _Helper("at_once", options).finish()]


class Polling:
    """Clients that each send their request every `every_s` seconds, for `seconds`."""

    def __init__(self, requests: Sequence[RequestSpec], *, every_s: float, seconds: float) -> None:
        options = {
            "requests": [asdict(request) for request in requests],
            "every_s": every_s,
            "seconds": seconds,
        }
        self._helper = _Helper("poll", options)

    def finish(self) -> list[Result]:
        """Wait for the end. Returns every answer of all clients."""
        return [Result(*one) for one in self._helper.finish()]


class Trickling:
    """Uploads of one byte a second, until `close`."""

    def __init__(self, requests: Sequence[RequestSpec]) -> None:
        self._helper = _Helper("trickle", {"requests": [asdict(request) for request in requests]})

    def wait_until_connected(self) -> int:
        """Wait until the uploads have sent their first byte. Returns how many connected."""
        return int(self._helper.line())

    def close(self) -> None:
        """Hang up."""
        self._helper.kill()


class _Helper:
    def __init__(self, what: str, options: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.load", what],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(options))
        self._process.stdin.close()

    def line(self) -> str:
        """Return the next line of the process' output."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def finish(self) -> Any:
        """Wait for the end. Returns the output as JSON."""
        assert self._process.stdout is not None
        text = self._process.stdout.read()
        self.kill()
        return json.loads(text)

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


async def _send(request: RequestSpec, writer: asyncio.StreamWriter) -> None:
    parts = urlsplit(request.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    body = request.body.encode()
    headers = {"Host": parts.netloc, "Content-Length": str(len(body)), **request.headers}
    lines = [f"{request.method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    await writer.drain()


async def _receive(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    status = int(head[0].split()[1])
    length = None
    for line in head[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if length is None:
        return status, await _chunks(reader)
    return status, await reader.readexactly(length)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


async def _send_until_answered(request: RequestSpec, timeout_s: float) -> Result:
    began = time.monotonic()
    tries = 0
    while True:
        tries += 1
        limit_s = request.gives_up_s if request.gives_up_s and tries == 1 else timeout_s
        status, body = 0, b""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(limit_s):
                reader, writer = await _connect(request.url)
                try:
                    await _send(request, writer)
                    status, body = await _receive(reader)
                finally:
                    writer.close()
        if status or tries > 5 or not request.gives_up_s:
            return Result(status, time.monotonic() - began, body.decode("utf-8", "replace"), tries)


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)


async def _at_once(requests: list[dict[str, Any]], timeout_s: float) -> list[dict[str, Any]]:
    results = await asyncio.gather(
        *(_send_until_answered(RequestSpec(**request), timeout_s) for request in requests)
    )
    return [asdict(result) for result in results]


async def _poll(requests: list[dict[str, Any]], every_s: float, seconds: float) -> list[list[Any]]:
    """Poll over keep-alive connections, as browsers do, and reopen broken ones."""
    results: list[list[Any]] = []
    deadline = time.monotonic() + seconds

    async def one(number: int, request: RequestSpec) -> None:
        await asyncio.sleep(every_s * number / len(requests))
        streams = None
        while time.monotonic() < deadline:
            began = time.monotonic()
            status = 0
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(10):
                    streams = streams or await _connect(request.url)
                    await _send(request, streams[1])
                    status, _ = await _receive(streams[0])
            took = time.monotonic() - began
            if not status and streams is not None:
                streams[1].close()
                streams = None
            results.append([status, took])
            await asyncio.sleep(max(0.0, every_s - took))
        if streams is not None:
            streams[1].close()

    await asyncio.gather(
        *(one(number, RequestSpec(**request)) for number, request in enumerate(requests))
    )
    return results


async def _trickle(requests: list[dict[str, Any]]) -> None:
    """Announce a large body, then send a byte every second."""
    connected = 0

    async def one(request: RequestSpec) -> asyncio.StreamWriter | None:
        nonlocal connected
        try:
            _, writer = await _connect(request.url)
            body, request.body = request.body, ""
            await _send(request, writer)
            writer.write(body[:1].encode())
            await writer.drain()
        except OSError:
            return None
        connected += 1
        return writer

    writers = await asyncio.gather(*(one(RequestSpec(**request)) for request in requests))
    sys.stdout.write(f"{connected}\n")
    sys.stdout.flush()
    while True:
        await asyncio.sleep(1)
        for writer in writers:
            if writer is not None and not writer.is_closing():
                writer.write(b"x")


def main() -> None:
    """Run the command with the options from standard input. Writes its results to standard output, both as JSON."""
    options = json.load(sys.stdin)
    kinds: dict[str, Any] = {"at_once": _at_once, "poll": _poll, "trickle": _trickle}
    json.dump(asyncio.run(kinds[sys.argv[1]](**options)), sys.stdout)


if __name__ == "__main__":
    main()
