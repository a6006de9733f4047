"""The client's address behind reverse proxies: each appends to `X-Forwarded-For` the address of its own client."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our `HEIMDEX_PROXIES` proxies saw.

    Entries further left in the header were written by the client and are not trusted. The connection's own address is
    used without proxies, and when the header has too few entries or no valid address.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.PROXIES <= len(forwarded):
        return peer
    try:
        return str(ip_address(forwarded[-settings.PROXIES].strip()))
    except ValueError:
        return peer
