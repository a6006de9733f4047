"""`manage.py move_files` as an operator runs it: killed in the middle, run again, in both directions."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from heimdex.startup import one_server
from tests.e2e.server import ROOT, Installation
from tests.services import Bucket

pytestmark = pytest.mark.services

FILES = 60
WAIT_S = 60


@pytest.fixture
def bucket(s3_server: Bucket):
    yield s3_server
    s3_server.empty()


@pytest.fixture
def home(bucket: Bucket, tmp_path: Path) -> Installation:
    """An installation on a folder with files, and the settings of the bucket."""
    data = tmp_path / "moved"
    for number in range(FILES):
        path = data / "media" / f"sources/1/{number:02}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(200_000))
    return Installation(data, bucket.environ())


def stored(home: Installation) -> dict[str, bytes]:
    """The files in the folder by their keys."""
    root = home.data_dir / "media"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in in_folder(home)}


def in_folder(home: Installation) -> list[Path]:
    """Their paths: what is moved meanwhile cannot be read."""
    found = (home.data_dir / "media").rglob("*.mp4")
    return [path for path in found if not path.name.startswith(".")]


def in_bucket(bucket: Bucket) -> dict[str, bytes]:
    """The objects in the bucket by their keys."""
    client = bucket.client()
    return {
        key: client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
        for key in list(bucket.keys())
    }


def kill_in_the_middle(home: Installation, to: str, left) -> None:
    """Begin to move, and kill the process when `left` says that some files are gone from where they were."""
    child = subprocess.Popen(
        [sys.executable, "manage.py", "move_files", "--to", to],
        cwd=ROOT,
        env=home.environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + WAIT_S
    while left() > FILES - 5:
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()


def test_killed_in_the_middle_it_goes_on_in_both_directions(home: Installation, bucket: Bucket):
    before = stored(home)
    assert f"{FILES} files (12.0 MB) to move" in home.manage(
        "move_files", "--to", "bucket", "--dry-run"
    )

    kill_in_the_middle(home, "bucket", lambda: len(in_folder(home)))
    assert 0 < len(stored(home)) < FILES
    assert {**in_bucket(bucket), **stored(home)} == before  # each is whole in one place at least

    assert "compared byte for byte" in home.manage("move_files", "--to", "bucket")
    assert stored(home) == {}
    assert in_bucket(bucket) == before

    kill_in_the_middle(home, "folder", lambda: len(bucket.keys()))
    assert 0 < len(bucket.keys()) < FILES
    assert {**in_bucket(bucket), **stored(home)} == before

    assert "compared byte for byte" in home.manage("move_files", "--to", "folder")
    assert stored(home) == before
    assert bucket.keys() == []


def test_what_is_wrong_is_one_sentence(home: Installation, bucket: Bucket):
    def refused(*arguments: str, **environ: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "move_files", *arguments],
            cwd=ROOT,
            env={**home.environ(), **environ},
            capture_output=True,
            text=True,
            timeout=WAIT_S,
            check=False,
        )
        assert done.returncode == 1
        (line,) = done.stderr.strip().splitlines()[-1:]
        assert "Traceback" not in done.stderr
        return line

    assert "No bucket is set" in refused("--to", "folder", S3_BUCKET="")
    assert "There is no folder" in refused("--to", "bucket", "--folder", "/no/such/folder")
    away = "http://127.0.0.1:9"
    assert "storage does not answer" in refused("--to", "bucket", S3_ENDPOINT_URL=away)
    with one_server.hold_data_folder(home.data_dir, address="http://127.0.0.1:8000/"):
        assert "http://127.0.0.1:8000/" in refused("--to", "bucket")
    assert len(stored(home)) == FILES
