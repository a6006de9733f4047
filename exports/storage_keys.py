"""Storage keys of exported files."""

import re
from uuid import UUID

from exports.models import Export

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"exports/\d+/({_UUID})\.([0-9a-f]{{32}})\.mp4")


def attempt_key(export: Export, token: UUID) -> str:
    """The storage key of one attempt's file: `exports/OWNER/EXPORT.TOKEN.mp4`.

    The key holds the attempt's fencing token. A worker that lost its lease and continues an upload therefore cannot
    overwrite the file of a later attempt. The export's `file_key` names the valid file.
    """
    return f"exports/{export.owner_id}/{export.pk}.{token.hex}.mp4"


def parse_attempt_key(key: str) -> tuple[UUID, UUID] | None:
    """The export's id and the token in a key made by `attempt_key`; None for any other key."""
    found = _KEY.fullmatch(key)
    return (UUID(found[1]), UUID(found[2])) if found else None
