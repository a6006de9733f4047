"""After a job its memory goes back to the system."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# 200 MB in blocks of 1 kB are freed but for the last one, which keeps the heap from shrinking by itself.
SCRIPT = """
from pathlib import Path
from jobs.free_memory import give_back_memory

def anonymous_mb():
    (line,) = [l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("RssAnon")]
    return int(line.split()[1]) // 1024

blocks = [bytearray(1_000) for _ in range(200_000)]
last = blocks[-1]
del blocks
before = anonymous_mb()
give_back_memory()
print(before, anonymous_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the subject is glibc's heap")
def test_what_was_freed_goes_back_to_the_system():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    before, after = map(int, done.stdout.split())

    assert before > 150
    assert after < before / 2
