"""The states of a playback proxy. Besides `jobs.lease`, only this module writes `status`.

pending -> processing -> ready | failed        failed -> pending (asked for again)
"""

from django.conf import settings
from django.db.models.functions import Now

from core.errors import CoreCode, HeimdexError
from jobs import lease
from jobs.lease import Claim
from mediakit.media_info import MediaInfo
from mediakit.render.proxy import plays_in_browsers
from videos.choices import ProxyStatus
from videos.models import Proxy, Video


def needs_proxy(video: Video) -> bool:
    """Whether some browser does not play a processed video's source."""
    if not video.probe:
        return False
    return not plays_in_browsers(MediaInfo.from_json(video.probe), suffix=video.suffix)


def ensure_proxy(video: Video) -> None:
    """Queue a proxy for a processed video that needs one and has none; no-op where HEIMDEX_PLAYBACK_PROXIES says no.

    The sweep sends the message that the row lacks.
    """
    if settings.MAKE_PROXIES and needs_proxy(video):
        values = {"owner_id": video.owner_id, "queued_at": Now()}
        Proxy.objects.get_or_create(video=video, defaults=values)


def restart(proxy: Proxy) -> bool:
    """Queue a failed proxy again with all its attempts; False when it is not failed."""
    failed = Proxy.objects.filter(pk=proxy.pk, status=ProxyStatus.FAILED)
    changes = {"stage": "", "progress": 0, "attempts": 0, "error_code": "", "error_params": {}}
    return bool(failed.update(status=ProxyStatus.PENDING, queued_at=Now(), **changes))


def retry(proxy: Proxy) -> None:
    """Queue a failed proxy again. CONFLICT when it is not failed."""
    if not restart(proxy):
        raise HeimdexError(CoreCode.CONFLICT)


def finish(claim: Claim[Proxy], *, file_key: str, size_bytes: int, height: int) -> None:
    """Mark a claimed proxy as READY with its stored file. LeaseLostError changes nothing."""
    lease.write(
        claim,
        status=ProxyStatus.READY,
        claim_token=None,
        progress=100,
        file_key=file_key,
        size_bytes=size_bytes,
        height=height,
    )
