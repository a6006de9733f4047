"""The table of system calls says what the kernel's own headers say, on both machines."""

import platform
import re
import sys
from pathlib import Path

import pytest

from mediakit.sandbox import seccomp

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has these calls and their headers"
)

# Where Debian and Fedora put them, for this machine or for another one (`scripts/system-packages test` brings them).
X86_64 = [
    "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
    "/usr/x86_64-linux-gnu/include/asm/unistd_64.h",
    *(["/usr/include/asm/unistd_64.h"] if platform.machine() == "x86_64" else []),
]
AARCH64 = ["/usr/include/asm-generic/unistd.h"]
DEFINED = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)\b", re.MULTILINE)
FIRST_COMMON = 424  # since this number (pidfd_send_signal, Linux 5.1) every machine has the same


def numbers(paths: list[str]) -> dict[str, int]:
    """Each call's number as a header says it."""
    header = next((Path(path) for path in paths if Path(path).exists()), None)
    assert header, f"none of {paths} is there; `scripts/system-packages test` installs them"
    found = {name: int(number) for name, number in DEFINED.findall(header.read_text())}
    found.pop("syscalls", None)  # not a call, but their count
    assert len(found) > 250, f"{header} is not what it was taken for"
    return found


@pytest.mark.parametrize(("column", "paths"), [(0, X86_64), (1, AARCH64)])
def test_each_number_is_the_kernels(column, paths):
    known = numbers(paths)
    newest = max(known.values())

    for name, row in seccomp.CALLS.items():
        number = row[column]
        if name in known:
            assert number == known[name], name
        elif number is not None:
            # Newer than the installed headers: then it has the same number on both machines.
            assert number > newest, f"this machine has no call {name}"
            assert row[0] == row[1], name


def test_calls_of_one_number_everywhere_are_given_it():
    for name, row in seccomp.CALLS.items():
        if max(number or 0 for number in row) >= FIRST_COMMON:
            assert row[0] == row[1], name


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_refused_call_is_in_the_filter(monkeypatch, machine):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    seccomp.program.cache_clear()
    filtered = seccomp.program(tcp=False)
    seccomp.program.cache_clear()
    values = {
        int.from_bytes(filtered[at + 4 : at + 8], sys.byteorder)
        for at in range(0, len(filtered), 8)
    }
    column = ("x86_64", "aarch64").index(machine)

    for name, row in seccomp.CALLS.items():
        if name != "connect" and row[column] is not None:
            assert row[column] in values, name
