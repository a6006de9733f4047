"""Finds texts without a Korean translation, and catalogues that do not match the texts or their compiled form.

    python -m scripts.check_messages

Collects the texts again in a copy, as `make messages` does, and compares. Prints one line for each difference and exits
with 1 when there is any. Needs gettext's programs.
"""

import gettext
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ("django", "djangojs")
FOLDER = "locale/ko/LC_MESSAGES"
COPIED = {".html", ".js", ".po", ".py", ".toml", ".txt"}
EXCLUDED = {".git", ".venv", ".test-services", "data", "node_modules", "tests"}
_ALIAS = re.compile(r"\bn?p?gettext(?:_lazy|_noop)? as (?!_\b)\w+")
_ENTRY = re.compile(r'^((?:msgctxt .*\n(?:".*"\n)*)?msgid (?:.*\n)(?:".*"\n)*)', re.MULTILINE)


def problems(root: Path = ROOT) -> list[str]:
    """Return one line for each untranslated text and each outdated catalogue."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy"
        shutil.copytree(root, copy, ignore=_ignored)
        _collect(copy, Path(scratch) / "data")
        found = list(_unread_names(copy))
        for name in CATALOGUES:
            kept = root / FOLDER / f"{name}.po"
            fresh = copy / FOLDER / f"{name}.po"
            found += _differences(kept, fresh)
            found += [
                f"{kept.name}: not translated: {text}" for text in _texts(kept, "--untranslated")
            ]
            found += [f"{kept.name}: fuzzy: {text}" for text in _texts(kept, "--only-fuzzy")]
            found += _not_compiled(kept)
        return found


def _unread_names(root: Path) -> Iterator[str]:
    """Imports of gettext's functions under names by which makemessages does not find their texts."""
    for path in sorted(root.rglob("*.py")):
        for match in _ALIAS.finditer(path.read_text()):
            yield f"{path.relative_to(root)}: makemessages finds no texts of `{match[0]}`"


def _ignored(folder: str, names: list[str]) -> set[str]:
    files = {name for name in names if not (Path(folder) / name).is_dir()}
    return {name for name in files if Path(name).suffix not in COPIED} | (EXCLUDED & set(names))


def _collect(copy: Path, data: Path) -> None:
    """Run the two commands of `make messages` in the copy."""
    command = [
        sys.executable,
        "manage.py",
        "makemessages",
        "--all",
        "--no-obsolete",
        "--no-location",
        "--no-wrap",
    ]
    environ = {**os.environ, "HEIMDEX_DATA_DIR": str(data)}
    for extra in ([], ["--domain", "djangojs", "--ignore=static/vendor"]):
        done = subprocess.run(
            [*command, *extra], cwd=copy, env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"makemessages failed:\n{done.stderr}")


def _texts(catalogue: Path, *options: str) -> list[str]:
    """The first lines of the texts that msgattrib picks, without the header."""
    picked = _run("msgattrib", "--no-wrap", "--no-obsolete", *options, str(catalogue)).decode()
    texts = [entry.replace('"\n"', "").strip() for entry in _ENTRY.findall(picked)]
    return [text for text in texts if text != 'msgid ""']


def _differences(kept: Path, fresh: Path) -> list[str]:
    before, after = set(_texts(kept)), set(_texts(fresh))
    return [
        *(f"{kept.name}: missing, run `make messages`: {text}" for text in sorted(after - before)),
        *(
            f"{kept.name}: no longer used, run `make messages`: {text}"
            for text in sorted(before - after)
        ),
    ]


def _not_compiled(catalogue: Path) -> list[str]:
    expected = gettext.GNUTranslations(
        io.BytesIO(_run("msgfmt", "--check-format", "-o", "-", str(catalogue)))
    )
    compiled = catalogue.with_suffix(".mo")
    with compiled.open("rb") as file:
        if vars(gettext.GNUTranslations(file))["_catalog"] == vars(expected)["_catalog"]:
            return []
    return [f"{compiled.name}: not compiled from {catalogue.name}, run `make messages`"]


def _run(*argv: str) -> bytes:
    return subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout


if __name__ == "__main__":
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(bool(found))
