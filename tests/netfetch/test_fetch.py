"""Fetching from real servers on loopback: accepted and refused links, without contact to inner servers."""

import contextlib
import socket
import ssl
import threading
from pathlib import Path

import pytest

from netfetch.resolver import PUBLIC, Network
from tests.netfetch.fetching import BODY, EVERY_PORT, HERE, error_of, fetch, refusal
from tests.netfetch.http_server import certificate, head, plain, redirect, speaking

STRICT = Network(ports=EVERY_PORT)  # the product's own check and resolver, on any port


@pytest.fixture
def canary():
    """An inner server that no fetch may reach."""
    with speaking(plain(b"secret of the inside")) as server:
        yield server
        assert server.connections == 0


class TestArriving:
    def test_every_byte_arrives(self):
        with speaking(plain(BODY)) as server:
            download, data = fetch(f"{server.url}/a%20b.mp4?sig=1#part")
        assert data == BODY
        assert (download.length, download.content_type) == (len(BODY), "video/mp4")
        assert server.requests[0].startswith("GET /a%20b.mp4?sig=1 HTTP/1.1\r\n")

    def test_the_request_holds_the_name_and_nothing_of_ours(self):
        with speaking(plain(b"x")) as server:
            fetch(f"{server.url}/")
        lines = server.requests[0].split("\r\n")[1:-2]
        assert {line.partition(":")[0] for line in lines} == {
            *("Host", "User-Agent", "Accept", "Accept-Encoding", "Connection")
        }
        assert f"Host: media.example:{server.port}" in lines
        assert "Accept-Encoding: identity" in lines

    def test_chunks_without_a_length_arrive(self):
        chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
        with speaking(head("Transfer-Encoding: chunked") + chunks) as server:
            download, data = fetch(f"{server.url}/")
        assert (download.length, data) == (None, b"hello world")

    def test_an_answer_that_ends_by_hanging_up_arrives(self):
        with speaking(head("Connection: close") + b"hello") as server:
            assert fetch(f"{server.url}/")[1] == b"hello"

    def test_ipv6(self):
        network = Network(lambda _: True, lambda *_: ["::1"], EVERY_PORT)
        with speaking(plain(b"six"), host="::1") as server:
            assert fetch(f"http://[::1]:{server.port}/", network=network)[1] == b"six"
        assert f"Host: [::1]:{server.port}\r\n" in server.requests[0]

    def test_the_next_address_is_tried_when_one_does_not_answer(self):
        network = Network(lambda _: True, lambda *_: ["127.0.0.9", "127.0.0.1"], EVERY_PORT)
        with speaking(plain(b"second")) as server:
            assert fetch(f"{server.url}/", network=network)[1] == b"second"

    def test_proxies_of_the_environment_are_not_used(self, monkeypatch, canary):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        with speaking(plain(b"direct")) as server:
            assert fetch(f"{server.url}/")[1] == b"direct"


SPELLINGS = [
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001"),
    *("0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "localhost"),
    *("localhost.", "LOCALHOST", "0.0.0.0", "0", "[::]", "127.0.0.1.", "127\u30020\u30020\u30021"),  # noqa: S104
]  # fmt: skip
INSIDE = [
    *("169.254.169.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "fc00::1", "fe80::1", "0.0.0.0"),  # noqa: S104
    *("127.0.0.1", "::1", "::ffff:127.0.0.1", "168.63.129.16", "fe80::1%1", "not an address"),
]  # fmt: skip


class TestAddresses:
    @pytest.mark.parametrize("host", SPELLINGS)
    def test_no_spelling_of_this_machine_is_connected_to(self, canary, host):
        error = refusal(f"http://{host}:{canary.port}/", network=STRICT)
        unreadable = {"FETCH_LINK_INVALID"} if host == "0177.0.0.1" else set()
        assert error.code in {"FETCH_ADDRESS_REFUSED"} | unreadable
        assert not error.is_transient

    @pytest.mark.parametrize("inside", INSIDE)
    def test_a_name_for_an_inner_address_is_not_connected_to(self, canary, inside):
        network = Network(look_up=lambda *_: [inside], ports=EVERY_PORT)
        error = refusal(f"{canary.url}/", network=network)
        assert error.code == "FETCH_ADDRESS_REFUSED"

    @pytest.mark.parametrize("order", [1, -1])
    def test_one_inner_address_among_public_ones_is_enough_to_refuse(self, canary, order):
        network = Network(look_up=lambda *_: ["93.184.216.34", "127.0.0.1"][::order])
        assert refusal("http://media.example/", network=network).code == "FETCH_ADDRESS_REFUSED"

    def test_a_name_that_does_not_exist_is_refused_like_an_inner_one(self):
        def unknown(*_):
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        inner = refusal("http://a.example/", network=Network(look_up=lambda *_: ["10.0.0.1"]))
        missing = refusal("http://a.example/", network=Network(look_up=unknown))
        assert (inner.code, str(inner), inner.params) == (
            *(missing.code, str(missing)),
            missing.params,
        )

    def test_a_look_up_that_fails_for_now_may_be_tried_again(self):
        def away(*_):
            raise socket.gaierror(socket.EAI_AGAIN, "try again")

        error = refusal("http://a.example/", network=Network(look_up=away))
        assert (error.code, error.is_transient) == ("FETCH_NOT_REACHABLE", True)

    def test_a_name_is_looked_up_once_and_cannot_change_its_mind(self, canary):
        """Rebinding: the answer to a second question would lead to the canary."""
        looked_up = []

        def rebinding(host, port):
            looked_up.append(host)
            return ["127.0.0.1"] if len(looked_up) == 1 else ["127.0.0.2"]

        network = Network(lambda address: str(address) == "127.0.0.1", rebinding, EVERY_PORT)
        with speaking(plain(BODY)) as server:
            assert fetch(f"{server.url}/", network=network)[1] == BODY
        assert looked_up == ["media.example"]

    def test_a_rebinding_name_is_refused_at_the_next_redirect(self, canary):
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        network = Network(lambda address: address.is_loopback, lambda *_: next(answers), EVERY_PORT)
        with speaking(redirect("/again"), plain(b"x")) as server:
            error = refusal(f"{server.url}/", network=network)
        assert (error.code, server.connections) == ("FETCH_ADDRESS_REFUSED", 1)

    @pytest.mark.parametrize("host", SPELLINGS)
    def test_no_redirect_leads_to_this_machine(self, canary, host):
        first = speaking(redirect(f"http://{host}:{canary.port}/"))
        with first as server:
            port = server.port

            def look_up(name, number):
                return ["127.0.0.5"] if name == "media.example" else PUBLIC.look_up(name, number)

            # The first server stands for one on the internet.
            network = Network(
                lambda a: str(a) == "127.0.0.5" or PUBLIC.is_allowed(a), look_up, EVERY_PORT
            )
            with _also_on("127.0.0.5", port):
                error = refusal(f"{server.url}/", network=network)
        assert error.code in {"FETCH_ADDRESS_REFUSED", "FETCH_LINK_INVALID"}

    @pytest.mark.parametrize("port", [22, 25, 6379, 8080, 0, 65536])
    def test_only_the_usual_ports_are_asked(self, port):
        network = Network(look_up=lambda *_: pytest.fail("looked up"))
        error = refusal(f"http://media.example:{port}/", network=network)
        assert error.code == "FETCH_LINK_INVALID"

    def test_the_products_own_network_is_strict(self):
        assert Network() == PUBLIC
        assert PUBLIC.ports == {80, 443}
        for host in ("127.0.0.1", "[::1]", "localhost", "2130706433"):
            assert refusal(f"http://{host}/", network=PUBLIC).code == "FETCH_ADDRESS_REFUSED"


@contextlib.contextmanager
def _also_on(host, port):
    """The same port under another loopback address, passed on."""
    with socket.create_server((host, port)) as listener:

        def pass_on():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection, socket.create_connection(("127.0.0.1", port)) as behind:
                    behind.sendall(connection.recv(65536))
                    while data := behind.recv(65536):
                        connection.sendall(data)

        thread = threading.Thread(target=pass_on, daemon=True)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


class TestRedirects:
    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 Other", "307 T", "308 P"])
    def test_three_are_followed(self, status):
        hops = [redirect(f"/{n}", status) for n in range(3)]
        with speaking(*hops, plain(b"here")) as server:
            assert fetch(f"{server.url}/")[1] == b"here"
        assert [request.split()[1] for request in server.requests] == ["/", "/0", "/1", "/2"]

    def test_a_fourth_is_not(self):
        with speaking(redirect("/again")) as server:
            assert refusal(f"{server.url}/").code == "FETCH_TOO_MANY_REDIRECTS"
        assert server.connections == 4

    @pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@a/"])
    def test_one_to_something_else_is_refused(self, to):
        assert error_of(redirect(to)).code == "FETCH_LINK_INVALID"

    def test_a_redirect_without_an_address_is_no_answer(self):
        error = error_of(head("Content-Length: 0", status="302 Found"))
        assert (error.code, error.params) == ("FETCH_HTTP_STATUS", {"status": 302})


@pytest.fixture(scope="session")
def paths(tmp_path_factory) -> tuple[Path, Path]:
    """A certificate for media.example and its key."""
    return certificate(tmp_path_factory.mktemp("tls"), "media.example")


class TestTls:
    @pytest.fixture
    def serving(self, paths) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*paths)
        return context

    @pytest.fixture
    def trusting(self, paths) -> Network:
        """Knows the certificate."""
        here = HERE.look_up
        return Network(
            HERE.is_allowed,
            here,
            EVERY_PORT,
            lambda: ssl.create_default_context(cafile=str(paths[0])),
        )

    def test_name_and_certificate_are_the_links(self, serving, trusting):
        names = []
        serving.sni_callback = lambda _socket, name, _context: names.append(name)
        with speaking(plain(BODY), tls=serving) as server:
            data = fetch(f"https://media.example:{server.port}/", network=trusting)[1]
        assert (data, names) == (BODY, ["media.example"])

    def test_a_certificate_for_another_name_is_refused(self, serving, trusting):
        with speaking(plain(b"x"), tls=serving) as server:
            error = refusal(f"https://other.example:{server.port}/", network=trusting)
        assert (error.code, server.requests) == ("FETCH_NOT_TRUSTED", [])

    def test_an_unknown_certificate_is_refused(self, serving):
        with speaking(plain(b"x"), tls=serving) as server:
            error = refusal(f"https://media.example:{server.port}/")
        assert (error.code, server.requests) == ("FETCH_NOT_TRUSTED", [])

    def test_no_redirect_from_https_to_http(self, serving, trusting, canary):
        with speaking(redirect(f"{canary.url}/"), tls=serving) as server:
            error = refusal(f"https://media.example:{server.port}/", network=trusting)
        assert error.code == "FETCH_REDIRECT_INSECURE"

    def test_a_server_that_speaks_no_tls(self, trusting):
        with speaking(plain(b"x")) as server:
            error = refusal(f"https://media.example:{server.port}/", network=trusting)
        assert (error.code, server.requests) == ("FETCH_NOT_REACHABLE", [])
