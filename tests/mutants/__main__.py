"""`python -m tests.mutants [name ...]`: switch off one control after another; prints how many the tests noticed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.plugin import VARIABLE
from tests.mutants.registry import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
PASSED, FAILED = 0, 1


def main(names: Sequence[str]) -> int:
    """Return 0 when all tests pass without a mutant and each fails with its own; otherwise 1."""
    names = names or list(REGISTRY)
    tests = dict.fromkeys(REGISTRY[name].test for name in names)
    code, output = _run(list(tests))
    if code != PASSED:
        sys.stdout.write(f"{output}\nwithout any mutant, the tests fail\n")
        return 1
    killed = sum(_is_killed(name) for name in names)
    sys.stdout.write(f"mutants killed {killed}/{len(names)}\n")
    return 0 if killed == len(names) else 1


def _is_killed(name: str) -> bool:
    mutant = REGISTRY[name]
    code, output = _run([mutant.test], mutant=name)
    killed = code == FAILED
    sys.stdout.write(f"{'killed' if killed else 'SURVIVED'}  {name}: {mutant.control}\n")
    if not killed:
        sys.stdout.write(f"  {mutant.test} ended with {code}\n{output[-2000:]}\n")
    sys.stdout.flush()
    return killed


def _run(tests: Sequence[str], *, mutant: str = "") -> tuple[int, str]:
    """Return pytest's exit code (0 all passed, 1 some failed, else another error) and its output."""
    env = {name: value for name, value in os.environ.items() if name != VARIABLE}
    env |= {VARIABLE: mutant} if mutant else {}
    options = ["-p", "tests.mutants.plugin", "-n", "0", "-q", "-x", "--no-header", "--tb=line"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
