"""A person's files for finishing Shorts: keep them, list them, delete them, and find what a choice names."""

import uuid
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.models import User
from core.errors import CoreCode, HeimdexError
from core.throttles import Throttle
from exports.choices import ACTIVE, FinishKind
from exports.errors import ExportCode
from exports.finish.choice import PARTS, CardChoice, FinishChoice
from exports.models import CaptionPreset, Export, FinishFile
from jobs.work_folders import work_folder
from mediakit.errors import InputError, MediaErrorCode
from mediakit.render.finish import CARD_LENGTHS_MS, DEFAULT_CARD_MS
from mediakit.render.finish_files import MAX_BYTES, make_finish_file
from storage import files
from videos.queries import as_uuid

MAX_FILES = 30


class Readable(Protocol):
    """An uploaded file."""

    def read(self, size: int, /) -> Any:
        """Up to so many bytes."""


MAX_NAME_CHARS = 100
UPLOADS_PER_USER = Throttle("finish-files", limit=60, window_s=24 * 3600)
_ENDINGS = {FinishKind.PICTURE: "png", FinishKind.CLIP: "mp4", FinishKind.MUSIC: "m4a"}
_TYPES = {"png": "image/png", "mp4": "video/mp4", "m4a": "audio/mp4"}


def files_of(owner_id: int) -> QuerySet[FinishFile]:
    """The owner's files by name."""
    return FinishFile.objects.filter(owner_id=owner_id).order_by("name", "id")


def get_file(owner_id: int, key: uuid.UUID | str) -> FinishFile:
    """One file of the owner. Raises FINISH_FILE_NOT_FOUND for a missing one and for another person's."""
    file_id = as_uuid(key)
    found = files_of(owner_id).filter(pk=file_id).first() if file_id else None
    if found is None:
        raise HeimdexError(ExportCode.FINISH_FILE_NOT_FOUND)
    return found


def save_file(user: User, upload: Readable, *, name: str, size: int) -> FinishFile:
    """Make an uploaded picture, clip or piece of music anew, store it, and return its row.

    Raises FINISH_FILE_LIMIT, FINISH_FILE_TOO_LARGE, FINISH_FILE_INVALID or FINISH_FILE_TOO_LONG (as mediakit's
    `InputError`), and THROTTLED for more than a person needs in a day.
    """
    if size > MAX_BYTES:
        message = "The file is too large."
        raise InputError(MediaErrorCode.FINISH_FILE_TOO_LARGE, message, max_mb=MAX_BYTES >> 20)
    _check_room(user)
    UPLOADS_PER_USER.check(user.pk)
    with work_folder("finish") as folder:
        received, out = folder / "received", folder / "made"
        out.mkdir()
        received.write_bytes(upload.read(MAX_BYTES + 1))
        made = make_finish_file(received, out)
        row = FinishFile(
            owner=user,
            name=PurePath(name).name[:MAX_NAME_CHARS] or made.kind,
            kind=made.kind,
            duration_ms=made.duration_ms,
            width=made.width,
            height=made.height,
            lufs=made.lufs,
            size_bytes=made.path.stat().st_size,
        )
        ending = _ENDINGS[FinishKind(made.kind)]
        row.file_key = f"finish/{user.pk}/{row.pk}.{ending}"
        files.save_file(row.file_key, made.path, content_type=_TYPES[ending])
    with transaction.atomic():
        _check_room(User.objects.select_for_update(no_key=True).get(pk=user.pk))
        row.save(force_insert=True)
    return row


def _check_room(user: User) -> None:
    if files_of(user.pk).count() >= MAX_FILES:
        raise HeimdexError(ExportCode.FINISH_FILE_LIMIT, {"limit": MAX_FILES})


@transaction.atomic
def delete_file(user: User, file: FinishFile) -> None:
    """Delete a file. Presets that have it lose it; finished Shorts keep it.

    Raises FINISH_FILE_IN_USE while an export with it waits or runs.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # as requests of exports do
    key = str(file.pk)
    if Export.objects.filter(_naming("look__finish", key), owner=user, status__in=ACTIVE).exists():
        raise HeimdexError(ExportCode.FINISH_FILE_IN_USE)
    for preset in CaptionPreset.objects.filter(_naming("finish", key), owner=user):
        preset.finish = FinishChoice.from_json(preset.finish).without(key).to_json()
        preset.save(update_fields=["finish"])
    file.delete()
    files.delete(file.file_key)


def _naming(field: str, key: str) -> Q:
    """The rows whose choice in a JSON field names a file."""
    found = Q()
    for part in PARTS:
        found |= Q(**{f"{field}__{part}__file_id": key})
    return found


def checked(owner_id: int, choice: FinishChoice) -> FinishChoice:
    """The choice with the length of each card. Raises INVALID_INPUT for a part whose file is not the owner's, or is of
    another kind.
    """
    if not choice:
        return choice
    ids = [key for key in map(as_uuid, choice.file_ids) if key]
    found = {str(row.pk): row for row in files_of(owner_id).filter(pk__in=ids)}
    for name in PARTS:
        part = getattr(choice, name)
        row = found.get(part.file_id) if part else None
        if part and (row is None or (row.kind == FinishKind.MUSIC) != (name == "music")):
            raise _unusable(name)
    intro, outro = (
        card and _with_length(card, found[card.file_id]) for card in (choice.intro, choice.outro)
    )
    return replace(choice, intro=intro, outro=outro)


def without_missing(owner_id: int, choice: FinishChoice) -> FinishChoice:
    """The choice without files that are gone."""
    ids = [key for key in map(as_uuid, choice.file_ids) if key]
    found = {str(key) for key in files_of(owner_id).filter(pk__in=ids).values_list("pk", flat=True)}
    for key in set(choice.file_ids) - found:
        choice = choice.without(key)
    return choice


def _with_length(card: CardChoice, row: FinishFile) -> CardChoice:
    if card.length_ms is not None:
        return card
    own_ms = row.duration_ms or DEFAULT_CARD_MS
    return replace(card, length_ms=max(CARD_LENGTHS_MS[0], min(CARD_LENGTHS_MS[-1], own_ms)))


def _unusable(part: str) -> HeimdexError:
    sentence = str(ExportCode.FINISH_FILE_NOT_FOUND.message({}))
    return HeimdexError(CoreCode.INVALID_INPUT, {"fields": {part: [sentence]}}, message=sentence)


def fetch(row: FinishFile, folder: Path) -> Path:
    """Copy a file from storage into a folder and return its path."""
    path = folder / PurePath(row.file_key).name
    path.write_bytes(files.read_bytes(row.file_key, limit=64 << 20))
    return path
