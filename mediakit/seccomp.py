"""A filter for system calls: no sockets but the ones a tool needs, nothing that tools never do.

Landlock says nothing of UDP, of sockets with a file name (databases, container daemons), of a file's
times and permissions, or of what only root may do: that is refused here, with EPERM.
"""

import platform
import struct
import sys
from functools import cache

_AF_INET, _AF_INET6, _SOCK_STREAM, _TCP, _FAST_OPEN = 2, 10, 1, 6, 0x20000000
_AF_UNIX, _SOCK_SEQPACKET = 1, 5
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL, _EPERM = 0x7FFF0000, 0x80000000, 0x00050001
_NUMBER_AT, _ARCH_AT = 0, 4
_ARGUMENTS_AT = (16, 24, 32, 40)
_OTHER_ABI = 0x40000000  # x32 calls, which nobody makes

# The same number everywhere: io_uring_setup, open_tree, move_mount, fsopen, fsmount, fspick,
# pidfd_getfd, mount_setattr, fchmodat2, setxattrat, removexattrat.
_COMMON = (425, 428, 429, 430, 432, 433, 438, 442, 452, 463, 466)
# socketpair bind listen accept accept4 sendmsg sendmmsg ptrace process_vm_readv process_vm_writev bpf
# perf_event_open userfaultfd add_key request_key keyctl mount umount2 pivot_root chroot unshare
# setns init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff
# open_by_handle_at acct settimeofday clock_settime; then what changes times, owners, permissions
# and attributes of files
_X86_64 = (
    *(
        53,
        49,
        50,
        43,
        288,
        46,
        307,
        101,
        310,
        311,
        321,
        298,
        323,
        248,
        249,
        250,
        165,
        166,
        155,
        161,
        272,
    ),
    *(308, 175, 313, 176, 246, 320, 169, 167, 168, 304, 163, 164, 227),
    *(172, 173, 154),  # iopl ioperm modify_ldt
    *(90, 91, 268, 92, 93, 94, 260, 132, 235, 280, 261, 188, 189, 190, 197, 198, 199),
)
_AARCH64 = (
    *(
        199,
        200,
        201,
        202,
        242,
        211,
        269,
        117,
        270,
        271,
        280,
        241,
        282,
        217,
        218,
        219,
        40,
        39,
        41,
        51,
        97,
    ),
    *(268, 105, 273, 106, 104, 294, 142, 224, 225, 265, 89, 170, 112),
    *(52, 53, 54, 55, 88, 5, 6, 7, 14, 15, 16),
)
# By machine: its name for the kernel, the numbers of socket() and sendto(), what is refused.
_MACHINES = {
    "x86_64": (0xC000003E, 41, 44, _X86_64),
    "aarch64": (0xC00000B7, 198, 206, _AARCH64),
}
# bind() and listen(), and connect().
_NAMING = {"x86_64": ((49, 50), 42), "aarch64": ((200, 201), 203)}


@cache
def is_available() -> bool:
    """Whether this machine filters system calls, and we know their numbers here."""
    if not sys.platform.startswith("linux") or platform.machine() not in _MACHINES:
        return False
    try:
        with open("/proc/sys/kernel/seccomp/actions_avail", encoding="ascii") as words:  # noqa: PTH123
            return "errno" in words.read()
    except OSError:
        return False


@cache
def program(*, tcp: bool, binds: bool = False) -> bytes:
    """The filter as the kernel reads it; with `tcp`, plain TCP sockets can be made.

    With `binds` there may also be local sockets of one kind (seqpacket) which are given a name and
    wait: CUDA makes one when it starts and stops when it cannot. Nobody who calls there is answered
    (accept is refused), and without `tcp` it cannot call anybody itself. What services offer under
    a file's name are sockets of another kind.
    """
    arch, socket, sendto, refused = _MACHINES[platform.machine()]
    naming, connect = _NAMING[platform.machine()]
    kept = [number for number in refused if not (binds and number in naming)]
    closed = [] if tcp else [connect if binds else socket]
    numbers = (*kept, *_COMMON, *closed)
    checks = [(_AT_LEAST, _OTHER_ABI), *((_EQUAL, number) for number in numbers)]
    looking = (*(_LOCAL if binds else ()), *(_NONE if binds and not tcp else _TCP_ONLY))
    # Laid out as: head, checks, the two calls that are looked into, ALLOW, EPERM, the looking.
    return b"".join(
        [
            _step(_LOAD, _ARCH_AT),
            _step(_EQUAL, arch, yes=1),
            _step(_RETURN, _KILL),
            _step(_LOAD, _NUMBER_AT),
            *(_step(code, nr, yes=len(checks) - at + 2) for at, (code, nr) in enumerate(checks)),
            _step(_EQUAL, socket, yes=3),
            _step(_EQUAL, sendto, yes=2 + len(looking)),
            _step(_RETURN, _ALLOW),
            _step(_RETURN, _EPERM),
            *looking,
            *_CONNECTED_ONLY,
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
# A local socket of the kind that keeps packets whole; anything else is looked at further.
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
# Bytes go through a connection that was allowed: "fast open" connects without asking.
_CONNECTED_ONLY = (
    _step(_LOAD, _ARGUMENTS_AT[3]),
    _step(_ANY_BIT, _FAST_OPEN, yes=1),
    _step(_RETURN, _ALLOW),
    _step(_RETURN, _EPERM),
)
