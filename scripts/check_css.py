"""Finds unused CSS classes, and used classes that neither a style sheet nor a script knows.

    python -m scripts.check_css

Prints one line for each and exits with 1 when there is any. A class counts as used when a template, a script or a form
names it. A name that a template completes (`chip--{{ state }}`) counts for every class that begins like it.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "exports", "heimdex", "videos")
THIRD_PARTY_SHEETS = {"admin.css"}  # styles the classes of Django's admin
SET_BY_LIBRARIES = {"htmx-request"}

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PRELUDE = re.compile(r"([^{};]+)\{")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_ATTRIBUTE = re.compile(r'\bclass="([^"]*)"')
_TEMPLATE_TAG = re.compile(r"{%.*?%}")
_TEMPLATE_VALUE = re.compile(r"{{.*?}}")
_IN_FORM = re.compile(r"""["']class["'](?:\]\s*=|:)\s*["']([^"'.]+)["']""")
_BLOCK_MODIFIER = re.compile(r"""["']([a-z][a-z-]*--[a-z_-]+)["']""")
_CLASS_LIST = re.compile(r"\bclassList\.\w+\(([^)]*)\)|\bclassName = ([^;]*);")
_STRING = re.compile(r"""["'`]([^"'`]*)["'`]""")
_SELECTOR_CALL = re.compile(r"\b(?:querySelector|querySelectorAll|closest|matches|\w+)\(([^)]*)\)")
WILDCARD = "*"


def defined(sheet: str) -> set[str]:
    """The classes in the selectors of a style sheet."""
    preludes = _PRELUDE.findall(_COMMENT.sub("", sheet))
    return {name for prelude in preludes for name in _CLASS.findall(prelude)}


def used_in_markup(markup: str) -> set[str]:
    """The classes in `class` attributes; `*` stands where a template puts a value."""
    found: set[str] = set()
    for words in _ATTRIBUTE.findall(_TEMPLATE_TAG.sub(" ", markup)):
        found.update(_TEMPLATE_VALUE.sub(WILDCARD, words).split())
    return found - {WILDCARD}


def used_in_script(script: str) -> set[str]:
    """The classes that a script sets."""
    calls = ["".join(groups) for groups in _CLASS_LIST.findall(script)]
    return {word for call in calls for words in _STRING.findall(call) for word in words.split()}


def queried_by_script(script: str) -> set[str]:
    """The classes in a script's selectors."""
    calls = _SELECTOR_CALL.findall(script)
    return {
        name for call in calls for words in _STRING.findall(call) for name in _CLASS.findall(words)
    }


def used_in_python(source: str) -> set[str]:
    """The classes that forms give to their widgets, and the modifiers (`chip--done`) that views choose."""
    in_forms = {word for words in _IN_FORM.findall(source) for word in words.split()}
    return in_forms | set(_BLOCK_MODIFIER.findall(source))


def problems(root: Path = ROOT) -> list[str]:
    """Return one line for each unused and each unknown class."""
    scripts = list(_read(root / "static/js", "*.js"))
    templates = list(_read(root / "templates", "*.html"))
    sheets = {
        sheet.relative_to(root).as_posix(): defined(sheet.read_text("utf-8"))
        for sheet in sorted((root / "static/css").glob("*.css"))
        if sheet.name not in THIRD_PARTY_SHEETS
    }
    used = _all(map(used_in_markup, templates)) | _all(map(used_in_script, scripts))
    for app in APPS:
        used |= _all(map(used_in_python, _read(root / app, "*.py")))
    known = _all(sheets.values()) | _all(map(queried_by_script, scripts))
    unused = [
        f"{sheet}: .{name} is not used"
        for sheet, names in sheets.items()
        for name in sorted(names - SET_BY_LIBRARIES)
        if not any(_fits(name, use) for use in used)
    ]
    unknown = [
        f'class="{use}" has no rule'
        for use in sorted(used)
        if not any(_fits(name, use) for name in known)
    ]
    return unused + unknown


def _read(folder: Path, pattern: str) -> Iterator[str]:
    return (file.read_text("utf-8") for file in sorted(folder.rglob(pattern)) if _ours(file))


def _ours(file: Path) -> bool:
    return "admin" not in file.parts and file.name != "admin.py"


def _all(sets: Iterable[set[str]]) -> set[str]:
    return set().union(*sets)


def _fits(name: str, use: str) -> bool:
    return name == use or (use.endswith(WILDCARD) and name.startswith(use[:-1]))


if __name__ == "__main__":
    found = problems()
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(bool(found))
