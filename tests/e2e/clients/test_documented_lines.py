"""The lines for scripts in README and docs/api.md, pasted into a shell as they are, against the running product."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from mediakit.probing.probe import probe
from tests.e2e.server import ROOT, Installation

FENCED = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = "127.0.0.1:8000"


def lines(document: str, *, about: str) -> str:
    """The one fenced block of a document that holds the words."""
    blocks = FENCED.findall((ROOT / document).read_text())
    (block,) = (block for block in blocks if about in block)
    return str(block)


def test_they_do_what_they_say(own: Installation, talk: tuple[Path, Path], tmp_path: Path):
    work = tmp_path / "pasted"
    work.mkdir()
    for name, target in (
        (".venv", Path(sys.prefix)),
        ("manage.py", ROOT / "manage.py"),
        ("talk.mp4", talk[0]),
        ("talk.srt", talk[1]),
    ):
        (work / name).symlink_to(target)
    readme = lines("README.md", about="create_token demo")
    large = lines("docs/api.md", about="Upload-Length")
    quiet = replace(own, settings={"HEIMDEX_IMPORT_LIMIT": "0"})
    quiet.person("demo")

    with quiet.serving() as server:
        assert PORT in readme
        script = "set -eu\n" + readme.replace(PORT, server.url.removeprefix("http://")) + large
        # Pieces of 100 kB, so that there are several.
        done = subprocess.run(
            ["/bin/bash", "-c", script.replace("16777216", "100000")],
            cwd=work,
            env=quiet.environ(),
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")
    info = probe(str(work / "short.mp4"))
    assert (info.video.width, info.video.height) == (1080, 1920)
    for expected in ('"rules"', '"limit"', '"IMPORT_OFF"', '"filename":"talk.mp4"'):
        assert expected in done.stdout.replace(": ", ":")
    assert done.stdout.rstrip().endswith("}")
    last = done.stdout.splitlines()[-1].replace(": ", ":")
    assert re.search('"status":"(PENDING|PROCESSING)"', last)  # the worker may have begun
