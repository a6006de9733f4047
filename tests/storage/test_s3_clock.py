"""A wrong clock on this machine keeps nobody from the bucket."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from storage import files, s3, s3_clock
from tests.services import Bucket

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def _right_clock(on_s3: Bucket) -> Iterator[None]:
    """Each test leaves nothing of what it found out, before the bucket is emptied."""
    yield
    s3_clock._ahead = timedelta(0)


@pytest.mark.parametrize("minutes", [90, -90])
def test_a_clock_that_is_off_is_found_out(minutes: int, caplog: pytest.LogCaptureFixture):
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")
        with s3.unhurried():
            assert files.size("exports/1/a.mp4") == 5
            assert files.size("exports/1/none.mp4") is None
            assert files.read_bytes("exports/1/a.mp4", limit=10) == b"bytes"

    assert caplog.text.count("clock is") == 1


def test_the_first_call_may_be_one_without_a_body():
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=90)):
        assert files.size("exports/1/a.mp4") == 5


def test_a_right_clock_is_left_alone(caplog: pytest.LogCaptureFixture):
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    assert files.size("exports/1/a.mp4") == 5
    assert s3_clock._ahead == timedelta(0)
    assert "clock" not in caplog.text
