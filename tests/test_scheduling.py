"""Each file's tests run in one process, and heavy files one after another."""

import os
from pathlib import Path

import pytest

from tests.scheduling import begins_late, unit_of


def test_a_file_is_one_unit():
    names = ("test_a", "TestB::test_c", "test_d[x::y]")

    assert {unit_of(f"tests/jobs/test_lease.py::{name}") for name in names} == {
        "tests/jobs/test_lease.py"
    }


def test_the_heavy_files_are_one_unit():
    assert {unit_of(f"tests/e2e/{name}.py::test_a") for name in ("a", "b")} == {"tests/e2e/"}


def test_what_takes_longest_begins_first():
    names = ["tests/b.py::b", "tests/e2e/a.py::a", "tests/a.py::a", "tests/test_faults.py::a"]

    assert sorted(names, key=begins_late) == [names[1], names[3], names[0], names[2]]


@pytest.mark.parametrize("number", range(4))
def test_this_file_is_in_one_process(number, tmp_path_factory):
    """Seen in the folder that the processes of a run share, which lies above each one's own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        folder: Path = tmp_path_factory.getbasetemp().parent / "test_scheduling"
        folder.mkdir(exist_ok=True)
        (folder / worker).touch()
        assert [path.name for path in folder.iterdir()] == [worker]
