"""Named places where a fault test may kill this process. Without HEIMDEX_KILL_POINTS they do nothing.

The variable names a folder. When a file with a place's name lies in it, the first process that comes by takes the
file away and kills itself with SIGKILL: no handler runs, nothing is flushed, as when the machine takes the process.
"""

import os
import signal
from pathlib import Path

VARIABLE = "HEIMDEX_KILL_POINTS"
POINTS = (
    *("insert_before", "insert_after", "commit_after", "publish_after"),
    *("claim_before", "claim_after", "probe_after", "in_ffmpeg"),
    *("upload_before", "in_upload", "upload_after", "in_verify"),
    *("final_commit_before", "final_commit_after", "delete_before", "delete_after"),
)


def reach(point: str) -> None:
    """This process is at that place now."""
    folder = os.environ.get(VARIABLE)
    if folder:
        _die_if_asked(Path(folder, point))


def _die_if_asked(order: Path) -> None:
    try:
        order.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
