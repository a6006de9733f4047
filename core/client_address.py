"""The client's address behind reverse proxies: each appends to `X-Forwarded-For` the address of its own client."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our `HEIMDEX_PROXIES` proxies saw.

    Entries further left in the header were written by the client and are not trusted. The connection's own address is
    used without proxies, and when the header has too few entries or no valid address.
    """
    return client_address_of(request.META)


def client_address_of(environ: Mapping[str, Any]) -> str:
    """The same for a WSGI environment."""
    peer: str = environ.get("REMOTE_ADDR", "")
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not 0 < settings.PROXIES <= len(forwarded):
        return peer
    try:
        return str(ip_address(forwarded[-settings.PROXIES].strip()))
    except ValueError:
        return peer
