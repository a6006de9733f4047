"""Draw the demo talk anew into `demo/`: `python -m tests.demo_maker`. It takes about a minute.

Needs an ffmpeg with the voice flite, as Debian's. Look at the clip before you commit it; its captions must be of the
same run. `tests/heimdex/startup/test_demo.py` says what the shipped files must be.
"""

import sys
from pathlib import Path

from mediakit.sandbox import process
from tests.demo_maker.talk import make_talk

OUT_DIR = Path(__file__).resolve().parents[2] / "demo"


def main() -> None:
    """Replace the two shipped files."""
    filters = process.run(["ffmpeg", "-v", "quiet", "-filters"], timeout_s=10).stdout
    if " flite " not in filters:
        sys.exit("This ffmpeg has no voice: it was built without flite.")
    for path in make_talk(OUT_DIR, preset="slow"):
        sys.stdout.write(f"{path}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
