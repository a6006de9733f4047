"""What was done last in the library, said above its list, and taken back from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from accounts.http import request_user
from jobs.clock import database_now
from videos.library.deletion import UNDO_S, restore_videos
from videos.library.tags import TagChange, undo_change
from videos.queries import MAX_CHOSEN

NOTE = "library_note"  # in the session: the text, when, and what undoes it


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence about what was done, and whether it can be undone still."""

    text: str
    can_undo: bool


def note_deleted(request: HttpRequest, text: str, ids: Sequence[UUID]) -> None:
    """Say that videos were deleted."""
    _keep(request, text, {"deleted": [str(key) for key in ids]})


def note_tags(request: HttpRequest, text: str, change: TagChange) -> None:
    """Say that tags were changed. On more than MAX_CHOSEN videos it cannot be undone."""
    pairs = {"added": change.added, "removed": change.removed}
    undo = {name: [[str(key), tag] for key, tag in some] for name, some in pairs.items()}
    _keep(request, text, undo if change.video_count <= MAX_CHOSEN else {})


def note(request: HttpRequest, text: str) -> None:
    """Say what cannot be undone."""
    _keep(request, text, {})


def note_of(request: HttpRequest) -> Note | None:
    """What is to be said. What cannot be undone is said once; the rest while it can be."""
    kept = request.session.get(NOTE)
    if not kept:
        return None
    if not kept["undo"]:
        del request.session[NOTE]
        return Note(kept["text"], can_undo=False)
    then = parse_datetime(kept["at"])
    if then is None or then <= database_now() - timedelta(seconds=UNDO_S):
        del request.session[NOTE]  # which may name a thousand videos
        return None
    return Note(kept["text"], can_undo=True)


def undo(request: HttpRequest) -> None:
    """Take back what was done last in the library; no-op when nothing can be."""
    kept = request.session.pop(NOTE, None) or {}
    way: dict[str, Any] = kept.get("undo", {})
    user = request_user(request)
    if "deleted" in way:
        restore_videos(user, [UUID(key) for key in way["deleted"]])
    elif way:
        pairs = {name: tuple((UUID(key), tag) for key, tag in some) for name, some in way.items()}
        undo_change(user, TagChange(**pairs))


def _keep(request: HttpRequest, text: str, undo: dict[str, Any]) -> None:
    request.session[NOTE] = {"text": text, "undo": undo, "at": database_now().isoformat()}
