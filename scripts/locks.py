"""Reads lock files."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.txt"))
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)


def read_lock(path: Path) -> dict[str, str]:
    """Return the locked version of each package by normalised name; "1.0 or 2.0" when it differs between Pythons."""
    versions: dict[str, list[str]] = {}
    for name, version in PINNED.findall(path.read_text()):
        versions.setdefault(name, []).append(version)
    return {name: " or ".join(found) for name, found in versions.items()}
