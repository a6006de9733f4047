"""Watching a download."""

import shutil
import threading

from mediakit.model_store import wheels


def test_folders_that_come_and_go_are_measured_all_the_same(tmp_path):
    (tmp_path / "kept").write_bytes(bytes(1000))
    ended = threading.Event()

    def churn() -> None:
        while not ended.is_set():
            inner = tmp_path / "unpack" / "deep"
            inner.mkdir(parents=True)
            (inner / "part").write_bytes(bytes(10))
            shutil.rmtree(tmp_path / "unpack")

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        sizes = {wheels._size(tmp_path) for _ in range(2_000)}
    finally:
        ended.set()
        thread.join()

    assert sizes <= {1000, 1010}
