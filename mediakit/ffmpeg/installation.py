"""Detects the installed ffmpeg, its version, and the filters and encoders that it lacks."""

import contextlib
import re
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mediakit.errors import ToolError, ToolMissingError
from mediakit.sandbox.process import run

TIMEOUT_S = 20.0
MINIMUM_VERSION = (5, 1)
NEEDED_FILTERS = (
    *("bwdif", "fps", "tpad", "scale", "crop", "pad", "overlay", "gblur", "zscale", "tonemap"),
    *("ebur128", "alimiter", "aresample", "premultiply", "sidedata", "setparams", "eq"),
    *("scdet", "blurdetect", "signalstats", "cropdetect", "metadata", "select", "ass", "afftdn"),
)
NEEDED_ENCODERS = ("libx264", "aac", "mjpeg")


@dataclass(frozen=True, slots=True)
class ToolProbe:
    """An installed tool: its path, version (empty for a development build), filters and encoders."""

    name: str
    path: str
    version: tuple[int, ...]
    filters: frozenset[str] = frozenset()
    encoders: frozenset[str] = frozenset()

    def has_filter(self, name: str) -> bool:
        """Return whether the tool was built with a filter."""
        return name in self.filters

    def has_encoder(self, name: str) -> bool:
        """Return whether the tool was built with an encoder, which may still fail on this machine."""
        return name in self.encoders

    def is_older_than(self, minimum: tuple[int, ...]) -> bool:
        """Return whether the version is known and below a minimum."""
        return bool(self.version) and self.version < minimum


def probe_tool(name: str) -> ToolProbe:
    """Return the path, version and parts of `ffmpeg` or `ffprobe`. Raises ToolMissingError if not installed."""
    path = shutil.which(name)
    if path is None:
        raise ToolMissingError(f"{name} is not installed.", tool=name)
    version = parse_version(_ask(name, "-version"))
    if name != "ffmpeg":
        return ToolProbe(name, path, version)
    return ToolProbe(name, path, version, _names(_ask(name, "-filters")), listed_encoders())


def listed_encoders() -> frozenset[str]:
    """Return the installed ffmpeg's encoders. Raises ToolMissingError if ffmpeg is not installed."""
    return _names(_ask("ffmpeg", "-encoders"))


_listing = threading.Lock()


def listed_decoders() -> dict[str, str]:
    """Return the installed ffmpeg's decoders, each with its codec's name. The answer is kept.

    Raises ToolMissingError if ffmpeg is not installed.
    """
    with _listing:
        return _listed_decoders()


def list_decoders_early() -> None:
    """Ask ffmpeg for its decoders in a thread, so that the first file that is read does not wait for it."""

    def ask() -> None:
        with contextlib.suppress(ToolError):  # whoever needs the list gets the error
            listed_decoders()

    threading.Thread(target=ask, name="decoders", daemon=True).start()


@cache
def _listed_decoders() -> dict[str, str]:
    listing = _ask("ffmpeg", "-decoders")
    found = re.findall(r"^ \S{6} (\S+) .*?(?:\(codec (\S+)\))?$", listing, re.MULTILINE)
    return {name: codec or name for name, codec in found}


def missing_parts(tool: ToolProbe) -> list[str]:
    """Return the names of the needed filters and encoders that an ffmpeg lacks."""
    lacking: Iterable[str] = (n for n in NEEDED_FILTERS if not tool.has_filter(n))
    return [*lacking, *(n for n in NEEDED_ENCODERS if not tool.has_encoder(n))]


def parse_version(text: str) -> tuple[int, ...]:
    """Parse "ffmpeg version 5.1.9-0+deb12u1 ..." into (5, 1, 9); empty for a build without a number."""
    match = re.search(r"version n?(\d+(?:\.\d+)*)", text)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _ask(name: str, option: str) -> str:
    return run([name, "-hide_banner", option], timeout_s=TIMEOUT_S).stdout


def _names(listing: str) -> frozenset[str]:
    """Return the second word of each line that describes a filter or an encoder."""
    return frozenset(re.findall(r"^ \S+ +(\w+) ", listing, re.MULTILINE))
