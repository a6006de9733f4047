"""Parses a link once; all other code uses the parsed parts only."""

import ipaddress
import re
from dataclasses import dataclass

import httpx

from netfetch.errors import FetchError, FetchErrorCode

MAX_CHARS = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Link:
    """An http or https link. `host` is a lower-case ASCII name or an address without brackets; `target` is the path
    with the query, percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str

    def join(self, location: str) -> "Link":
        """Return a redirect's target; `location` may be relative. Raises FETCH_LINK_INVALID as `parse_link` does."""
        return _parse(location, base=httpx.URL(str(self)))

    @property
    def authority(self) -> str:
        """Host and port as in the `Host` header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"

    @property
    def shown(self) -> str:
        """The link without its query, which may hold a signature."""
        return self.origin + self.target.partition("?")[0]

    def __str__(self) -> str:
        """The whole link."""
        return self.origin + self.target

    def __repr__(self) -> str:
        """As `shown`: this one ends up in logs."""
        return f"<Link {self.shown}>"


def parse_link(text: str) -> Link:
    """Parse an absolute http or https link; raises FETCH_LINK_INVALID, also for one with a user name or password."""
    return _parse(text.strip(), base=None)


def _parse(text: str, *, base: httpx.URL | None) -> Link:
    if len(text) > MAX_CHARS:
        raise _invalid("it is too long")
    try:
        url = base.join(text) if base else httpx.URL(text)
    except httpx.InvalidURL as error:
        raise _invalid("it cannot be read") from error
    if url.scheme not in DEFAULT_PORTS:
        raise _invalid("it is neither http nor https")
    if url.userinfo:
        raise _invalid("it holds a user name or a password")
    host = url.raw_host.decode("ascii").removesuffix(".")
    if not _is_host(host):
        raise _invalid("its host cannot be read")
    port = DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    link = Link(url.scheme, host, port, url.raw_path.decode("ascii"))
    if len(str(link)) > MAX_CHARS:
        raise _invalid("it is too long")
    return link


def _is_host(host: str) -> bool:
    if ":" not in host:
        return bool(_NAME.fullmatch(host)) and ".." not in host
    try:
        return ipaddress.IPv6Address(host).scope_id is None
    except ValueError:
        return False


def _invalid(why: str) -> FetchError:
    return FetchError(FetchErrorCode.FETCH_LINK_INVALID, f"not a link that can be fetched: {why}")
