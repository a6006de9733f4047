"""Places where a fault test kills a process: each order kills one, and without orders nothing happens."""

import signal
import subprocess
import sys

import pytest

from jobs import killpoints

CODE = "from jobs.killpoints import reach; reach('claim_after'); print('alive')"


@pytest.mark.parametrize(
    ("order", "code"), [("claim_after", -signal.SIGKILL), ("claim_before", 0), (None, 0)]
)
def test_an_order_kills_the_one_who_comes_by(tmp_path, order, code):
    if order:
        (tmp_path / order).touch()
    for expected in (code, 0):
        ended = subprocess.run(
            [sys.executable, "-c", CODE],
            env={killpoints.VARIABLE: str(tmp_path)},
            capture_output=True,
            check=False,
        )
        assert ended.returncode == expected


def test_without_the_variable_nothing_happens(monkeypatch):
    monkeypatch.delenv(killpoints.VARIABLE, raising=False)
    for point in killpoints.POINTS:
        killpoints.reach(point)
