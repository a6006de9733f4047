"""Detects the installed ffmpeg, its version, and the filters and encoders that it lacks."""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from mediakit.errors import ToolMissingError
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
    """An installed tool: where it is, its version (empty for a development build), its parts."""

    name: str
    path: str
    version: tuple[int, ...]
    filters: frozenset[str] = frozenset()
    encoders: frozenset[str] = frozenset()

    def has_filter(self, name: str) -> bool:
        """Whether that filter was built in."""
        return name in self.filters

    def has_encoder(self, name: str) -> bool:
        """Whether that encoder was built in; being listed is no proof that it runs."""
        return name in self.encoders

    def is_older_than(self, minimum: tuple[int, ...]) -> bool:
        """Whether the version is known and below the minimum."""
        return bool(self.version) and self.version < minimum


def probe_tool(name: str) -> ToolProbe:
    """Ask an installed `ffmpeg` or `ffprobe` about itself; `ToolMissingError` without it."""
    path = shutil.which(name)
    if path is None:
        raise ToolMissingError(f"{name} is not installed.", tool=name)
    version = parse_version(_ask(name, "-version"))
    if name != "ffmpeg":
        return ToolProbe(name, path, version)
    return ToolProbe(name, path, version, _names(_ask(name, "-filters")), listed_encoders())


def listed_encoders() -> frozenset[str]:
    """The encoders that the installed ffmpeg was built with; `ToolMissingError` without one."""
    return _names(_ask("ffmpeg", "-encoders"))


def missing_parts(tool: ToolProbe) -> list[str]:
    """The filters and encoders that we need and this ffmpeg lacks."""
    lacking: Iterable[str] = (n for n in NEEDED_FILTERS if not tool.has_filter(n))
    return [*lacking, *(n for n in NEEDED_ENCODERS if not tool.has_encoder(n))]


def parse_version(words: str) -> tuple[int, ...]:
    """(5, 1, 9) from "ffmpeg version 5.1.9-0+deb12u1 ..."; empty for a build without number."""
    match = re.search(r"version n?(\d+(?:\.\d+)*)", words)
    return tuple(int(part) for part in match[1].split(".")) if match else ()


def _ask(name: str, option: str) -> str:
    return run([name, "-hide_banner", option], timeout_s=TIMEOUT_S).stdout


def _names(listing: str) -> frozenset[str]:
    """The second word of each line that describes a part."""
    return frozenset(re.findall(r"^ \S+ +(\w+) ", listing, re.MULTILINE))
