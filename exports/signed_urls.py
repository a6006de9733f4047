"""Our own download links: signed, short-lived, and worth nothing once the export or its owner's right is gone.

A link names what it was granted for (`accounts.link_grants`), and the grant is checked again at every use. The
database's clock decides when a link expires, as for everything that several machines share.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.link_grants import is_grant_valid
from core.errors import HeimdexError
from exports.choices import ExportStatus
from exports.errors import ExportCode
from exports.models import Export

_signer = Signer(salt="exports.download.until")


def download_url(
    export: Export, *, grant: str, at: datetime, request: HttpRequest | None = None
) -> str:
    """A link that anybody who has it can download with for `DOWNLOAD_LINK_S` from `at`, while the grant holds.

    Absolute when a request is given.
    """
    until = int(at.timestamp()) + settings.DOWNLOAD_LINK_S
    path = reverse("exports:file", args=[_signer.sign(f"{export.pk.hex}.{until}.{grant}")])
    return request.build_absolute_uri(path) if request else path


def read_link(signed: str, *, at: datetime) -> Export:
    """The export a link stands for.

    EXPORT_NOT_FOUND when the link is not ours, or the export or its owner is gone; EXPORT_EXPIRED when the link or
    the export has run out, or what the link was made for has ended.
    """
    try:
        export_id, until, grant = _signer.unsign(signed).split(".", 2)
    except (BadSignature, ValueError):
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND) from None
    if int(until) <= at.timestamp():
        raise _link_expired()
    rows = Export.objects.select_related("owner").filter(deleted_at=None, owner__is_active=True)
    export = rows.filter(pk=uuid.UUID(export_id)).first()
    if export is None:
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND)
    if not is_grant_valid(grant, export.owner):
        raise _link_expired()
    check_downloadable(export, at=at)
    return export


def _link_expired() -> HeimdexError:
    return HeimdexError(
        ExportCode.EXPORT_EXPIRED,
        {"reason": "LINK_EXPIRED"},
        message=_("This download link has expired. Open the export again for a new one."),
    )


def check_downloadable(export: Export, *, at: datetime) -> None:
    """Raise EXPORT_EXPIRED or EXPORT_NOT_COMPLETED unless there is a file to hand out."""
    if export.is_expired(at=at):
        raise HeimdexError(ExportCode.EXPORT_EXPIRED)
    if export.status != ExportStatus.COMPLETED:
        raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED)
