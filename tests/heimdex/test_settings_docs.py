"""Every environment variable is documented, and nothing is documented that does not exist."""

import re
from collections import Counter
from pathlib import Path

from heimdex.startup.retired_settings import RETIRED

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    *("accounts", "core", "exports", "heimdex", "jobs"),
    *("mediakit", "netfetch", "storage", "videos", "workers"),
)
SOURCES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]
SOURCES += [ROOT / "deploy" / "gunicorn_conf.py", ROOT / "deploy" / "healthcheck.py"]
# Variables of Django, Celery and the system's linker.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "CELERY_SKIP_CHECKS", "LD_LIBRARY_PATH"}
BARE = re.compile(
    r"os\.environ(?:\.get\(|\.setdefault\(|\[)\s*\"([A-Z0-9_]+)\"|\"([A-Z0-9_]+)\" (?:not )?in os\.environ"
)
READER = re.compile(
    r"env\.(text|flag|integer|choice|string_list|secret|price)\(\s*\"([A-Z0-9_]+)\""
)


def read_variables() -> dict[str, str]:
    """Each variable that the product reads, with the reader it goes through ("" without one)."""
    texts = [source.read_text(encoding="utf-8") for source in SOURCES]
    bare = {first or second for text in texts for first, second in BARE.findall(text)}
    return {
        **dict.fromkeys(bare - NOT_OURS, ""),
        **{name: reader for text in texts for reader, name in READER.findall(text)},
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
    assert set(documented()) == set(read_variables()) | set(RETIRED)


def test_a_variable_has_one_meaning():
    texts = [source.read_text(encoding="utf-8") for source in SOURCES]
    readers = {(name, reader) for text in texts for reader, name in READER.findall(text)}
    rows = [
        line.split("`")[1]
        for line in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]

    assert [name for name, times in Counter(name for name, _ in readers).items() if times > 1] == []
    assert [name for name, times in Counter(rows).items() if times > 1] == []


def test_a_retired_variable_is_read_by_its_alias_only():
    assert set(read_variables()) & set(RETIRED) == {"HEIMDEX_BEHIND_PROXY"}


def test_secrets_that_can_be_files_are_marked():
    secret = {name for name, reader in read_variables().items() if reader == "secret"}

    assert {name for name, marked in documented().items() if marked} == secret
