"""The bytes of a response. Django's test client cannot show them, so the WSGI application is called directly."""

from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest

from heimdex.wsgi import application

pytestmark = pytest.mark.django_db


def sent(method, path):
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO()}
    environ["HTTP_HOST"] = "localhost"
    setup_testing_defaults(environ)
    heads = []

    def start(status, headers, _exc_info=None, /):
        heads.append((status, dict(headers)))
        return lambda _data: None

    answer = application(environ, start)
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return *heads[0], body


@pytest.mark.parametrize("path", ["/account/login", "/v1/me", "/nowhere", "/health"])
def test_head_has_the_headers_of_get_and_no_body(path):
    get_status, get_headers, get_body = sent("GET", path)
    status, headers, body = sent("HEAD", path)

    assert (status, body) == (get_status, b"")
    assert get_body
    assert headers["Content-Type"] == get_headers["Content-Type"]
