"""The pages' modules as one script: a page of 80 modules waits for one file instead of eight levels of imports.

It knows the forms of `import` and `export` that our modules have, and refuses others. Modules stay as they are in
`static/js`, where an editor, the type checker and the tests of scripts read them.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath
from posixpath import normpath

# `import { a, b as c } from "./x.js";`, `import * as all from "./x.js";`, `import "./x.js";`
_IMPORT = re.compile(r'^import (?:(?:\{([^}]*)\}|\* as (\w+)) from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function|const|class) (\w+))", re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*)\n", re.MULTILINE)
_OTHER_FORM = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
_HEAD = "const once = (make) => { let made; return () => (made ??= make()); };\n"


class BundleError(Exception):
    """A module that cannot be bundled."""


class _Bundle:
    """Modules in the order in which they can be defined; each runs once, when the first one needs it."""

    def __init__(self, read: Callable[[str], str]) -> None:
        self._read = read
        self._numbers: dict[str, int] = {}
        self._open: list[str] = []
        self._parts: list[str] = []

    def add(self, name: str) -> str:
        """Add a module and what it imports, if they are not there; return the function that gives its exports."""
        if name in self._open:
            raise BundleError(f"modules import each other: {' -> '.join([*self._open, name])}")
        if name not in self._numbers:
            self._open.append(name)
            body = _COMMENT.sub("", self._read(name))
            imports = [self._imported(name, *found) for found in _IMPORT.findall(body)]
            body = _IMPORT.sub("", body)
            body = _LATER.sub(lambda found: self._later(name, found[1]), body)
            exports = ", ".join(_EXPORT.findall(body))
            body = _EXPORT.sub("", body)
            if other := _OTHER_FORM.search(body):
                raise BundleError(f"{name}: {other[0]}")
            self._open.pop()
            self._numbers[name] = len(self._numbers)
            lines = [f"// {name}", f"const {self._function(name)} = once(() => {{", *imports]
            self._parts.append("\n".join([*lines, body, f"return {{ {exports} }};", "});", ""]))
        return self._function(name)

    def text(self, entry: str) -> str:
        """All that was added; it runs `entry`."""
        return "".join([_HEAD, *self._parts, f"{self._function(entry)}();\n"])

    def _function(self, name: str) -> str:
        return f"module{self._numbers.get(name, len(self._numbers))}"

    def _imported(self, importer: str, names: str, everything: str, path: str) -> str:
        function = self.add(_resolved(importer, path))
        if everything:
            return f"const {everything} = {function}();"
        wanted = ", ".join(name.strip().replace(" as ", ": ") for name in names.split(","))
        return f"const {{ {wanted.removesuffix(', ')} }} = {function}();"

    def _later(self, importer: str, path: str) -> str:
        return f"Promise.resolve().then({self.add(_resolved(importer, path))})"


def bundled_modules(entry: str, read: Callable[[str], str]) -> str:
    """A script that does what the module `entry` does, without imports. `read` gives a module's text by its name.

    Comments that have lines of their own are left out. BundleError for a form that is not known.
    """
    bundle = _Bundle(read)
    bundle.add(entry)
    return bundle.text(entry)


def _resolved(importer: str, path: str) -> str:
    return normpath(PurePosixPath(importer).parent / path)
