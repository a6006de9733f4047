"""Where the files of exports lie in storage."""

import re
from uuid import UUID

from exports.models import Export

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"exports/\d+/({_UUID})\.([0-9a-f]{{32}})\.mp4")


def storage_key(export: Export, token: UUID) -> str:
    """Where one attempt's file lies.

    Each attempt has a key of its own, named after its fencing token: a worker that was given up and wakes in the
    middle of an upload writes beside the file that counts, never over it. Which key counts, the row says.
    """
    return f"exports/{export.owner_id}/{export.pk}.{token.hex}.mp4"


def attempt_of(key: str) -> tuple[UUID, UUID] | None:
    """The export and the token that a key of `storage_key` names; None for any other key."""
    found = _KEY.fullmatch(key)
    return (UUID(found[1]), UUID(found[2])) if found else None
