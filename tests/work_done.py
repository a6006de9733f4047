"""How much work a call is, whatever the machine: the number of function calls that it makes."""

import sys
from collections.abc import Callable


def calls_made(work: Callable[[], object]) -> int:
    """Run some work in this thread and count the calls of Python and of built-in functions in it."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
