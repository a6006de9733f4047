"""Resolves the name of a link's server once, and refuses addresses that are not allowed."""

import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpcore

from netfetch.deadline import Deadline
from netfetch.errors import FetchError, FetchErrorCode
from netfetch.public_addresses import Address, is_public
from netfetch.url import DEFAULT_PORTS, Link

MAX_ADDRESSES = 3


def look_up(host: str, port: int) -> list[str]:
    """Return all IPv4 and IPv6 addresses of a name, in the system's order; raises as `socket.getaddrinfo` does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True, slots=True)
class Network:
    """The addresses that a fetch may reach. The product uses only `PUBLIC`; tests make others for their servers.

    Only the default ports are allowed: media links use no others, and a server that connects to any port for its users
    could be used as a port scanner.
    """

    is_allowed: Callable[[Address], bool] = is_public
    look_up: Callable[[str, int], Sequence[str]] = look_up
    ports: frozenset[int] = frozenset(DEFAULT_PORTS.values())
    tls: Callable[[], ssl.SSLContext] = field(default=httpcore.default_ssl_context)

    def check(self, link: Link) -> None:
        """Check a link without a lookup; raises FETCH_LINK_INVALID or FETCH_ADDRESS_REFUSED."""
        if link.port not in self.ports:
            raise FetchError(FetchErrorCode.FETCH_LINK_INVALID, "not a usual port")
        try:
            address = ipaddress.ip_address(link.host)
        except ValueError:
            return  # a name, or a spelling of an address that only the lookup understands
        self._check_addresses([address])

    def addresses_of(self, link: Link, deadline: Deadline) -> tuple[str, ...]:
        """Look up the addresses to connect to; raises FETCH_ADDRESS_REFUSED unless every one is allowed.

        A name without an address gets the same error, so that it does not reveal which names exist in the network.
        """
        self.check(link)
        try:
            found = _in_a_thread(lambda: self.look_up(link.host, link.port), deadline)
            addresses = [ipaddress.ip_address(text) for text in dict.fromkeys(found)]
        except (OSError, ValueError) as error:
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise FetchError(
                    FetchErrorCode.FETCH_NOT_REACHABLE,
                    "names cannot be looked up now",
                    is_transient=True,
                ) from error
            raise _refused() from error
        self._check_addresses(addresses)
        return tuple(str(address) for address in addresses[:MAX_ADDRESSES])

    def _check_addresses(self, addresses: Sequence[Address]) -> None:
        if not addresses or not all(self.is_allowed(address) for address in addresses):
            raise _refused()


PUBLIC = Network()


def _refused() -> FetchError:
    return FetchError(FetchErrorCode.FETCH_ADDRESS_REFUSED, "not an address on the public internet")


def _in_a_thread(look_up: Callable[[], Sequence[str]], deadline: Deadline) -> Sequence[str]:
    """Call `look_up` in a separate thread: it cannot be interrupted, but the caller can stop waiting for it."""
    answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(look_up())
        except Exception as error:  # noqa: BLE001 - raised again in the waiting thread
            answers.put(error)

    threading.Thread(target=run, name="look-up", daemon=True).start()
    with deadline.for_response():
        while True:
            deadline.check()
            try:
                answer = answers.get(timeout=deadline.poll_s)
            except queue.Empty:
                continue
            if isinstance(answer, Exception):
                raise answer
            return answer
