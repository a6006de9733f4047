"""How pytest-xdist shares the tests of a run out among its processes."""

from xdist.scheduler import LoadScopeScheduling

# Folders whose files run one after another: each test of them keeps several processor cores busy.
ONE_AFTER_ANOTHER = ("tests/e2e/",)
# What takes longest begins first, so that no process is left alone with it at the end.
LONGEST_FIRST = ("tests/e2e/", "tests/test_faults.py")


class FileScheduling(LoadScopeScheduling):
    """Give the tests of a file to one process, so that the file's own media and services are made once.

    It replaces `--dist loadgroup`, whose groups have no effect with pytest 9.2: pytest-xdist 3.8 writes the group into
    an attribute of the test that pytest no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """Return what a test is shared out with: its file, or a folder of ONE_AFTER_ANOTHER."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in ONE_AFTER_ANOTHER if file.startswith(folder)), file)


def begins_late(nodeid: str) -> bool:
    """Whether the test's turn is after those of LONGEST_FIRST."""
    return not nodeid.startswith(LONGEST_FIRST)
