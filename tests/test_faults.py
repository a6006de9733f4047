"""A short form of every fault test: one cluster, one fault of each kind. `make faults` does it all at full length."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.figures import Figures, kept
from tests.faults.scenarios.registry import SCENARIOS
from tests.faults.units import HOME, ROOT, find, temporary_folder
from tests.services import _tool

pytestmark = [
    pytest.mark.services,
    pytest.mark.timeout(900),  # all of it runs for the first test
]


@pytest.fixture(scope="module")
def folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Run every selected scenario once. Yields the folder of their figures."""
    names = [
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == "test_a_fault_is_survived"
    ]
    out = tmp_path_factory.mktemp("faults")
    argv = [sys.executable, "-m", "tests.faults", *names, "--short", "--out", str(out)]
    home = temporary_folder()
    try:
        with (out / "words").open("w") as words:
            env = {**os.environ, HOME: str(home)}
            subprocess.run(argv, cwd=ROOT, env=env, stdout=words, stderr=words, check=False)
        yield out
    finally:
        _clear(home)


def _clear(home: Path) -> None:
    """Nothing of the run stays, even when it was broken off: processes, small disks, files."""
    for one in find(str(home)):
        one.signal(signal.SIGKILL)
    for disk in sorted(home.rglob("*"), reverse=True):
        if disk.is_mount():
            subprocess.run([_tool("umount"), "--lazy", str(disk)], check=False)
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.in_suite])
def test_a_fault_is_survived(folder: Path, name: str):
    found = kept(folder / "short", name)

    assert found is not None, (folder / "words").read_text()[-5000:]
    for one in found[1]:
        assert one.passed, "\n".join([str(one.row()), *one.problems, one.audit_words])
        assert one.runs, f"{one.name}: nothing was tried"


def test_a_finding_of_the_auditor_is_a_failure():
    figures = Figures("x", runs=1, faults=1, recovered=1, audit={"lost": 1})

    assert not figures.passed
    assert not Figures("x", faults=2, recovered=1).passed
    assert Figures("x", faults=1, recovered=1, audit={"lost": 0}).passed
