"""The files of an export's finish, beside the encode."""

from pathlib import Path

from core.errors import HeimdexError
from exports.choices import FinishKind
from exports.errors import ExportCode
from exports.finish.choice import CardChoice, FinishChoice
from exports.finish.files import fetch, get_file
from exports.models import FinishFile
from mediakit.render.finish import DEFAULT_CARD_MS, NO_FINISH, Card, Finish, Music


def prepare(owner_id: int, choice: FinishChoice, folder: Path) -> Finish:
    """Copy the files of a choice into the folder. FINISH_FILE_GONE when one was deleted meanwhile."""
    if not choice:
        return NO_FINISH
    rows = {key: _row(owner_id, key) for key in choice.file_ids}
    paths = {key: fetch(row, folder) for key, row in rows.items()}

    def card(part: CardChoice | None) -> Card | None:
        if part is None:
            return None
        row = rows[part.file_id]
        is_clip = row.kind == FinishKind.CLIP
        heard = row.lufs if is_clip and part.sound else None
        return Card(
            paths[part.file_id], part.length_ms or DEFAULT_CARD_MS, is_clip=is_clip, lufs=heard
        )

    music = None
    if choice.music:
        lufs = rows[choice.music.file_id].lufs
        if lufs is not None:
            music = Music(paths[choice.music.file_id], lufs, choice.music.level)
    return Finish(card(choice.intro), card(choice.outro), music)


def _row(owner_id: int, key: str) -> FinishFile:
    try:
        return get_file(owner_id, key)
    except HeimdexError:
        raise HeimdexError(ExportCode.FINISH_FILE_GONE) from None
