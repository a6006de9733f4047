"""Our own download links: signed, short-lived, and worth nothing once the export or its owner's right is gone."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from exports.choices import ExportStatus
from exports.models import Export
from heimdex.errors import HeimdexError

_signer = TimestampSigner(salt="exports.download")


def download_url(export: Export, request: HttpRequest | None = None) -> str:
    """A link that anybody who has it can download with for `DOWNLOAD_LINK_S`; absolute when a request is given."""
    path = reverse("exports:file", args=[_signer.sign(export.pk.hex)])
    return request.build_absolute_uri(path) if request else path


def read_link(signed: str, *, at: datetime) -> Export:
    """The export a link stands for.

    EXPORT_NOT_FOUND when the link is not ours, or the export or its owner is gone; EXPORT_EXPIRED when the link or
    the export has run out.
    """
    try:
        value = _signer.unsign(signed, max_age=timedelta(seconds=settings.DOWNLOAD_LINK_S))
    except SignatureExpired:
        raise HeimdexError(
            "EXPORT_EXPIRED",
            {"reason": "LINK_EXPIRED"},
            message=_("This download link has expired. Open the export again for a new one."),
        ) from None
    except BadSignature:
        raise HeimdexError("EXPORT_NOT_FOUND") from None
    rows = Export.objects.filter(deleted_at=None, owner__is_active=True)
    export = rows.filter(pk=uuid.UUID(value)).first()
    if export is None:
        raise HeimdexError("EXPORT_NOT_FOUND")
    check_downloadable(export, at=at)
    return export


def check_downloadable(export: Export, *, at: datetime) -> None:
    """Raise EXPORT_EXPIRED or EXPORT_NOT_COMPLETED unless there is a file to hand out."""
    if export.is_expired(at=at):
        raise HeimdexError("EXPORT_EXPIRED")
    if export.status != ExportStatus.COMPLETED:
        raise HeimdexError("EXPORT_NOT_COMPLETED")
