"""Working folders: locked while a process works in them, abandoned when it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs import work_folders
from jobs.work_folders import work_folder

HOLD = """
import fcntl, sys
lock = open(sys.argv[1], "wb")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_folder_is_there_for_the_block(settings):
    with work_folder("export") as folder:
        (folder / "short.mp4").write_bytes(b"bytes")
        assert folder.parent == settings.WORK_DIR
        assert folder.name.startswith("job-export-")
    assert list(settings.WORK_DIR.iterdir()) == []


def test_a_folder_in_use_is_not_shared():
    with work_folder("export") as folder:
        assert work_folders.remove_abandoned() == []
        assert folder.exists()


def test_a_killed_process_abandons_its_folder(settings, monkeypatch):
    folder = settings.WORK_DIR / "job-export-x"
    folder.mkdir()
    monkeypatch.setattr(work_folders, "GRACE_S", -1)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / work_folders.LOCK)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert work_folders.remove_abandoned() == []
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert work_folders.remove_abandoned() == [folder]
    assert not folder.exists()


@pytest.mark.parametrize(("age_s", "gone"), [(0, False), (3600, True)])
def test_a_folder_without_a_lock_may_be_new(settings, age_s: int, gone: bool):
    folder: Path = settings.WORK_DIR / "job-export-x"
    folder.mkdir()
    then = folder.stat().st_mtime - age_s
    os.utime(folder, (then, then))
    assert (work_folders.remove_abandoned() == [folder]) is gone


def test_an_uploaded_file_is_removed_when_no_process_holds_it(settings):
    path = settings.WORK_DIR / "abc.upload.file"
    path.write_bytes(b"bytes")
    then = path.stat().st_mtime - 3600
    os.utime(path, (then, then))
    with path.open("rb") as file:
        work_folders.lock_file(file)
        assert work_folders.remove_abandoned() == []
    assert work_folders.remove_abandoned() == [path]
    assert not path.exists()


def test_other_folders_are_left_alone(settings):
    (settings.WORK_DIR / "mine").mkdir()
    assert work_folders.remove_abandoned() == []
