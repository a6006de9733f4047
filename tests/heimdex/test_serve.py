"""`manage.py serve` says in words why it does not start; what it does when it runs is in tests/e2e."""

import os
import signal
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from heimdex.management.commands import serve
from heimdex.startup import bootstrap, one_server

pytestmark = pytest.mark.django_db


def test_web_only_needs_a_broker(settings):
    settings.REDIS_URL = ""

    with pytest.raises(CommandError, match="needs REDIS_URL"):
        call_command("serve", "--web-only")


def test_a_database_that_is_behind_is_named(monkeypatch):
    monkeypatch.setattr(bootstrap, "has_pending_migrations", lambda: True)

    monkeypatch.setattr(bootstrap, "has_static_files", lambda: True)

    with pytest.raises(CommandError, match=r"manage\.py migrate"):
        call_command("serve")


def test_a_taken_port_is_said_in_words(monkeypatch, settings):
    monkeypatch.setattr(bootstrap, "has_static_files", lambda: True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"Another program has port {port} of 127.0.0.1"):
            call_command("serve", "--port", str(port))
        with (
            one_server.hold_data_folder(settings.DATA_DIR, address="http://127.0.0.1:8000/"),
            pytest.raises(CommandError, match=r"running on .* already \(process \d+, http"),
        ):
            call_command("serve", "--port", str(port))


def test_an_address_of_another_machine_is_said_in_words(monkeypatch):
    monkeypatch.setattr(bootstrap, "has_static_files", lambda: True)

    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1:8000: "):
        call_command("serve", "--host", "192.0.2.1")


@pytest.fixture(autouse=True)
def own_tempdir(monkeypatch):
    """`serve` chooses where temporary files lie for as long as its process lives; here for one test."""
    monkeypatch.setattr(tempfile, "tempdir", None)


class Server:
    """Stands for the web server: `run` ends at once, as after a signal."""

    def __init__(self, listening):
        self.listening = listening

    def run(self):
        pass

    def stop(self):
        pass

    def close(self):
        self.listening.close()
        return True


@pytest.fixture
def stopped(monkeypatch):
    """A server that stops right after it has started; signals stay as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(serve, "_web_server", Server)
    monkeypatch.setattr(bootstrap, "has_static_files", lambda: True)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_it_says_where_it_is_and_what_another_address_needs(stopped, settings, monkeypatch, capsys):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.delenv("HEIMDEX_HOSTS", raising=False)

    call_command("serve", "--web-only", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - closed at once

    words = capsys.readouterr().out
    assert "Heimdex is at http://0.0.0.0:" in words
    assert "Set HEIMDEX_HOSTS" in words


def test_prepare_and_demo_come_first(stopped, settings, monkeypatch, capsys):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    done: list[str] = []
    for step in ("migrate_database", "collect_static_files"):
        monkeypatch.setattr(bootstrap, step, lambda step=step: done.append(step))
    monkeypatch.setattr(
        serve, "call_command", lambda name, stdout, **_: stdout.write(f"{name}: login")
    )

    call_command("serve", "--web-only", "--prepare", "--demo", "--port", "0")

    assert done == ["migrate_database", "collect_static_files"]
    assert "demo: login" in capsys.readouterr().out


def test_static_files_are_collected_when_they_changed(settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = tmp_path
    collected: list[str] = []
    monkeypatch.setattr(bootstrap, "call_command", lambda name, **_: collected.append(name))

    bootstrap.collect_static_files()
    bootstrap.collect_static_files()
    assert collected == ["collectstatic"]

    monkeypatch.setattr(bootstrap, "_fingerprint", lambda: "another")
    bootstrap.collect_static_files()
    assert collected == ["collectstatic"] * 2


@contextmanager
def as_nobody():
    """Drop root's rights if the tests have them, because root can write to a folder of mode 555."""
    mine = os.geteuid()
    os.seteuid(mine or 65534)
    try:
        yield
    finally:
        os.seteuid(mine)


def test_static_files_of_an_image_are_left_as_they_are(settings):
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # every user may enter it
        folder = Path(name)
        (folder / "staticfiles.json").write_text("as installed")
        folder.chmod(0o555)
        settings.STATIC_ROOT = folder

        with as_nobody():
            bootstrap.collect_static_files()

        assert (folder / "staticfiles.json").read_text() == "as installed"
        folder.chmod(0o755)


def test_pages_are_never_served_without_static_files(stopped, settings, monkeypatch, tmp_path):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bootstrap, "has_static_files", lambda: False)
    done: list[str] = []
    monkeypatch.setattr(bootstrap, "collect_static_files", lambda: done.append("collected"))

    call_command("serve", "--web-only", "--port", "0")

    assert done == ["collected"]


def test_static_files_are_there_once_their_manifest_is(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    assert not bootstrap.has_static_files()

    (tmp_path / "staticfiles.json").touch()
    assert bootstrap.has_static_files()


def test_a_migrated_database_is_not_behind():
    assert bootstrap.has_pending_migrations() is False
