"""Who asks, when proxies stand in front: each adds to `X-Forwarded-For` the address it was asked from."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address that the outermost of our `HEIMDEX_PROXIES` proxies saw.

    What stands further left in the header was written by the visitor and is not believed. Without proxies, or when
    the header is not as ours write it, the address of the connection.
    """
    connected: str = request.META.get("REMOTE_ADDR", "")
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.PROXIES <= len(seen):
        return connected
    try:
        return str(ip_address(seen[-settings.PROXIES].strip()))
    except ValueError:
        return connected
