"""The tree keeps its shape: files stay short, and what the documents name is there."""

import importlib
import re
from importlib.util import find_spec

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
MAX_LINES = 400
OPERATORS_FILES = {"heimdex.env"}
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))
FOLDERS = (*PACKAGES, "demo", "deploy", "docs", "locale", "scripts", "static", "templates")
# Folders and files with a slash; `path/to` and `folder.module.name` in backticks; commands.
PATH = re.compile(rf"(?<![\w./<-])(?:{'|'.join(FOLDERS)})(?:/[\w.*-]+)+")
FILE = re.compile(r"`(\w+\.(?:css|html|js|py|sh))`")
NAME = re.compile(rf"`((?:{'|'.join(PACKAGES)})(?:\.[a-z]\w*)(?:\.\w+)*)")
MODULE = re.compile(r"python3? -m ([\w.]+)")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
TARGET = re.compile(r"(?:^|`)make ([a-z][\w-]*)", re.MULTILINE)


def read(path) -> str:
    return path.read_text(encoding="utf-8")


def is_defined(name: str) -> bool:
    """Whether a dotted name is a module, or something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def test_no_python_file_is_long():
    files = [path for folder in PACKAGES for path in (ROOT / folder).rglob("*.py")]
    files += (ROOT / "scripts").rglob("*.py")
    lengths = {
        str(path.relative_to(ROOT)): len(read(path).splitlines())
        for path in files
        if path.parent.name != "migrations"
    }

    assert {path for path, lines in lengths.items() if lines > MAX_LINES} == set()


def test_every_folder_has_its_row_in_the_architecture():
    text = read(ROOT / "docs" / "architecture.md")
    folders = {f"{name}/" for name in FOLDERS if name != "docs"}
    folders |= {f"{path.parent.name}/" for path in (ROOT / "mediakit").glob("*/__init__.py")}
    rows = "".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))

    assert {folder for folder in folders if f"`{folder}`" not in rows} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(document):
    text = read(document)
    targets = set(re.findall(r"^([\w-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    missing = [path for path in PATH.findall(text) if not any(ROOT.glob(path.rstrip(".")))]
    missing += [
        name
        for name in FILE.findall(text)
        if not any(any((ROOT / folder).rglob(name)) for folder in FOLDERS)
    ]
    names = set(NAME.findall(text)) - OPERATORS_FILES
    missing += [name for name in names if not is_defined(name)]
    missing += [name for name in MODULE.findall(text) if find_spec(name) is None]
    missing += set(COMMAND.findall(text)) - set(get_commands())
    missing += set(TARGET.findall(text)) - targets

    assert missing == []
