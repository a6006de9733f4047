"""Prints the locked packages with newer releases: those `make upgrade` would take, and those that are held back.

A cap in pyproject.toml, with its reason beside it, or a requirement of another package holds a package back.
The newest version is the newest for this Python. It is known only for installed packages: not for those of the S3
server and of `make audit`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.locks import LOCKS, ROOT, read_lock

BIN = Path(sys.prefix) / "bin"


def read_newest() -> dict[str, str]:
    """Return the newest release of each outdated installed package, by name."""
    argv = [
        str(BIN / "uv"),
        "pip",
        "list",
        "--outdated",
        "--format",
        "json",
        "--python",
        sys.executable,
    ]
    done = subprocess.run(argv, check=True, capture_output=True, text=True)
    return {package["name"]: package["latest_version"] for package in json.loads(done.stdout)}


def print_outdated() -> None:
    """Print one line for each outdated package of each lock file."""
    newest = read_newest()
    row = "{:<30}{:<20}{:<20}{}".format
    with tempfile.TemporaryDirectory() as folder:
        for name in LOCKS:
            shutil.copy(ROOT / name, folder)
        argv = [str(ROOT / "scripts" / "lock"), folder, "--upgrade"]
        subprocess.run(argv, check=True, env={**os.environ, "BIN": str(BIN)})
        for name in LOCKS:
            print(row(name, "locked", "make upgrade", "newest"))
            upgraded = read_lock(Path(folder) / name)
            for package, locked in read_lock(ROOT / name).items():
                allowed = upgraded.get(package, "not needed")
                latest = newest.get(package, allowed)
                if {allowed, latest} != {locked}:
                    held = "" if latest in {allowed, *allowed.split(" or ")} else "  held back"
                    print(row(f"  {package}", locked, allowed, latest + held))


if __name__ == "__main__":
    print_outdated()
