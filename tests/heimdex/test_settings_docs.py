"""Every environment variable is documented, and nothing is documented that does not exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((ROOT / "heimdex" / "settings").glob("*.py")),
    ROOT / "heimdex" / "secret_key.py",
]
READER = re.compile(r"env\.(text|flag|integer|choice|words|secret)\(\s*\"([A-Z0-9_]+)\"")


def read_variables() -> dict[str, str]:
    """Each variable the settings read, with the reader it goes through."""
    return {
        name: reader
        for source in SOURCES
        for reader, name in READER.findall(source.read_text(encoding="utf-8"))
    }


def documented() -> dict[str, bool]:
    """Each documented variable, with whether it is marked as a secret."""
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [row.split("|")[1] for row in rows]
    return {
        name: bool(star)
        for cell in cells
        for name, star in re.findall(r"`([A-Z0-9_]+)`(\*?)", cell)
    }


def test_every_variable_is_documented_and_exists():
    assert set(documented()) == set(read_variables())


def test_secrets_that_can_be_files_are_marked():
    secret = {name for name, reader in read_variables().items() if reader == "secret"}

    assert {name for name, marked in documented().items() if marked} == secret
