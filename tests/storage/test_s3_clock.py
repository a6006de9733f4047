"""With a wrong clock on this machine the bucket can be used all the same."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from botocore.exceptions import ClientError

from storage import files, s3
from tests.services import Bucket

pytestmark = pytest.mark.services


@pytest.fixture(autouse=True)
def _right_clock(on_s3: Bucket) -> Iterator[None]:
    """Each test leaves nothing of what it found out, before the bucket is emptied."""
    yield
    s3.server_clock.ahead = timedelta(0)


def address() -> str:
    return s3.signed_url(
        "exports/1/a.mp4", expires_s=60, content_type="video/mp4", disposition="inline"
    )


@pytest.mark.parametrize("minutes", [90, -90])
def test_a_clock_that_is_off_is_found_out(minutes: int, caplog: pytest.LogCaptureFixture):
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")
        with s3.background_calls():
            assert files.size("exports/1/a.mp4") == 5
            assert files.size("exports/1/none.mp4") is None
            assert files.read_bytes("exports/1/a.mp4", limit=10) == b"bytes"

    assert caplog.text.count("clock is") == 1


def test_the_first_call_may_be_one_without_a_body():
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=90)):
        assert files.size("exports/1/a.mp4") == 5


@pytest.mark.parametrize("minutes", [90, -90])
def test_links_are_signed_by_the_servers_clock_too(minutes: int):
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        files.size("exports/1/a.mp4")  # finds out
        link = httpx.URL(address())

    signed = datetime.strptime(f"{link.params['X-Amz-Date']}+0000", "%Y%m%dT%H%M%SZ%z")
    assert abs(signed - datetime.now(UTC)) < timedelta(minutes=1)
    assert httpx.get(link).content == b"bytes"


def test_other_programs_in_the_process_sign_by_their_own_clock(on_s3: Bucket):
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=90)):
        assert files.size("exports/1/a.mp4") == 5
        with pytest.raises(ClientError, match="403"):
            on_s3.client().head_object(Bucket=on_s3.name, Key="exports/1/a.mp4")


def test_a_right_clock_is_left_alone(caplog: pytest.LogCaptureFixture):
    files.save_bytes("exports/1/a.mp4", b"bytes", content_type="video/mp4")

    assert files.size("exports/1/a.mp4") == 5
    assert s3.server_clock.ahead == timedelta(0)
    assert "clock" not in caplog.text
