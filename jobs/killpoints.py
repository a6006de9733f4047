"""Named points in the life of a job where a test may stop the process. In the product they do nothing.

Only the tests' own settings (`tests/process_settings.py`) add a hook to `hooks`; the product adds none.
"""

from collections.abc import Callable

POINTS = (
    *("insert_before", "insert_after", "commit_after", "publish_after"),
    *("claim_before", "claim_after", "probe_after", "in_ffmpeg", "piece_after"),
    *("upload_before", "in_upload", "upload_after", "in_verify"),
    *("final_commit_before", "final_commit_after", "delete_before", "delete_after"),
)
hooks: list[Callable[[str], None]] = []


def reach(point: str) -> None:
    """Call every hook with the name of the point that this process has reached."""
    for hook in hooks:
        hook(point)
