"""A variable that is no setting any more is named when a process starts, and nothing else is."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def said_at_the_start(tmp_path: Path, **variables: str) -> str:
    """The log of a process that sets Django up, as gunicorn, Celery and every command do."""
    env = {"PATH": os.environ["PATH"], "HEIMDEX_DATA_DIR": str(tmp_path), **variables}
    done = subprocess.run(
        [sys.executable, "-c", "import heimdex.wsgi"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_each_is_named_with_what_holds_instead(tmp_path):
    said = said_at_the_start(tmp_path, HEIMDEX_JOB_SWEEP_S="9", HEIMDEX_BEHIND_PROXY="yes")

    lines = [line for line in said.splitlines() if "no setting any more" in line]
    assert len(lines) == 2, said
    assert "HEIMDEX_BEHIND_PROXY is set" in lines[0]
    assert "HEIMDEX_PROXIES" in lines[0]
    assert "HEIMDEX_JOB_SWEEP_S is set" in lines[1]
    assert "its default holds" in lines[1]


def test_a_setting_is_not_named(tmp_path):
    assert "no setting" not in said_at_the_start(tmp_path, HEIMDEX_PROXIES="1")
