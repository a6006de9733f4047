"""A large upload by the lines of docs/api.md, over a connection that is cut off twice, arrives whole."""

import contextlib
import hashlib
import socket
import socketserver
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.clients.test_documented_lines import lines
from tests.e2e.server import Installation

LARGE_BYTES = 48 * 1024**2
CUT_AFTER_BYTES = 3 * 1024**2
CUTS = 2
PIECE = 64 * 1024


class CuttingProxy(socketserver.ThreadingTCPServer):
    """Passes connections on; the first CUTS that send more than CUT_AFTER_BYTES are reset there."""

    daemon_threads = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.target, self.cuts, self.lock = target, 0, threading.Lock()

    def may_pass(self, sent: int) -> bool:
        """Whether a connection goes on after that many bytes."""
        with self.lock:
            if sent <= CUT_AFTER_BYTES or self.cuts >= CUTS:
                return True
            self.cuts += 1
            return False


class _Connection(socketserver.BaseRequestHandler):
    server: CuttingProxy

    def handle(self) -> None:
        """Copy both directions until one side ends or the connection is cut."""
        with socket.create_connection(self.server.target) as upstream:
            back = threading.Thread(target=_copy, args=(upstream, self.request), daemon=True)
            back.start()
            sent, was_cut = 0, False
            with contextlib.suppress(OSError):
                while data := self.request.recv(PIECE):
                    sent += len(data)
                    was_cut = was_cut or not self.server.may_pass(sent)
                    if was_cut:
                        break
                    upstream.sendall(data)
            with contextlib.suppress(OSError):
                upstream.shutdown(socket.SHUT_WR)
            if was_cut:
                return
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(PIECE):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


def make_large(talk: Path, path: Path) -> str:
    """A copy of an MP4 that a box without meaning makes LARGE_BYTES longer; returns its SHA-256."""
    with path.open("wb") as file:
        file.write(talk.read_bytes())
        file.write(LARGE_BYTES.to_bytes(4, "big") + b"free")
        file.truncate(file.tell() + LARGE_BYTES - 8)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def test_it_goes_on_where_it_was_cut(own: Installation, talk: tuple[Path, Path], tmp_path: Path):
    work = tmp_path / "script"
    work.mkdir()
    sent = make_large(talk[0], work / "talk.mp4")
    (work / "talk.srt").symlink_to(talk[1])
    token = own.person("demo")
    tools = "\n".join(
        line for line in lines("README.md", about="create_token demo").splitlines() if "()" in line
    )

    with (
        own.serving() as server,
        CuttingProxy(("127.0.0.1", urlsplit(server.url).port or 0)) as cut,
    ):
        threading.Thread(target=cut.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{cut.server_address[1]}/v1"
        script = f"set -u\nTOKEN={token}\nBASE={base}\n{tools}\n{lines('docs/api.md', about='Upload-Length')}"
        done = subprocess.run(
            ["/bin/bash", "-c", script.replace("sleep 5", "sleep 0.2")],
            cwd=work,
            env=own.environ(),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        cut.shutdown()

    assert done.returncode == 0, done.stderr
    assert '"filename":"talk.mp4"' in done.stdout.replace(": ", ":")
    assert cut.cuts == CUTS
    assert done.stderr.count("curl: ") >= CUTS
    (stored,) = (own.data_dir / "media" / "sources").rglob("*.mp4")
    with stored.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == sent
