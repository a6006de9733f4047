"""Every benchmark says what it does when it is asked with `--help`, and measures nothing."""

import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = {"benchmarks.search.measures"}  # started by another benchmark only
COMMANDS = sorted(
    name
    for path in (ROOT / "benchmarks").rglob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    for name in [".".join(path.relative_to(ROOT).with_suffix("").parts)]
    if name not in PARTS
)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_a_benchmark_has_help(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as done:
        runpy.run_module(name, run_name="__main__")
    assert done.value.code == 0
    assert "usage:" in capsys.readouterr().out
