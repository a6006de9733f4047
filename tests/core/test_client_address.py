"""Which entries of the proxies' headers are trusted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from axes.helpers import get_client_ip_address
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parents[2]
NGINX = "10.0.0.2"


def address_of(forwarded=None):
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
def test_the_client_is_the_address_our_outermost_proxy_saw(settings, proxies, forwarded, address):
    settings.PROXIES = proxies

    assert address_of(forwarded) == address


@pytest.mark.parametrize(
    ("variables", "trusted"),
    [
        ({}, False),
        ({"HEIMDEX_PROXIES": "1"}, True),
        # The name it had before, which works until 0.3.
        ({"HEIMDEX_BEHIND_PROXY": "yes"}, True),
        ({"HEIMDEX_PROXIES": "1", "HEIMDEX_BEHIND_PROXY": "no"}, False),
    ],
)
def test_a_proxy_says_whether_a_client_came_by_https(tmp_path, variables, trusted):
    code = "from heimdex import settings; print(getattr(settings, 'SECURE_PROXY_SSL_HEADER', None))"
    env = {"PATH": os.environ["PATH"], "HEIMDEX_DATA_DIR": str(tmp_path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )

    header = ("HTTP_X_FORWARDED_PROTO", "https")
    assert done.stdout.strip() == str(header if trusted else None)
