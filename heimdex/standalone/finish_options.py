"""The options of intro, outro and music."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from heimdex.standalone.times import REFUSED, time_ms
from mediakit.render.finish import (
    CARD_LENGTHS_MS,
    DEFAULT_CARD_MS,
    MUSIC_LEVELS,
    Card,
    Finish,
    Music,
)
from mediakit.render.finish_files import CLIP, MUSIC, PICTURE, FinishFile, make_finish_file

_KINDS = {PICTURE: "a picture", CLIP: "a clip", MUSIC: "only sound"}


def add_arguments(parser: CommandParser) -> None:
    """Intro, outro and music, each from a file."""
    for card in ("intro", "outro"):
        parser.add_argument(
            f"--{card}",
            type=Path,
            metavar="FILE",
            help=f"a picture, or a clip of at most {CARD_LENGTHS_MS[-1] // 1000} s, as {card}",
        )
    parser.add_argument(
        "--card-seconds",
        type=time_ms,
        metavar="SECONDS",
        help=f"how long they are shown; without it a clip's own length, {DEFAULT_CARD_MS // 1000} of a picture",
    )
    parser.add_argument(
        "--music", type=Path, metavar="FILE", help="music, lowered while somebody speaks"
    )
    parser.add_argument("--music-level", choices=MUSIC_LEVELS, default="medium")


def read(options: dict[str, Any], folder: Path) -> Finish:
    """What the options put before, after and under the Short; the files are made in the folder."""
    cards: dict[str, Card] = {}
    for name in ("intro", "outro"):
        if options[name] is not None:
            made = _finish_file(options[name], folder, name)
            length_ms = options["card_seconds"] or made.duration_ms or DEFAULT_CARD_MS
            if length_ms not in CARD_LENGTHS_MS:
                least_s, most_s = CARD_LENGTHS_MS[0] / 1000, CARD_LENGTHS_MS[-1] / 1000
                sentence = f"A card is shown for {least_s:g} to {most_s:g} seconds."
                raise CommandError(sentence, returncode=REFUSED)
            cards[name] = Card(made.path, length_ms, is_clip=made.kind == CLIP, lufs=made.lufs)
    music = None
    if options["music"] is not None:
        made = _finish_file(options["music"], folder, "music")
        music = Music(made.path, made.lufs or 0.0, options["music_level"])
    return Finish(cards.get("intro"), cards.get("outro"), music)


def _finish_file(path: Path, folder: Path, name: str) -> FinishFile:
    """The plain file of an option; CommandError for one that is missing or of another kind."""
    if not path.is_file():
        raise CommandError(f"There is no file {path}.", returncode=REFUSED)
    own = folder / name
    own.mkdir()
    made = make_finish_file(path.resolve(), own)
    if (made.kind == MUSIC) != (name == "music"):
        raise CommandError(
            f"{path} cannot be the {name}: it is {_KINDS[made.kind]}.", returncode=REFUSED
        )
    return made
