"""A short form of every fault test: one cluster, one fault of each kind. `make faults` does it all at full length."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.figures import Figures, kept
from tests.faults.scenarios.registry import SCENARIOS
from tests.faults.units import ROOT

pytestmark = [
    pytest.mark.services,
    pytest.mark.xdist_group("faults"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures of every scenario that was asked for, measured in one run."""
    wanted = [
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.originalname == "test_a_fault_is_survived"
    ]
    out = tmp_path_factory.mktemp("faults")
    words = [sys.executable, "-m", "tests.faults", *wanted, "--short", "--out", str(out)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    (out / "words").write_text(done.stdout + done.stderr)
    return out


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
