"""Signed, short-lived download links.

A link contains its grant (`accounts.link_grants`), which is checked at every use. The database's clock decides when a
link expires, because several machines share it.
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
    """A link to the file that needs no login. It works for `DOWNLOAD_LINK_S` seconds from `at` while the grant holds.

    The link is absolute when a request is given.
    """
    until = int(at.timestamp()) + settings.DOWNLOAD_LINK_S
    path = reverse("exports:file", args=[_signer.sign(f"{export.pk.hex}.{until}.{grant}")])
    return request.build_absolute_uri(path) if request else path


def resolve_link(signed: str, *, at: datetime) -> Export:
    """The export that a signed link refers to.

    EXPORT_NOT_FOUND when the signature is invalid, or the export or its owner is gone. EXPORT_EXPIRED when the link,
    its grant or the export has expired.
    """
    try:
        export_id, until, grant = _signer.unsign(signed).split(".", 2)
    except (BadSignature, ValueError):
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND) from None
    if int(until) <= at.timestamp():
        raise _link_expired_error()
    rows = Export.objects.select_related("owner").filter(deleted_at=None, owner__is_active=True)
    export = rows.filter(pk=uuid.UUID(export_id)).first()
    if export is None:
        raise HeimdexError(ExportCode.EXPORT_NOT_FOUND)
    if not is_grant_valid(grant, export.owner):
        raise _link_expired_error()
    check_downloadable(export, at=at)
    return export


def _link_expired_error() -> HeimdexError:
    return HeimdexError(
        ExportCode.EXPORT_EXPIRED,
        {"reason": "LINK_EXPIRED"},
        message=_("This download link has expired. Open the export again for a new one."),
    )


def check_downloadable(export: Export, *, at: datetime) -> None:
    """Raise EXPORT_EXPIRED or EXPORT_NOT_COMPLETED unless the export has a file to download."""
    if export.is_expired(at=at):
        raise HeimdexError(ExportCode.EXPORT_EXPIRED)
    if export.status != ExportStatus.COMPLETED:
        raise HeimdexError(ExportCode.EXPORT_NOT_COMPLETED)
