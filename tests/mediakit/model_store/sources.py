"""A maker's server and a package registry on this machine, with small models in them."""

import contextlib
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from mediakit.model_store.catalog import Address, Model, Source, Wheel, Wheels


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Maker:
    """A server that gives out files, goes on from a byte, and can break off in the middle of a file."""

    url: str
    files: dict[str, bytes]
    breaks_after: dict[str, int] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)


@contextlib.contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Maker]:
    maker = Maker("", files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            maker.requests.append((name, self.headers.get("Range", "")))
            if self.path.startswith("/moved/"):
                self.send_response(302)
                self.send_header("Location", f"/{name}")
                self.end_headers()
            elif name not in maker.files:
                self.send_error(404)
            else:
                self._send(name, maker.files[name])

        def _send(self, name: str, body: bytes) -> None:
            first = int(self.headers.get("Range", "bytes=0-")[6:-1])
            if first and first >= len(body):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(body) - first))
            self.end_headers()
            rest = body[first : maker.breaks_after.pop(name, None)]
            self.wfile.write(rest)

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        maker.url = f"http://127.0.0.1:{server.server_port}"
        yield maker
        server.shutdown()


def address(maker: Maker, files: dict[str, bytes]) -> Address:
    return Address(maker.url, {name: sha256(data) for name, data in files.items()}, "the maker")


def make_wheel(folder: Path, project: str, members: dict[str, bytes]) -> Wheel:
    """Write a wheel whose import would fail the test, and return its pin with one file for each member."""
    package, version = project.replace("-", "_"), "1.0.0"
    info = f"{package}-{version}.dist-info"
    path = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{package}/__init__.py", "raise SystemExit('the code was run')\n")
        for name, data in members.items():
            archive.writestr(f"{package}/{name}", data)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    pinned = tuple((f"{package}/{name}", name.partition(".part")[0]) for name in members)
    return Wheel(project, version, sha256(path.read_bytes()), pinned)


def model(*sources: Source, name: str = "base", size_bytes: int = 100_000) -> Model:
    return Model(name, "speech", f"Model {name}", "MIT", size_bytes, f"model-{name}", sources)


def wheels(pins: tuple[Wheel, ...], files: dict[str, bytes]) -> Wheels:
    return Wheels(pins, {name: sha256(data) for name, data in files.items()}, "the registry")
