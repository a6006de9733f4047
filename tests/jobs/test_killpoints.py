"""Points where a fault test kills a process: each order kills one, and in the product nothing happens."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import killpoints
from tests import processes

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import django
django.setup()
from jobs.killpoints import POINTS, reach
for point in POINTS:
    reach(point)
"""


def code_of_a_process(module: str, tmp_path: Path, **variables: str) -> int:
    """How a process with these settings ends that reaches every point."""
    env = {"PATH": os.environ["PATH"], "HEIMDEX_DATA_DIR": str(tmp_path / "data"), **variables}
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env={**env, "DJANGO_SETTINGS_MODULE": module},
        check=False,
    )
    return done.returncode


def test_an_order_kills_the_first_process_that_reaches_its_point(tmp_path):
    (tmp_path / "claim_after").touch()
    ordered = {processes.KILL_POINTS: str(tmp_path)}

    assert code_of_a_process(processes.SETTINGS, tmp_path, **ordered) == -signal.SIGKILL
    assert code_of_a_process(processes.SETTINGS, tmp_path, **ordered) == 0


@pytest.mark.parametrize("variable", ["HEIMDEX_KILL_POINTS", processes.KILL_POINTS])
def test_the_product_knows_no_variable_that_kills_it(tmp_path, variable):
    for point in killpoints.POINTS:
        (tmp_path / point).touch()

    assert code_of_a_process("heimdex.settings", tmp_path, **{variable: str(tmp_path)}) == 0
    assert all((tmp_path / point).exists() for point in killpoints.POINTS)


def test_every_hook_gets_the_points_name(monkeypatch):
    reached: list[str] = []
    monkeypatch.setattr(killpoints, "hooks", [reached.append])

    killpoints.reach("in_verify")

    assert reached == ["in_verify"]
