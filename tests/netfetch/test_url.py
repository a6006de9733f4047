"""Links, taken apart."""

import pytest

from netfetch.errors import FetchError
from netfetch.url import parse_link


@pytest.mark.parametrize(
    ("text", "host", "port", "target"),
    [
        ("https://example.com/a.mp4", "example.com", 443, "/a.mp4"),
        (" HTTP://Example.COM./a b?c=d e#f ", "example.com", 80, "/a%20b?c=d%20e"),
        ("http://example.com:8080", "example.com", 8080, "/"),
        ("https://bücher.example/é", "xn--bcher-kva.example", 443, "/%C3%A9"),
        ("http://[2606:4700::1]:80/x", "2606:4700::1", 80, "/x"),
        ("http://1.2.3.4/x?", "1.2.3.4", 80, "/x?"),
        ("http://example.com:0/", "example.com", 0, "/"),
    ],
)
def test_a_link_is_taken_apart(text, host, port, target):
    link = parse_link(text)
    assert (link.host, link.port, link.target) == (host, port, target)


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "example.com/a.mp4", "//example.com/a.mp4", "/a.mp4", "http:", "http://"),
        *("http:///a.mp4", "http:example.com", "javascript:alert(1)", "data:video/mp4;base64,AAAA"),
        *("file:///etc/passwd", "gopher://example.com/_x", "ftp://example.com/a.mp4", "ws://e.com/"),
        *("http://user@example.com/", "http://user:pass@example.com/", "http://:pass@example.com/"),
        *("http://example.com\\@127.0.0.1/", "http://a b/", "http://ex%61mple.com/", "http://a..b/"),
        *("http://[::1%25lo]/", "http://[fe80::1%eth0]/", "http://[::1", "http://[::g]/"),
        *("http://[127.0.0.1]/", "http://exa\nmple.com/", "http://example.com:port/", "http://a:1:2/"),
        *("http://256.1.1.1/", "http://\u24db\u24de\u24d2\u24d0lhost/", "http://-/", "http://*/"),
        "http://example.com/" + "a" * 2048,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_link_is_refused(text):
    with pytest.raises(FetchError) as caught:
        parse_link(text)
    assert caught.value.code == "FETCH_LINK_INVALID"
    assert "127.0.0.1" not in str(caught.value)


def test_secrets_of_a_link_are_not_shown():
    link = parse_link("https://example.com:444/a.mp4?X-Amz-Signature=secret")
    assert link.shown == "https://example.com:444/a.mp4"
    assert "secret" not in repr(link)
    assert str(link).endswith("?X-Amz-Signature=secret")


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/b", "https://example.com/b"),
        ("b?c", "https://example.com/x/b?c"),
        ("//other.example/b", "https://other.example/b"),
        ("http://other.example", "http://other.example/"),
    ],
)
def test_a_redirect_may_be_relative(location, expected):
    assert str(parse_link("https://example.com/x/a?q").join(location)) == expected


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://u:p@e.com/", "ftp://e.com/"])
def test_a_redirect_is_held_to_the_same_rules(location):
    with pytest.raises(FetchError):
        parse_link("https://example.com/x/a").join(location)
