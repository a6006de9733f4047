"""Runs as the child: confines itself permanently, then executes the tool in its place.

    python -I -S launcher.py SPEC TOOL ARGUMENT...

SPEC is comma-separated "name=value", from `mediakit.sandbox.confinement`. Imports the standard library only, and as
little of it as possible (`signal` alone takes 10 ms): this runs before every tool. "ok" goes to the status pipe when
everything is in place; anything else there says why the tool was not started.
"""

import ctypes
import os
import resource
import sys

_PDEATHSIG, _NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 1, 38, 22, 2
_CAP_AMBIENT, _CLEAR_ALL = 47, 4
_CAPABILITIES_VERSION, _DAC_READ_SEARCH = 0x20080522, 2
_RESTRICT_SELF = 446
_SIGKILL, _SIGPIPE, _SIGXFSZ, _DEFAULT = 9, 13, 25, None
_FAILED = 126


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


class _Owner(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Capabilities(ctypes.Structure):
    """Numbers 0 to 31; those from 32 on have another one."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main() -> None:
    """Apply limits and confinement, report to the parent, execute the tool."""
    spec = dict(part.split("=", 1) for part in sys.argv[1].split(","))
    status = int(spec["status"])
    os.set_inheritable(status, False)  # noqa: FBT003 -- its only parameter
    try:
        _limit(spec)
        if sys.platform.startswith("linux"):
            _bind_to_parent(int(spec["parent"]))
            _confine(spec)
        os.write(status, b"ok")
        os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 -- the tool to run
    except BaseException as error:  # noqa: BLE001 -- every error is reported to the parent
        os.write(status, f" {type(error).__name__}: {error}".encode())
        os._exit(_FAILED)


def _limit(spec: dict[str, str]) -> None:
    # Python ignores these two, and so would the tool.
    for ignored in (_SIGPIPE, _SIGXFSZ):
        _libc.signal(ignored, _DEFAULT)
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(nice, int(spec["nice"])))
    _raise_oom_score()
    cpu_s = int(spec["cpu"])
    for what, soft, hard in (
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 2),
        (resource.RLIMIT_FSIZE, int(spec["file"]), int(spec["file"])),
        (resource.RLIMIT_NOFILE, int(spec["files"]), int(spec["files"])),
        (resource.RLIMIT_AS, int(spec["memory"]), int(spec["memory"])),
    ):
        _set_limit(what, soft, hard)
    if "data" in spec:
        _set_limit(resource.RLIMIT_DATA, int(spec["data"]), int(spec["data"]))


def _raise_oom_score() -> None:
    """Have the kernel kill the tool before a worker or a database when memory runs out."""
    try:
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:
        return  # not Linux, or not allowed
    os.write(score, b"500")
    os.close(score)


def _set_limit(what: int, soft: int, hard: int) -> None:
    max_hard = resource.getrlimit(what)[1]
    if max_hard != resource.RLIM_INFINITY:
        soft, hard = min(soft, max_hard), min(hard, max_hard)
    try:
        resource.setrlimit(what, (soft, hard))
    except (ValueError, OSError):
        if sys.platform.startswith("linux"):  # macOS knows no limit on memory
            raise


def _bind_to_parent(parent: int) -> None:
    """Set the parent-death signal; raises ProcessLookupError when the parent is gone already."""
    _prctl(_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        raise ProcessLookupError("the parent is gone")


def _confine(spec: dict[str, str]) -> None:
    _prctl(_NO_NEW_PRIVS, 1)
    _drop_capabilities(may_read=bool(spec["ruleset"]))
    if spec["ruleset"]:
        _check(_libc.syscall(_RESTRICT_SELF, int(spec["ruleset"]), 0))
        os.close(int(spec["ruleset"]))
    if spec["filter"]:
        steps = bytes.fromhex(spec["filter"])
        program = _Program(len(steps) // 8, steps)
        _prctl(_SET_SECCOMP, _FILTER, ctypes.cast(ctypes.byref(program), ctypes.c_void_p).value)


def _drop_capabilities(*, may_read: bool) -> None:
    """Root without root's rights; "no new privileges" keeps the tool from getting them back.

    Where Landlock names the files, root goes on reading those that belong to another user.
    """
    _prctl(_CAP_AMBIENT, _CLEAR_ALL)
    if os.geteuid() != 0:
        return  # the tool would lose what is left when it starts
    kept = 1 << _DAC_READ_SEARCH if may_read else 0
    sets = (_Capabilities * 2)(_Capabilities(kept, kept, 0), _Capabilities())
    _check(_libc.capset(ctypes.byref(_Owner(_CAPABILITIES_VERSION, 0)), sets))


def _prctl(option: int, value: int, more: "int | None" = 0) -> None:
    args = (ctypes.c_ulong(arg or 0) for arg in (value, more, 0, 0))
    _check(_libc.prctl(option, *args))


def _check(answer: int) -> None:
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


_libc = ctypes.CDLL(None, use_errno=True)

if __name__ == "__main__":
    main()
