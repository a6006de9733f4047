"""Error codes of storage."""

from django.utils.translation import gettext_lazy as _

from core.errors import ErrorCode


class StorageCode(ErrorCode):
    """Errors of stored files and of uploads into storage."""

    STORAGE_UNAVAILABLE = (
        503,
        _("The server's storage does not answer. Try again in a few minutes."),
    )
    STORAGE_CORRUPT = 500, _("The server's storage gave back other bytes than it was given.")
    SOURCE_MISSING = 410, _("The video's file is gone, so this cannot be made any more.")
    UPLOAD_NOT_FOUND = 404, _("This upload does not exist any more. Start it again.")
    UPLOAD_OFFSET_MISMATCH = 409, _("The upload continues at another place than was sent.")
