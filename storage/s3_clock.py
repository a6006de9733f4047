"""A machine whose clock is wrong can use the bucket nevertheless.

S3 refuses requests that are signed with a time more than a quarter of an hour off. When that happens, the server's own
time, which is in every answer, is taken for signing from then on, and the request is sent once more.
"""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import botocore.auth

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

TOLERATED = timedelta(minutes=5)

_ahead = timedelta(0)
"""How far the server's clock is before ours, as far as it matters."""


def follow_server(client: "S3Client") -> None:
    """Have a client correct itself when the server refuses our time."""
    client.meta.events.register_first("needs-retry.s3", _again_by_its_clock)  # type: ignore[arg-type] # its answer counts


def _again_by_its_clock(response: Any, attempts: int, **_: Any) -> float | None:
    """0 to send a request that was refused for its time again at once; None to leave it to the other rules."""
    global _ahead  # noqa: PLW0603 - one clock a process
    if response is None or attempts > 1 or response[0].status_code != 403:
        return None
    told = response[0].headers.get("Date")
    ahead = parsedate_to_datetime(told) - datetime.now(UTC) if told else _ahead
    if abs(ahead - _ahead) < TOLERATED:
        return None
    logger.warning(
        "this machine's clock is %d s off; S3 requests are signed with S3's time",
        -ahead.total_seconds(),
    )
    _ahead = ahead
    return 0


def _now(remove_tzinfo: bool = True) -> datetime:  # noqa: FBT001, FBT002 - botocore calls it so
    """The time to sign with."""
    now = datetime.now(UTC) + _ahead
    return now.replace(tzinfo=None) if remove_tzinfo else now


botocore.auth.get_current_datetime = _now  # type: ignore[attr-defined] # it has no other way in
