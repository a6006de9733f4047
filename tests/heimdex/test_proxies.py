"""Whose address counts against the login throttle when proxies stand in front."""

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory

NGINX = "10.0.0.2"


def seen(forwarded=None):
    """The address the login throttle takes."""
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return get_client_ip_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=NGINX))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, NGINX),
        (0, "6.6.6.6", NGINX),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, None, NGINX),
        (2, "203.0.113.9", NGINX),
        (1, "somebody", NGINX),
        (1, "", NGINX),
    ],
)
def test_the_visitor_is_who_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.PROXIES = proxies

    assert seen(forwarded) == address
