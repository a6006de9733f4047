"""Landlock: a Linux process gives up rights permanently, without being root. Kernel interface only.

The parent makes a ruleset here and `mediakit.sandbox.launcher` applies it in the child. Rights that the
kernel does not know yet are left out: files from ABI 1, TCP from 4, signals and abstract sockets
from 6.
"""

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from functools import cache

CREATE_RULESET, ADD_RULE = 444, 445
_VERSION_FLAG = 1
_PATH_BENEATH, _NET_PORT = 1, 2

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, TRUNCATE, IOCTL_DEV = 1 << 5, 1 << 8, 1 << 14, 1 << 15
# What can be granted on a file; everything else is about folders.
_FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
# How many rights over files each version knows: the bits from 0 on.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_FILE_RIGHTS = 16
TCP_FROM, SCOPES_FROM = 4, 6
_BIND_TCP, CONNECT_TCP = 1, 2
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2


class _RulesetAttr(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


class _PortAttr(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("port", ctypes.c_uint64))


@cache
def abi() -> int:
    """Return the Landlock version of this kernel; 0 without Landlock."""
    if not sys.platform.startswith("linux"):
        return 0
    version = int(_libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG))
    return max(0, version)


class Ruleset:
    """A set of grants: everything else is forbidden once it is applied."""

    def __init__(self) -> None:
        version = abi()
        self._handled = (1 << _FILE_RIGHTS.get(version, _NEWEST_FILE_RIGHTS)) - 1
        self._has_tcp = version >= TCP_FROM
        attr = _RulesetAttr(self._handled, 0, 0)
        size = 8
        if self._has_tcp:
            attr.net, size = _BIND_TCP | CONNECT_TCP, 16
        if version >= SCOPES_FROM:
            attr.scoped, size = _ABSTRACT_SOCKETS | _SIGNALS, 24
        self.descriptor = _call(CREATE_RULESET, ctypes.byref(attr), ctypes.c_size_t(size), 0)

    def allow(self, descriptor: int, rights: int, *, is_folder: bool) -> None:
        """Grant rights on an open file, or on a folder and all that is in it."""
        allowed = rights & self._handled & (-1 if is_folder else _FOR_FILES)
        self._add(_PATH_BENEATH, _PathAttr(allowed, descriptor))

    def allow_path(self, path: str, rights: int) -> None:
        """Grant rights on a path; does nothing when it does not exist."""
        missing = contextlib.suppress(FileNotFoundError, PermissionError, NotADirectoryError)
        with missing, opened(path) as descriptor:
            self.allow(descriptor, rights, is_folder=os.path.isdir(path))  # noqa: PTH112

    def allow_connect(self, port: int) -> None:
        """Grant outgoing TCP connections to a port; without TCP rules they are not forbidden."""
        if self._has_tcp:
            self._add(_NET_PORT, _PortAttr(CONNECT_TCP, port))

    def close(self) -> None:
        """Close the ruleset; processes that have applied it stay restricted."""
        os.close(self.descriptor)

    def _add(self, kind: int, rule: ctypes.Structure) -> None:
        _call(ADD_RULE, self.descriptor, kind, ctypes.byref(rule), 0)


@contextlib.contextmanager
def opened(path: str, *, follow: bool = True) -> Iterator[int]:
    """Yield an O_PATH descriptor of a path, which gives no access to the content; of a link itself without `follow`."""
    last = 0 if follow else os.O_NOFOLLOW
    descriptor = os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC | last)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *args: object) -> int:
    answer = int(_libc().syscall(number, *args))
    if answer < 0:
        code = ctypes.get_errno() or errno.EINVAL
        raise OSError(code, os.strerror(code))
    return answer
