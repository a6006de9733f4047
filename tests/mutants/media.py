"""Controls around ffmpeg, switched off."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.mutants.jobs import _replace


def no_whitelists() -> None:
    """ffmpeg opens whatever a file turns out to be, by any protocol."""
    from mediakit.ffmpeg import source_args  # noqa: PLC0415

    every = ["-protocol_whitelist", "file,http,tcp,crypto,data"]
    _replace(source_args, input_args=lambda source, **_options: [*every, "-i", source])


def no_landlock() -> None:
    """The kernel keeps no child from any file."""
    from mediakit.sandbox import landlock  # noqa: PLC0415

    _replace(landlock, abi=lambda: 0)


def no_system_call_filter() -> None:
    """Children may make any system call."""
    from mediakit.sandbox import seccomp  # noqa: PLC0415

    _replace(seccomp, is_available=lambda: False)


def _planned(**changes: int) -> None:
    from mediakit.sandbox import process  # noqa: PLC0415

    plan = process._limits_spec
    _replace(process, _limits_spec=lambda start: {**plan(start), **changes})


def no_memory_limit() -> None:
    """Children may take all memory there is."""
    _planned(memory=1 << 40)


def no_file_size_limit() -> None:
    """Children may write files of any size."""
    _planned(file=1 << 40)


def _allowed(*names: str) -> None:
    """The filter lets these calls pass."""
    from mediakit.sandbox import seccomp  # noqa: PLC0415

    rules = {name: row for name, row in seccomp.CALLS.items() if name not in names}
    _replace(seccomp, CALLS=rules)


def children_change_other_limits() -> None:
    """A child sets the limits of any process of its user."""
    _allowed("prlimit64")


def children_change_other_priorities() -> None:
    """A child sets the priority of any process of its user."""
    _allowed("setpriority")


def children_schedule_others() -> None:
    """A child sets processors and scheduling of any process of its user."""
    _allowed("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")


def children_set_io_priorities() -> None:
    """A child sets the order in which other processes use the disk."""
    _allowed("ioprio_set")


def children_start_processes() -> None:
    """A child starts processes, which outlive it."""
    _allowed("clone", "clone3", "fork", "vfork")


def children_forget_their_parent() -> None:
    """A child lives on when its parent dies."""
    _allowed("prctl")


def children_keep_unnamed_files() -> None:
    """A child fills memory and disk with what no folder shows."""
    _allowed("open", "openat", "openat2", "memfd_create", "fallocate", "shmget")


def no_limits_in_sum() -> None:
    """Limits hold for one file and one process, as the kernel has them."""
    from mediakit.sandbox import usage  # noqa: PLC0415

    _replace(usage, _usage=lambda _folder: (0, 0))


def threads_without_end() -> None:
    """A child has as many threads as it likes."""
    from mediakit.sandbox import usage  # noqa: PLC0415

    _replace(usage, _thread_count=lambda _pid: 0)


def root_keeps_its_rights() -> None:
    """The launcher gives up no capability."""
    from mediakit.sandbox import confinement  # noqa: PLC0415

    code = confinement.LAUNCHER.read_text(encoding="utf-8")
    call = '    _drop_capabilities(may_read=bool(spec["ruleset"]))\n'
    if call not in code:
        raise AttributeError("the launcher has no such step: the mutant changes nothing")
    changed = Path(tempfile.mkdtemp()) / "launcher.py"
    changed.write_text(code.replace(call, ""), encoding="utf-8")
    _replace(confinement, LAUNCHER=changed)


def links_are_followed() -> None:
    """A symbolic link is as good a source as a file."""
    from mediakit.probing import container_sniff  # noqa: PLC0415
    from mediakit.sandbox import confinement, source_file  # noqa: PLC0415

    def opened(path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    for module in (source_file, confinement, container_sniff):
        _replace(module, open_plain=opened)


def any_thread_forks() -> None:
    """A child is started by the thread that wants it, and dies with it."""
    from mediakit.sandbox import fork_server  # noqa: PLC0415

    _replace(fork_server, call=lambda make, *, undo: make())


def environment_is_passed_on() -> None:
    """Children see the whole environment, secrets and all."""
    from mediakit.sandbox import process  # noqa: PLC0415

    class All:
        def __iter__(self) -> Iterator[str]:
            return iter(list(os.environ))

    passed_on: Any = All()
    _replace(process, INHERITED_ENV=passed_on)


def paths_are_shown() -> None:
    """What a tool says is kept word for word."""
    from mediakit.sandbox import process  # noqa: PLC0415

    _replace(process, _redactions=lambda _reads, _cwd: {})
