"""A seccomp filter: allows only the sockets that a tool needs and threads, and refuses calls that tools never use.

Landlock does not cover UDP, sockets with a file name (databases, container daemons), a file's times and
permissions, other processes' limits and priorities, or what only root may do: that is refused here, with EPERM.
"""

import platform
import struct
import sys
from functools import cache

_AF_INET, _AF_INET6, _SOCK_STREAM, _TCP, _FAST_OPEN = 2, 10, 1, 6, 0x20000000
_AF_UNIX, _SOCK_SEQPACKET = 1, 5
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_CLONE_THREAD = 0x10000
# Every CLONE_NEW... flag of `clone`: mounts, cgroups, host name, IPC, users, processes, network.
_CLONE_NAMESPACES = 0x7E020000
_PR_SET_PDEATHSIG = 1
_UNNAMED_FILE = 0x400000  # __O_TMPFILE, the same on both machines
_NUMBER_AT, _ARCH_AT = 0, 4
_ARGUMENTS_AT = (16, 24, 32, 40)
_OTHER_ABI = 0x40000000  # x32 calls, which no tool makes

# Number on x86-64 and on aarch64 (None: the machine has no such call), as in the kernel's headers
# asm/unistd_64.h and asm-generic/unistd.h; a test compares them.
CALLS: dict[str, tuple[int | None, int | None]] = {
    # Allowed or not by their arguments and by what the tool needs: see `program`.
    "socket": (41, 198),
    "sendto": (44, 206),
    "connect": (42, 203),
    # A thread, but no process.
    "clone": (56, 220),
    # For the child itself only: the C library reads its limits, x264 lowers a thread's priority.
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    # All but the end of "die with your parent".
    "prctl": (157, 167),
    # Files with a name: the size of any other one shows in no folder.
    "open": (2, None),
    "openat": (257, 56),
    # These do not exist: their arguments lie where no filter can look, and the C library falls
    # back to `clone` and `openat`.
    "clone3": (435, 435),
    "openat2": (437, 437),
    # Refused, from here on. Processes, which would outlive the child and have limits of their own.
    "fork": (57, None),
    "vfork": (58, None),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    # Scheduling, of any process of the same user.
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    # Memory and room outside the limits: segments that outlive the child, files without a name,
    # gigabytes at a stroke.
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "fallocate": (285, 47),
    # A local service: taking callers, sending descriptors.
    "socketpair": (53, 199),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    # What only a debugger or a tracer does.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    # Keys of the kernel.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # File systems, namespaces and modules, which only root may change.
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "open_by_handle_at": (304, 265),
    # Accounting and the clock.
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    # Ports and segments of the machine; x86 only.
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    # Permissions and owners of files.
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    # Times of files.
    "utime": (132, None),
    "utimes": (235, None),
    "utimensat": (280, 88),
    "futimesat": (261, None),
    # Attributes of files.
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    # Newer calls, which have the same number on every machine.
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "mount_setattr": (442, 442),
    "fchmodat2": (452, 452),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
}
_BIND_CALLS = ("bind", "listen")
# Drivers share memory with their device through such files.
_DEVICE_CALLS = ("memfd_create",)
# By machine: what the kernel calls it (AUDIT_ARCH_...), and its column in the table.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


@cache
def is_available() -> bool:
    """Whether this kernel has seccomp filters, and `CALLS` has the numbers for this machine."""
    if not sys.platform.startswith("linux") or platform.machine() not in _MACHINES:
        return False
    try:
        with open("/proc/sys/kernel/seccomp/actions_avail", encoding="ascii") as words:  # noqa: PTH123
            return "errno" in words.read()
    except OSError:
        return False


@cache
def program(*, tcp: bool, devices: bool = False, may_bind: bool = False) -> bytes:
    """Return the filter as BPF instructions; with `tcp`, it allows plain TCP sockets.

    With `devices` memory files are allowed, which drivers need.
    With `may_bind` there may also be local sockets of one kind (seqpacket) which are given a name and
    listen: CUDA makes one when it starts and fails when it cannot. It can accept no connection
    (accept is refused), and without `tcp` it cannot connect either. What services offer under
    a file's name are sockets of another kind.
    """
    arch, column = _MACHINES[platform.machine()]
    number = {name: nr for name, row in CALLS.items() if (nr := row[column]) is not None}
    granted = (*(_BIND_CALLS if may_bind else ()), *(_DEVICE_CALLS if devices else ()))
    refused = [name for name in _REFUSED if name not in granted]
    if not tcp:
        refused.append("connect" if may_bind else "socket")
    sockets = (*(_LOCAL if may_bind else ()), *(_NONE if may_bind and not tcp else _TCP_ONLY))
    rules = {
        **dict.fromkeys(refused, _NONE),
        **dict.fromkeys(_MISSING, (_step(_RETURN, _ENOSYS),)),
        **_BY_ARGUMENTS,
        "sendto": _CONNECTED_ONLY,
    }
    rules.setdefault("socket", sockets)
    # After the head comes each call with its instructions, which end in a return; other calls jump over them.
    return b"".join(
        [
            _step(_LOAD, _ARCH_AT),
            _step(_EQUAL, arch, yes=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER_AT),
            _step(_AT_LEAST, _OTHER_ABI, no=1),
            _step(_RETURN, _EPERM),
            *(
                part
                for name, steps in rules.items()
                if name in number
                for part in (_step(_EQUAL, number[name], no=len(steps)), *steps)
            ),
            _step(_RETURN, _ALLOW),
        ]
    )


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


# A socket must be TCP itself: Landlock knows nothing of what is like it.
_TCP_ONLY = (
    _step(_LOAD, _ARGUMENTS_AT[0]),
    _step(_EQUAL, _AF_INET, yes=1),
    _step(_EQUAL, _AF_INET6, no=7),
    _step(_LOAD, _ARGUMENTS_AT[1]),
    _step(_AND, 0xF),
    _step(_EQUAL, _SOCK_STREAM, no=4),
    _step(_LOAD, _ARGUMENTS_AT[2]),
    _step(_EQUAL, 0, yes=1),
    _step(_EQUAL, _TCP, no=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
# A local socket of the kind that keeps packets whole; other sockets go on to the next check.
_LOCAL = (
    _step(_LOAD, _ARGUMENTS_AT[0]),
    _step(_EQUAL, _AF_UNIX, no=5),
    _step(_LOAD, _ARGUMENTS_AT[1]),
    _step(_AND, 0xF),
    _step(_EQUAL, _SOCK_SEQPACKET, no=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
_NONE = (_step(_RETURN, _EPERM),)


def _unless(argument: int, code: int, value: int) -> tuple[bytes, ...]:
    """Refused when the comparison holds for that argument (its lower 32 bits), otherwise allowed."""
    return (
        _step(_LOAD, _ARGUMENTS_AT[argument]),
        _step(code, value, yes=1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _EPERM),
    )


_THREADS_ONLY = (
    _step(_LOAD, _ARGUMENTS_AT[0]),
    _step(_ANY_BIT, _CLONE_NAMESPACES, yes=2),
    _step(_ANY_BIT, _CLONE_THREAD, no=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
# Process 0 means the one that calls.
_OWN_LIMITS = (
    _step(_LOAD, _ARGUMENTS_AT[0]),
    _step(_EQUAL, 0, no=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
# PRIO_PROCESS is 0 as well.
_OWN_PRIORITY = (
    _step(_LOAD, _ARGUMENTS_AT[0]),
    _step(_EQUAL, 0, no=3),
    _step(_LOAD, _ARGUMENTS_AT[1]),
    _step(_EQUAL, 0, no=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
_BY_ARGUMENTS = {
    "clone": _THREADS_ONLY,
    "prlimit64": _OWN_LIMITS,
    "setpriority": _OWN_PRIORITY,
    "prctl": _unless(0, _EQUAL, _PR_SET_PDEATHSIG),
    "open": _unless(1, _ANY_BIT, _UNNAMED_FILE),
    "openat": _unless(2, _ANY_BIT, _UNNAMED_FILE),
}
_MISSING = ("clone3", "openat2")
_REFUSED = tuple(
    name for name in CALLS if name not in {"socket", "sendto", "connect", *_BY_ARGUMENTS, *_MISSING}
)
# Bytes go through a connection that was allowed: "fast open" connects without asking.
_CONNECTED_ONLY = (
    _step(_LOAD, _ARGUMENTS_AT[3]),
    _step(_ANY_BIT, _FAST_OPEN, yes=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
