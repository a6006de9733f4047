"""Controls around ffmpeg, switched off."""

import os
from collections.abc import Iterator
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
    _replace(process, PASSED_ON=passed_on)


def paths_are_shown() -> None:
    """What a tool says is kept word for word."""
    from mediakit.sandbox import process  # noqa: PLC0415

    _replace(process, _redactions=lambda _reads, _cwd: {})
