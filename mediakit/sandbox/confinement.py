"""What one child may access: prepares the confinement that `mediakit.sandbox.launcher` applies to it.

Granted are the tool itself, the system's libraries and fonts, the named sources, and one folder; to
an encoder in hardware the device files that it works with, and nothing else of them.
On Linux with Landlock the kernel enforces it. Elsewhere only resource limits and the tools' own
whitelists hold, and `strength` reports that.
"""

import contextlib
import os
import stat
import struct
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from mediakit.errors import SandboxError
from mediakit.sandbox import config, landlock, seccomp
from mediakit.sandbox.landlock import EXECUTE, IOCTL_DEV, READ_DIR, READ_FILE, WRITE_FILE
from mediakit.sandbox.source_file import is_remote, open_plain

Strength = Literal["full", "partial", "none"]

LAUNCHER = Path(__file__).with_name("launcher.py")
_READ = READ_FILE | READ_DIR
_DEVICE = READ_FILE | WRITE_FILE | IOCTL_DEV
# Without removing: a file that is open and has no name would not count (`mediakit.sandbox.usage`).
_WORK = _READ | WRITE_FILE | landlock.MAKE_REG | landlock.TRUNCATE
_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"),
    *("/etc/fonts", "/usr/share/fontconfig", "/var/cache/fontconfig"),
    *("/usr/share/fonts", "/usr/local/share/fonts", "/dev/urandom", "/dev/zero"),
    str(
        Path(__file__).resolve().parents[1] / "captions" / "font_files"
    ),  # the caption fonts that come with Heimdex
)


@dataclass(frozen=True, slots=True)
class Devices:
    """What a run that works with devices may access in addition.

    `files` are device files, each opened by its own name; of `info_paths` files can be read and folders
    listed. With `may_bind` it may give a socket of its own a name, which CUDA does when it starts.
    """

    files: tuple[str, ...]
    info_paths: tuple[str, ...] = ()
    may_bind: bool = False


@dataclass(frozen=True, slots=True)
class Confinement:
    """A prepared confinement: the launcher's specification, and the descriptors that it must inherit."""

    spec: Mapping[str, object]
    descriptors: tuple[int, ...] = ()


def strength() -> Strength:
    """How much of a confinement this machine's kernel enforces.

    "full": files, network and system calls. "partial": files, and only a part of the rest. "none":
    a compromised tool could read every file that this process can.
    """
    if not landlock.abi():
        return "none"
    has_all = landlock.abi() >= landlock.TCP_FROM and seccomp.is_available()
    return "full" if has_all else "partial"


@contextlib.contextmanager
def confine(
    tool: str, *, reads: Sequence[str], folder: Path | None, devices: Devices | None = None
) -> Iterator[Confinement]:
    """Prepare the confinement of the tool at a path: it may read the sources and write in the folder.

    A source is a plain file, reached through no symbolic link, or the address of our own reader,
    whose port is then the only one it may connect to. Raises `InputError` for any other source and
    `SandboxError` for a device path that is no device.
    """
    port = next((_port(source) for source in reads if is_remote(source)), None)
    calls = _filter(port, devices)
    with contextlib.ExitStack() as stack:
        # Opened once, here: the grant is for this file, even if another one takes its path later.
        files = [stack.enter_context(_opened_source(path)) for path in reads if not is_remote(path)]
        if not landlock.abi():
            yield Confinement({"ruleset": "", "filter": calls})
            return
        rules = landlock.Ruleset()
        stack.callback(rules.close)
        for path, rights in _tool_needs(tool):
            rules.allow_path(path, rights)
        for descriptor in files:
            rules.allow(descriptor, READ_FILE, is_folder=False)
        if folder is not None:
            rules.allow_path(str(folder), _WORK)
        if port is not None:
            rules.allow_connect(port)
        if devices is not None:
            _allow_devices(rules, devices)
        spec = {"ruleset": rules.descriptor, "filter": calls}
        yield Confinement(spec, (rules.descriptor,))


def _filter(port: int | None, devices: Devices | None) -> str:
    if not seccomp.is_available():
        return ""
    if devices is None:
        return seccomp.program(tcp=port is not None).hex()
    return seccomp.program(tcp=port is not None, devices=True, may_bind=devices.may_bind).hex()


def _allow_devices(rules: landlock.Ruleset, devices: Devices) -> None:
    """Grant access to the device files, which may be no links, and reading of their information."""
    for path in devices.files:
        with landlock.opened(path, follow=False) as descriptor:
            if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
                raise SandboxError(f"{path} is no device.", tool="ffmpeg")
            rules.allow(descriptor, _DEVICE, is_folder=False)
    for path in devices.info_paths:
        rules.allow_path(path, READ_DIR if os.path.isdir(path) else READ_FILE)  # noqa: PTH112 -- false without rights


def _port(source: str) -> int | None:
    return urllib.parse.urlsplit(source).port


@contextlib.contextmanager
def _opened_source(path: str) -> Iterator[int]:
    descriptor = open_plain(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _tool_needs(tool: str) -> Iterator[tuple[str, int]]:
    """Yield (path, rights) of what every run of a tool needs."""
    yield tool, EXECUTE | READ_FILE
    loader = _loader(tool)
    if loader:
        yield loader, EXECUTE | READ_FILE
    libraries = filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    for path in (*_SYSTEM, *libraries, *config.current().tool_paths):
        yield path, _READ
    yield "/dev/null", READ_FILE | WRITE_FILE


@cache
def _loader(tool: str) -> str:
    """Return the dynamic loader's path from a tool's ELF header; "" without one."""
    try:
        with open(tool, "rb") as file:  # noqa: PTH123 -- read in pieces
            head = file.read(64)
            if head[:6] != b"\x7fELF\x02\x01":
                return ""
            table, size, count = struct.unpack_from("<Q", head, 32)[0], *_sizes(head)
            for number in range(count):
                file.seek(table + number * size)
                entry = file.read(size)
                if struct.unpack_from("<I", entry)[0] == 3:  # PT_INTERP
                    offset, length = (struct.unpack_from("<Q", entry, at)[0] for at in (8, 32))
                    file.seek(offset)
                    return file.read(min(length, 4096)).rstrip(b"\0").decode()
    except (OSError, struct.error, UnicodeDecodeError):
        return ""
    return ""


def _sizes(head: bytes) -> tuple[int, int]:
    """Return size and number of the entries of the program header table."""
    size, count = struct.unpack_from("<HH", head, 54)
    return size, count
