"""Imports of videos from links: the link is checked at the request, and fetched by the worker that claims the video.

Every attempt writes under its own key. Before the first byte it inserts an `Upload` with the claim's token, so that
the clean-up finds the bytes of a worker that died. The transaction that sets the video's source deletes that row.
"""

import contextlib
import logging
import uuid
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from core import formatting
from core.errors import HeimdexError
from jobs import lease
from jobs.db_retry import retry_on_db_loss
from jobs.lease import Claim
from mediakit.errors import StoppedError
from mediakit.media_info import MediaInfo
from netfetch.deadline import Limits
from netfetch.errors import FetchError, FetchErrorCode
from netfetch.fetch import Download, open_link
from netfetch.resolver import PUBLIC
from netfetch.url import Link, parse_link
from storage.sinks import upload_sink
from storage.sinks.upload_stream import State
from videos import lifecycle, policy, storage_keys
from videos.errors import IMPORT_CODES
from videos.models import Upload, Video
from videos.uploads import cleanup, quota

logger = logging.getLogger(__name__)

NETWORK = PUBLIC


class LinkRefusedError(HeimdexError):
    """The link or its file cannot be used; a retry cannot help."""


def check_link(url: str) -> Link:
    """Parse a link as the user typed it. IMPORT_LINK_INVALID, or IMPORT_ADDRESS_REFUSED for a forbidden IP address."""
    try:
        link = parse_link(url)
        NETWORK.check(link)
    except FetchError as error:
        raise _import_error(error) from None
    return link


def fetch(
    claim: Claim[Video],
    *,
    on_progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> None:
    """Fetch the source of a claimed video into storage and set it on the video.

    The file must pass the same checks as an upload. `on_progress` gets 0 to 1 if the server sends the length.
    Raises LinkRefusedError when a retry cannot help, another HeimdexError when it may, StoppedError when `should_stop`
    returns True, and LeaseLostError when the claim is lost. Then nothing is left in storage.
    """
    on_progress(0.0)
    for upload in cleanup.interrupted_fetches().filter(owner_id=claim.row.owner_id):
        cleanup.discard(upload)  # of an attempt whose worker was killed
    with _classified_errors():
        limits = Limits(
            max_bytes=settings.UPLOAD_MAX_BYTES,
            total_s=settings.IMPORT_TIMEOUT_S,
            min_rate=settings.IMPORT_MIN_RATE,
        )
        link = parse_link(claim.row.source_url)
        logger.info("fetching %s", link.shown)
        with open_link(link, limits=limits, should_stop=should_stop, network=NETWORK) as download:
            policy.check_content_type(download.content_type, download.peek())
            upload = _begin(claim, download)
            try:
                upload.size_bytes = _receive(upload, download, on_progress)
                _accept(claim, upload, policy.check_source(upload.storage_key), link=link)
            except BaseException:
                with contextlib.suppress(HeimdexError):  # else the clean-up does it
                    cleanup.discard(upload)
                raise
    claim.row.refresh_from_db()


def _begin(claim: Claim[Video], download: Download) -> Upload:
    """Begin the upload to storage, and insert its row."""
    video, attempt = claim.row, uuid.uuid4()
    key = storage_keys.source_key(
        owner_id=video.owner_id, video_id=attempt, filename=video.filename
    )
    state = upload_sink.begin(key, size_bytes=download.length or 0)
    upload = Upload(
        id=attempt,
        owner_id=video.owner_id,
        filename=video.filename,
        size_bytes=download.length or settings.UPLOAD_MAX_BYTES,
        storage_key=key,
        sink_state=state,
        fetch_token=claim.token,
    )

    def insert() -> None:
        with transaction.atomic():
            # Without a length the bytes are counted once they are here.
            quota.check_room(video.owner_id, size_bytes=download.length or 1)
            upload.save()

    try:
        retry_on_db_loss(insert)
    except BaseException:
        upload_sink.abort(key, state)
        raise
    return upload


def _receive(upload: Upload, download: Download, on_progress: Callable[[float], None]) -> int:
    """Write the download to storage; returns its size in bytes."""

    def check_progress(_offset: int, _state: State) -> None:
        if download.length:
            on_progress(download.received / download.length)

    received = upload_sink.append(
        upload.storage_key,
        upload.sink_state,
        offset=0,
        stream=download,
        length=upload.size_bytes,
        on_progress=check_progress,
    )
    if received.error:
        raise received.error
    policy.check_size(received.offset)
    upload_sink.finish(upload.storage_key, received.state, size_bytes=received.offset)
    return received.offset


def _accept(claim: Claim[Video], upload: Upload, info: MediaInfo, *, link: Link) -> None:
    """Set the stored file as the video's source; LeaseLostError changes nothing."""

    def accept() -> None:
        with transaction.atomic():
            lease.write(
                claim,
                **lifecycle.media_columns(info),
                title=_title(claim.row, info),
                source_key=upload.storage_key,
                source_url=link.shown,
                updated_at=Now(),
            )
            Upload.objects.filter(pk=upload.pk).delete()

    retry_on_db_loss(accept)


def _title(video: Video, info: MediaInfo) -> str:
    """The file's own title instead of one that was made from the link's name."""
    named_after_link = policy.clean_title("", filename=video.filename)
    if video.title != named_after_link:
        return video.title
    return policy.clean_title("", filename=video.filename, tag=info.title)


@contextlib.contextmanager
def _classified_errors() -> Iterator[None]:
    """Turn errors of the link's server or of the file into `LinkRefusedError`, unless a retry may help."""
    try:
        yield
    except FetchError as error:
        if error.code == FetchErrorCode.FETCH_STOPPED:
            raise StoppedError("fetching was stopped") from None
        refusal = _import_error(error)
        if error.is_transient:
            raise refusal from None
        raise LinkRefusedError(refusal.code, refusal.details) from None
    except HeimdexError as error:
        if error.status < 500:
            raise LinkRefusedError(error.code, error.details) from None
        raise


def _import_error(error: FetchError) -> HeimdexError:
    """The HeimdexError that stands for a fetch error."""
    details = dict(error.params)
    if "limit_bytes" in details:
        details["limit"] = formatting.size(int(details["limit_bytes"]))
    return HeimdexError(IMPORT_CODES[error.code], details)
