"""Sign S3 requests by the server's clock when this machine's clock is wrong.

S3 refuses requests that are signed with a time more than 15 minutes off, and botocore does not correct that itself.
A refusal carries the server's time in its `Date` header: requests and links are signed with that time from then on,
and the refused request is sent once more. Machines should run NTP; a clock that is right is never touched.

All of it goes through events of the one client and through signers of our own names in botocore's table.
"""

import logging
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from botocore.auth import AUTH_TYPE_MAPS, SIGV4_TIMESTAMP, S3SigV4Auth, S3SigV4QueryAuth

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

TOLERATED = timedelta(minutes=5)
_AHEAD = "heimdex_clock_ahead"


class ServerClock:
    """The offset of the S3 server's clock from ours. All clients and threads of a server share one."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def correct(self, client: "S3Client") -> None:
        """Have a client sign by the server's clock once the server refused ours."""
        events = client.meta.events
        events.register_first("needs-retry.s3", self._retry)  # type: ignore[arg-type] # its answer counts
        events.register_first("choose-signer.s3", self._choose_signer)  # type: ignore[arg-type] # so here

    def _retry(self, response: Any, attempts: int, **_: Any) -> float | None:
        """0 to send a request that was refused for its time again at once; None to leave it to the other rules."""
        if response is None or attempts > 1 or response[0].status_code != 403:
            return None
        date = response[0].headers.get("Date")
        ahead = parsedate_to_datetime(date) - datetime.now(UTC) if date else self.ahead
        if abs(ahead - self.ahead) < TOLERATED:
            return None
        logger.warning(
            "this machine's clock is %d s off; S3 requests are signed with S3's time",
            -ahead.total_seconds(),
        )
        self.ahead = ahead
        return 0

    def _choose_signer(
        self, signature_version: str, context: dict[str, Any], **_: Any
    ) -> str | None:
        """The name of the signer that corrects the time; None for botocore's own choice."""
        corrected = f"heimdex-{signature_version}"
        if not self.ahead or corrected not in AUTH_TYPE_MAPS:
            return None
        context[_AHEAD] = self.ahead
        return corrected


class _Corrected:
    """Before S3SigV4Auth or S3SigV4QueryAuth: signs with the server's time."""

    def _modify_request_before_signing(self, request: Any) -> None:
        now = datetime.now(UTC) + request.context[_AHEAD]
        request.context["timestamp"] = now.strftime(SIGV4_TIMESTAMP)
        super()._modify_request_before_signing(request)  # type: ignore[misc] # the signer's, which comes after


class _CorrectedAuth(_Corrected, S3SigV4Auth):
    """Signs a request in its header."""


class _CorrectedQueryAuth(_Corrected, S3SigV4QueryAuth):
    """Signs a link."""


AUTH_TYPE_MAPS["heimdex-s3v4"] = _CorrectedAuth
AUTH_TYPE_MAPS["heimdex-s3v4-query"] = _CorrectedQueryAuth
