"""Clients that others' generators make of our schema do the main job, to the downloaded bytes."""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mediakit.probing.probe import probe
from tests import services
from tests.e2e.server import Installation, Process

HERE = Path(__file__).parent
# Types that openapi-python-client does not know by name.
CONFIG = {
    "content_type_overrides": {
        "application/offset+octet-stream": "application/octet-stream",
        "application/x-subrip": "text/plain",
        "image/jpeg": "application/octet-stream",
        "text/vtt": "text/plain",
    },
    "post_hooks": [],
}


@pytest.fixture
def server(own: Installation) -> Iterator[Process]:
    with own.serving() as running:
        yield running


@pytest.fixture
def schema(server: Process, tmp_path: Path) -> Path:
    file = tmp_path / "schema.json"
    accept = {"Accept": "application/vnd.oai.openapi+json"}
    file.write_bytes(httpx.get(f"{server.url}/v1/schema", headers=accept, timeout=60).content)
    assert json.loads(file.read_text())["servers"] == [{"url": server.url}]
    return file


def run(*argv: object, cwd: Path | None = None) -> str:
    """Run a tool to its end; returns what it printed."""
    done = subprocess.run(
        [str(word) for word in argv],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def node_tools() -> Path:
    """The folder with what package-lock.json lists, installed first if it is missing or the lock changed."""
    folder = Path(sys.prefix) / "test-client-node"
    lock_file = HERE / "package-lock.json"
    digest = hashlib.sha256(lock_file.read_bytes()).hexdigest()
    stamp = folder / "installed"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != digest:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder)
            run("npm", "ci", "--ignore-scripts", "--silent", cwd=folder)
            stamp.write_text(digest)
    return folder


def check_short(file: Path) -> None:
    info = probe(str(file))
    assert (info.video.width, info.video.height) == (1080, 1920)
    assert abs(info.duration_ms - 3_000) <= 100


def test_one_in_python(own: Installation, server: Process, schema: Path, talk, tmp_path: Path):
    python = services.locked_python("test-client")
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    generate = ("-m", "openapi_python_client", "generate", "--meta", "none")
    said = run(
        *(python, *generate, "--path", schema, "--config", tmp_path / "config.json"),
        *("--output-path", tmp_path / "heimdex_client", "--fail-on-warning"),
    )
    short = tmp_path / "short.mp4"

    modules = run(
        *(python, HERE / "main_job.py", tmp_path, server.url, own.person("script")),
        *(*talk, short),
    )

    assert "WARNING" not in said
    assert int(modules) > 100
    check_short(short)


def test_one_in_typescript(own: Installation, server: Process, schema: Path, talk, tmp_path: Path):
    tools = node_tools()
    program = tmp_path / "program"
    program.mkdir()
    (program / "node_modules").symlink_to(tools / "node_modules")
    (program / "package.json").write_text('{"type": "module"}')
    shutil.copy(HERE / "main_job.ts", program)
    modules = tools / "node_modules"
    run("node", modules / "openapi-typescript/bin/cli.js", schema, "-o", "schema.d.ts", cwd=program)
    strict = ("--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes")
    target = ("--target", "es2022", "--module", "nodenext", "--types", "node")
    run("node", modules / "typescript/bin/tsc", *strict, *target, "main_job.ts", cwd=program)
    short = tmp_path / "short.mp4"

    run("node", program / "main_job.js", server.url, own.person("script"), *talk, short)

    check_short(short)
