"""Controls around ffmpeg, switched off."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.mutants.patching import replace


def no_whitelists() -> None:
    """ffmpeg opens files of any format by any protocol."""
    from mediakit.ffmpeg import source_args  # noqa: PLC0415

    every = ["-protocol_whitelist", "file,http,tcp,crypto,data"]
    replace(source_args, input_args=lambda source, **_options: [*every, "-i", source])


def no_landlock() -> None:
    """Children may open any file."""
    from mediakit.sandbox import landlock  # noqa: PLC0415

    replace(landlock, abi=lambda: 0)


def no_system_call_filter() -> None:
    """Children may make any system call."""
    from mediakit.sandbox import seccomp  # noqa: PLC0415

    replace(seccomp, is_available=lambda: False)


def _change_limits(**changes: int) -> None:
    from mediakit.sandbox import process  # noqa: PLC0415

    limits_spec = process._limits_spec
    replace(process, _limits_spec=lambda start: {**limits_spec(start), **changes})


def no_memory_limit() -> None:
    """Children may use any amount of memory."""
    _change_limits(memory=1 << 40)


def no_file_size_limit() -> None:
    """Children may write files of any size."""
    _change_limits(file=1 << 40)


def _allow_calls(*names: str) -> None:
    """The filter allows these system calls."""
    from mediakit.sandbox import seccomp  # noqa: PLC0415

    rules = {name: row for name, row in seccomp.CALLS.items() if name not in names}
    replace(seccomp, CALLS=rules)


def children_change_other_limits() -> None:
    """A child sets the limits of any process of its user."""
    _allow_calls("prlimit64")


def children_change_other_priorities() -> None:
    """A child sets the priority of any process of its user."""
    _allow_calls("setpriority")


def children_schedule_others() -> None:
    """A child sets processors and scheduling of any process of its user."""
    _allow_calls("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr")


def children_set_io_priorities() -> None:
    """A child sets the disk priority of other processes."""
    _allow_calls("ioprio_set")


def children_start_processes() -> None:
    """A child can start processes that outlive it."""
    _allow_calls("clone", "clone3", "fork", "vfork")


def children_survive_their_parent() -> None:
    """A child survives the death of its parent."""
    _allow_calls("prctl")


def children_keep_unnamed_files() -> None:
    """A child can fill memory and disk with unnamed files."""
    _allow_calls("open", "openat", "openat2", "memfd_create", "fallocate", "shmget")


def no_total_limits() -> None:
    """Limits apply to single files and processes only, as in the kernel."""
    from mediakit.sandbox import usage  # noqa: PLC0415

    replace(usage, _usage=lambda _folder: (0, 0))


def no_thread_limit() -> None:
    """A child may have any number of threads."""
    from mediakit.sandbox import usage  # noqa: PLC0415

    replace(usage, _thread_count=lambda _pid: 0)


def root_keeps_its_capabilities() -> None:
    """The launcher drops no capability."""
    from mediakit.sandbox import confinement  # noqa: PLC0415

    code = confinement.LAUNCHER.read_text(encoding="utf-8")
    call = '    _drop_capabilities(may_read=bool(spec["ruleset"]))\n'
    if call not in code:
        raise AttributeError("the launcher has no such step: the mutant changes nothing")
    changed = Path(tempfile.mkdtemp()) / "launcher.py"
    changed.write_text(code.replace(call, ""), encoding="utf-8")
    replace(confinement, LAUNCHER=changed)


def symbolic_links_are_followed() -> None:
    """A symbolic link is accepted as a source."""
    from mediakit.probing import container_sniff  # noqa: PLC0415
    from mediakit.sandbox import confinement, source_file  # noqa: PLC0415

    def opened(path: str) -> int:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    for module in (source_file, confinement, container_sniff):
        replace(module, open_plain=opened)


def calling_thread_forks() -> None:
    """The calling thread starts the child, which dies with the thread."""
    from mediakit.sandbox import fork_server  # noqa: PLC0415

    replace(fork_server, call=lambda make, *, undo: make())


def whole_environment_is_passed_on() -> None:
    """Children see the whole environment with its secrets."""
    from mediakit.sandbox import process  # noqa: PLC0415

    class AllNames:
        def __iter__(self) -> Iterator[str]:
            return iter(list(os.environ))

    every_name: Any = AllNames()
    replace(process, INHERITED_ENV=every_name)


def paths_are_not_redacted() -> None:
    """A tool's output is stored without redaction."""
    from mediakit.sandbox import process  # noqa: PLC0415

    replace(process, _redactions=lambda _reads, _cwd: {})


def every_moment_is_right() -> None:
    """A Short that shows another moment of its video is accepted."""
    from mediakit.conformance.moment_check import MomentMatch  # noqa: PLC0415

    replace(MomentMatch, is_wrong=property(lambda _match: False))
