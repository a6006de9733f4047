"""Commands without a server: what they load, and that they work with nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import make_clip

ROOT = Path(__file__).resolve().parents[2]
# What takes longer to import than the command needs before it starts its first tool.
SLOW = (
    "boto3",
    "celery",
    "httpx",
    "kombu",
    "psycopg",
    "rest_framework",
    "structlog",
)
MANAGE = f"""
import atexit, json, runpy, sys
atexit.register(lambda: print(json.dumps([name for name in {SLOW!r} if name in sys.modules])))
sys.argv[0] = "manage.py"
runpy.run_path("manage.py", run_name="__main__")
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "talk.mp4", seconds=3)


def manage(folder: Path, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py in a process of its own, with a data folder of its own; prints what it loaded of SLOW."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-c", MANAGE, *argv],
        cwd=ROOT,
        env={**kept, "HEIMDEX_DATA_DIR": str(folder / "data"), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_a_short_is_made_and_checked_without_what_a_server_loads(clip, tmp_path):
    out = tmp_path / "short.mp4"

    made = manage(
        tmp_path,
        *("make_short", str(clip), "--start", "1", "--end", "2", "-o", str(out), "-v", "0"),
        *("--strategy", "center_crop"),
    )
    checked = manage(tmp_path, "check_short", str(out))

    assert made.stderr == ""
    assert (made.returncode, checked.returncode) == (0, 0)
    for done in (made, checked):
        assert json.loads(done.stdout.splitlines()[-1]) == []
    assert not list((tmp_path / "data").glob("*.sqlite3*"))


def test_smart_crop_and_captions_work_there_too(clip, tmp_path):
    captions = tmp_path / "talk.srt"
    captions.write_text("1\n00:00:00,000 --> 00:00:03,000\nThese words are said.\n")
    out = tmp_path / "short.mp4"

    made = manage(
        tmp_path,
        *("make_short", str(clip), "--start", "1", "--end", "2", "-o", str(out)),
        *("--transcript", str(captions), "--captions", "karaoke"),
        HEIMDEX_FETCH_MODELS="no",
    )

    assert made.returncode == 0, made.stderr
    assert f"{out}: 1080x1920, 1 s" in made.stdout
    assert out.with_suffix(".srt").exists()


def test_tools_stand_back_only_where_pages_may_wait(tmp_path):
    """`nice` of the tools: 0 for a command that a person waits for, the setting's default behind pages."""
    show = "from django.conf import settings; print(settings.TOOL_NICE)"
    niceness = []
    for module in ("heimdex.standalone.settings", "heimdex.settings"):
        kept = {"DJANGO_SETTINGS_MODULE": module, "HEIMDEX_DATA_DIR": str(tmp_path)}
        argv = [sys.executable, "-c", show]
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, **kept}, capture_output=True, text=True, check=True
        )
        niceness.append(int(done.stdout))

    assert niceness == [0, 5]
