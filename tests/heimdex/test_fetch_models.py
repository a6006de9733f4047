"""`manage.py fetch_models` against a server of this machine: the right bytes or nothing."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from heimdex.management.commands import fetch_models

BODY = b"a model" * 1000


class Server(BaseHTTPRequestHandler):
    """Sends on once, then answers; anything called `missing` is not there."""

    paths: list[str] = []

    def do_GET(self) -> None:
        self.paths.append(self.path)
        if "missing" in self.path:
            self.send_error(404)
        elif self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/here")
            self.end_headers()
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    """Where the models come from in this test."""
    Server.paths.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def expect(settings, monkeypatch, address: str, sha256: str) -> None:
    monkeypatch.setattr(fetch_models, "YUNET", f"{address}/moved")
    settings.FACE_MODEL_SHA256 = sha256
    monkeypatch.setattr(fetch_models, "WHISPER", address)
    monkeypatch.setattr(fetch_models, "SPEECH", {"config.json": sha256, "model.bin": sha256})


def test_models_are_fetched_once_and_checked(settings, monkeypatch, address, capsys):
    settings.FACE_MODEL = ""
    expect(settings, monkeypatch, address, hashlib.sha256(BODY).hexdigest())
    call_command("fetch_models")
    folder = Path(settings.DATA_DIR) / "models"
    found = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    speech = ["faster-whisper-small/config.json", "faster-whisper-small/model.bin"]
    assert found == ["face_detection_yunet_2023mar.onnx", *speech]
    assert (folder / found[0]).read_bytes() == BODY
    assert len(Server.paths) == 4
    call_command("fetch_models", "face")
    assert len(Server.paths) == 4
    assert "there already" in capsys.readouterr().out


def test_other_bytes_leave_nothing_behind(settings, monkeypatch, address):
    settings.FACE_MODEL = str(Path(settings.DATA_DIR) / "faces" / "model.onnx")
    expect(settings, monkeypatch, address, "0" * 64)
    with pytest.raises(CommandError, match="another file"):
        call_command("fetch_models", "face")
    monkeypatch.setattr(fetch_models, "YUNET", f"{address}/missing")
    with pytest.raises(CommandError, match="could not be fetched"):
        call_command("fetch_models", "face")
    assert list(Path(settings.FACE_MODEL).parent.iterdir()) == []
    with pytest.raises(CommandError, match="no model"):
        call_command("fetch_models", "taste")
