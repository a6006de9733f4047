"""Many clients at once, in a process of their own: `Requests` sent together, people who poll, uploads that trickle.

Plain asyncio and HTTP/1.1, so that a thousand clients cost little of the machine they share with the server.
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
class Wish:
    """One request. `gives_up_s`: the client hangs up after that long and asks again, as often as it takes."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    gives_up_s: float = 0


@dataclass(slots=True)
class Result:
    """What came back: `status` 0 when nothing did. `tries` counts the requests that were sent."""

    status: int
    took_s: float
    body: str = ""
    tries: int = 1


def at_once(wishes: Sequence[Wish], *, timeout_s: float = 60) -> list[Result]:
    """Send everything at the same moment; the answers in the same order."""
    told = {"wishes": [asdict(wish) for wish in wishes], "timeout_s": timeout_s}
    return [Result(**one) for one in _helper("at_once", told).finish()]


class Polling:
    """So many clients, each asking for its page every `every_s` seconds, until `finish`."""

    def __init__(self, wishes: Sequence[Wish], *, every_s: float, seconds: float) -> None:
        told = {
            "wishes": [asdict(wish) for wish in wishes],
            "every_s": every_s,
            "seconds": seconds,
        }
        self._helper = _helper("poll", told)

    def finish(self) -> list[Result]:
        """Every answer of all of them."""
        return [Result(*one) for one in self._helper.finish()]


class Trickling:
    """Uploads of one byte a second, until `close`."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        self._helper = _helper("trickle", {"wishes": [asdict(wish) for wish in wishes]})

    def wait_until_connected(self) -> int:
        """Wait until all have sent their first byte; how many did."""
        return int(self._helper.line())

    def close(self) -> None:
        """Hang up."""
        self._helper.kill()


class _Helper:
    def __init__(self, what: str, told: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.load", what],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told))
        self._process.stdin.close()

    def line(self) -> str:
        """The next line it prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def finish(self) -> Any:
        """What it says at its end."""
        assert self._process.stdout is not None
        text = self._process.stdout.read()
        self.kill()
        return json.loads(text)

    def kill(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _helper(what: str, told: dict[str, Any]) -> _Helper:
    return _Helper(what, told)


async def _send(wish: Wish, writer: asyncio.StreamWriter) -> None:
    parts = urlsplit(wish.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    body = wish.body.encode()
    headers = {"Host": parts.netloc, "Content-Length": str(len(body)), **wish.headers}
    lines = [f"{wish.method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
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


async def _ask(wish: Wish, timeout_s: float) -> Result:
    began = time.monotonic()
    tries = 0
    while True:
        tries += 1
        patience = wish.gives_up_s if wish.gives_up_s and tries == 1 else timeout_s
        status, body = 0, b""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(patience):
                reader, writer = await _connect(wish.url)
                try:
                    await _send(wish, writer)
                    status, body = await _receive(reader)
                finally:
                    writer.close()
        if status or tries > 5 or not wish.gives_up_s:
            return Result(status, time.monotonic() - began, body.decode("utf-8", "replace"), tries)


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)


async def _at_once(wishes: list[dict[str, Any]], timeout_s: float) -> list[dict[str, Any]]:
    results = await asyncio.gather(*(_ask(Wish(**wish), timeout_s) for wish in wishes))
    return [asdict(result) for result in results]


async def _poll(wishes: list[dict[str, Any]], every_s: float, seconds: float) -> list[list[Any]]:
    """Keep-alive connections, as browsers have them; a connection that breaks is opened again."""
    results: list[list[Any]] = []
    deadline = time.monotonic() + seconds

    async def one(number: int, wish: Wish) -> None:
        await asyncio.sleep(every_s * number / len(wishes))
        streams = None
        while time.monotonic() < deadline:
            began = time.monotonic()
            status = 0
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(10):
                    streams = streams or await _connect(wish.url)
                    await _send(wish, streams[1])
                    status, _ = await _receive(streams[0])
            took = time.monotonic() - began
            if not status and streams is not None:
                streams[1].close()
                streams = None
            results.append([status, took])
            await asyncio.sleep(max(0.0, every_s - took))
        if streams is not None:
            streams[1].close()

    await asyncio.gather(*(one(number, Wish(**wish)) for number, wish in enumerate(wishes)))
    return results


async def _trickle(wishes: list[dict[str, Any]]) -> None:
    """Announce a large body, then send a byte every second."""
    connected = 0

    async def one(wish: Wish) -> asyncio.StreamWriter | None:
        nonlocal connected
        try:
            _, writer = await _connect(wish.url)
            body, wish.body = wish.body, ""
            await _send(wish, writer)
            writer.write(body[:1].encode())
            await writer.drain()
        except OSError:
            return None
        connected += 1
        return writer

    writers = await asyncio.gather(*(one(Wish(**wish)) for wish in wishes))
    sys.stdout.write(f"{connected}\n")
    sys.stdout.flush()
    while True:
        await asyncio.sleep(1)
        for writer in writers:
            if writer is not None and not writer.is_closing():
                writer.write(b"x")


def main() -> None:
    """What standard input says, as JSON on standard output."""
    told = json.load(sys.stdin)
    kinds: dict[str, Any] = {"at_once": _at_once, "poll": _poll, "trickle": _trickle}
    json.dump(asyncio.run(kinds[sys.argv[1]](**told)), sys.stdout)


if __name__ == "__main__":
    main()
