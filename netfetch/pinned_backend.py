"""Connects to addresses that were checked before, so that the HTTP library never looks up a name."""

import ipaddress
import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

from netfetch.deadline import Deadline
from netfetch.errors import FetchError, FetchErrorCode


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to one of the given addresses and ignores the host that the library requests."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Return a connection to the first address that answers."""
        for number, address in enumerate(self._addresses, 1):
            self._deadline.check()
            try:
                stream = self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(self._addresses):
                    raise
                continue
            _check_peer(stream, address)
            return DeadlineStream(stream, self._deadline)
        raise httpcore.ConnectError("no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse; raises UnsupportedProtocol."""
        raise httpcore.UnsupportedProtocol("sockets on this machine are not reached")


class DeadlineStream(httpcore.NetworkStream):
    """Waits for bytes in short steps and checks the deadline in between, so that no slow server can hold it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return the received bytes, at most `max_bytes`; none at the end."""
        while True:
            self._deadline.check()
            began = time.monotonic()
            try:
                data = self._stream.read(max_bytes, timeout=self._deadline.poll_s)
            except httpcore.ReadTimeout:
                data = None
            self._deadline.received(len(data or b""), after_s=time.monotonic() - began)
            if data is not None:
                return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send the request."""
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection with TLS; the certificate must be valid for the name."""
        stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Return the wrapped stream's information."""
        return self._stream.get_extra_info(info)


def _check_peer(stream: httpcore.NetworkStream, address: str) -> None:
    """Raise FETCH_ADDRESS_REFUSED and close the stream unless its peer is the address that was checked."""
    peer = str(stream.get_extra_info("server_addr")[0])
    if ipaddress.ip_address(peer) != ipaddress.ip_address(address):
        stream.close()
        raise FetchError(FetchErrorCode.FETCH_ADDRESS_REFUSED, "the connection leads elsewhere")
