"""The ASGI application of `manage.py serve`: requests and responses move without threads, Django runs in threads.

A thread works only between the last byte of a request and the response: slow readers and writers hold a connection and
a task, never a thread. A body over its path's limit, or a large one of an unknown sender, is refused before it is read.
"""

import asyncio
import contextlib
import logging
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, NoReturn
from wsgiref.types import WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.http import parse_cookie

from core.client_address import client_address_of
from core.errors import CoreCode
from heimdex.web.body_limits import ANONYMOUS_BYTES, body_limit
from heimdex.web.fair_thread_pool import FairThreadPool
from heimdex.web.wsgi_call import Response, call, make_environ

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logger = logging.getLogger(__name__)

CHUNK = 128 * 1024
# Large bodies of one visitor that are read at the same time.
LARGE_BODIES_EACH = 8
# How long a refused request is still read, so that the client receives the refusal before the connection ends.
LINGER_S = 2.0
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
_PREVIEWS = re.compile(
    r"/videos/[^/]+/(listen|look|still)/.*|/exports/[^/]+/cover\.jpg|/v1/exports/[^/]+/cover"
)
_UPLOADS = re.compile(r"/uploads/[^/]+|/v1/videos")


class _RefusedError(Exception):
    """A request that gets its response before its body was read."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class _GoneError(Exception):
    """The client closed the connection before its request was whole."""


class Application:
    """Django for the web server, behind limits on bodies and pools of threads that visitors share fairly."""

    def __init__(self, django: WSGIApplication) -> None:
        self._django = django
        self._pages = FairThreadPool("pages", threads=16, each=8)
        # Making a preview takes seconds, storing an upload minutes: neither may keep pages waiting.
        self._previews = FairThreadPool("previews", threads=4, each=2)
        self._uploads = FairThreadPool("uploads", threads=8, each=4)
        self._disk = ThreadPoolExecutor(4, thread_name_prefix="disk")
        self._large: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request. The signature is ASGI's."""
        environ = make_environ(scope)
        visitor = _visitor(environ)
        try:
            body = await self._read_body(environ, visitor, receive)
        except _GoneError:
            return
        except _RefusedError as refused:
            with contextlib.closing(refused.response):
                await self._send(refused.response, send, more=[(b"connection", b"close")])
                if "HTTP_EXPECT" not in environ:  # it sends the body only after "100 Continue"
                    await _linger(receive)
                await send(_END)
            return
        await self._respond(environ, visitor, body, receive=receive, send=send)

    @property
    def is_idle(self) -> bool:
        """Whether no thread works on a request."""
        return all(pool.is_idle for pool in (self._pages, self._previews, self._uploads))

    def close(self) -> None:
        """Take no further requests."""
        for pool in (self._pages, self._previews, self._uploads):
            pool.close()
        self._disk.shutdown(wait=False, cancel_futures=True)

    async def _respond(
        self,
        environ: WSGIEnvironment,
        visitor: str,
        body: IO[bytes] | None,
        *,
        receive: Receive,
        send: Send,
    ) -> None:
        gone = asyncio.ensure_future(receive())  # the request is whole: the next message is the end

        def work() -> Response:
            if gone.done():  # while it waited for a thread
                raise _GoneError
            return call(self._django, environ, body)

        try:
            with contextlib.closing(await self._pool_for(environ).run(visitor, work)) as response:
                await self._send(response, send, is_gone=gone.done)
                await send(_END)
        except _GoneError:
            return
        except Exception:  # not from a view: Django responds to those
            logger.exception("no response to %s", environ["PATH_INFO"])
            raise
        finally:
            gone.cancel()
            if body is not None:
                body.close()

    def _pool_for(self, environ: WSGIEnvironment) -> FairThreadPool:
        path = environ["PATH_INFO"]
        if _PREVIEWS.fullmatch(path):
            return self._previews
        is_upload = environ["REQUEST_METHOD"] in {"PATCH", "POST"} and _UPLOADS.fullmatch(path)
        return self._uploads if is_upload else self._pages

    async def _read_body(
        self, environ: WSGIEnvironment, visitor: str, receive: Receive
    ) -> IO[bytes] | None:
        """The request's body in a file at its beginning; None without one. Sets CONTENT_LENGTH."""
        is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        declared = int(environ.get("CONTENT_LENGTH") or 0)
        if not (declared or is_chunked):
            await _next_chunk(receive)  # the empty body
            return None
        limit = body_limit(environ["PATH_INFO"])
        if declared > limit:
            await self._refuse(environ, visitor, CoreCode.REQUEST_TOO_LARGE)
        if declared <= ANONYMOUS_BYTES and not is_chunked:
            return await self._spool(environ, visitor, receive, limit=limit)
        if limit > ANONYMOUS_BYTES:
            await self._check_sender(environ, visitor, size=declared)
        if self._large[visitor] >= LARGE_BODIES_EACH:
            await self._refuse(environ, visitor, CoreCode.THROTTLED)
        self._large[visitor] += 1
        try:
            return await self._spool(environ, visitor, receive, limit=limit)
        finally:
            self._large -= Counter([visitor])

    async def _check_sender(self, environ: WSGIEnvironment, visitor: str, *, size: int) -> None:
        """Raise _RefusedError for an unknown sender, and for a body that the disk has no room for."""
        permission = await self._ask(environ, visitor, "/-/may-send")
        if permission.status != 204:
            raise _RefusedError(permission)
        permission.close()
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if size > free - settings.HEALTH_MIN_FREE_BYTES:
            await self._refuse(environ, visitor, CoreCode.STORAGE_FULL)

    async def _spool(
        self, environ: WSGIEnvironment, visitor: str, receive: Receive, *, limit: int
    ) -> IO[bytes]:
        spool = tempfile.SpooledTemporaryFile(ANONYMOUS_BYTES)  # noqa: SIM115 - the caller closes it
        size, more = 0, True
        try:
            while more:
                chunk, more = await _next_chunk(receive)
                size += len(chunk)
                if size > limit:
                    await self._refuse(environ, visitor, CoreCode.REQUEST_TOO_LARGE)
                await self._write(spool, chunk, size)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        environ["CONTENT_LENGTH"] = str(size)
        return spool

    async def _write(self, spool: Any, chunk: bytes, size: int) -> None:
        if size <= ANONYMOUS_BYTES:
            spool.write(chunk)
            return
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._disk, spool.write, chunk)

    async def _refuse(self, environ: WSGIEnvironment, visitor: str, code: CoreCode) -> NoReturn:
        raise _RefusedError(await self._ask(environ, visitor, f"/-/refused/{code.name}"))

    async def _ask(self, environ: WSGIEnvironment, visitor: str, path: str) -> Response:
        """Django's response to an internal GET with the visitor's headers: it knows users, texts and languages."""
        left_out = {"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_EXPECT", "HTTP_RANGE"}
        kept = {key: value for key, value in environ.items() if key not in left_out}
        internal = {**kept, "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
        return await self._pages.run(visitor, call, self._django, internal)

    async def _send(
        self,
        response: Response,
        send: Send,
        *,
        more: Sequence[tuple[bytes, bytes]] = (),
        is_gone: Callable[[], bool] = lambda: False,
    ) -> None:
        """Send headers and body. Reads the body no faster than the client takes it."""
        headers = [*response.headers, *more]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        loop = asyncio.get_running_loop()
        left = response.length
        while left > 0:
            chunk = await loop.run_in_executor(self._disk, response.body.read, min(CHUNK, left))
            if not chunk:
                raise OSError("a file became shorter while it was sent")
            if is_gone():
                raise _GoneError
            left -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})


def _visitor(environ: WSGIEnvironment) -> str:
    """The key by which requests share threads: the token, else the session, else the address."""
    session = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    return environ.get("HTTP_AUTHORIZATION") or session or client_address_of(environ)


async def _next_chunk(receive: Receive) -> tuple[bytes, bool]:
    """The next bytes of a body, and whether there are more. Raises _GoneError."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _GoneError
    return message.get("body", b""), message.get("more_body", False)


async def _linger(receive: Receive) -> None:
    """Discard what still arrives for LINGER_S: a connection that is closed too early loses the response as well."""
    with contextlib.suppress(TimeoutError, _GoneError):
        async with asyncio.timeout(LINGER_S):
            while (await _next_chunk(receive))[1]:
                pass
