"""Download the models that Heimdex can use, from their makers' own addresses, each byte checked."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

CHUNK_BYTES = 1 << 20
TIMEOUT_S = 60.0
YUNET = "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet"
# One fixed revision, so that the same bytes come for ever.
WHISPER = (
    "https://huggingface.co/Systran/faster-whisper-small/resolve/"
    "536b0662742c02347bc0e980a01041f333bce120"
)
SPEECH_FOLDER = "faster-whisper-small"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file: where it is to lie, where it comes from, its SHA-256."""

    path: Path
    url: str
    sha256: str


SPEECH = {
    "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
    "model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
}


def face_model() -> list[ModelFile]:
    """YuNet, 232 KB, MIT licence."""
    name = "face_detection_yunet_2023mar.onnx"
    path = Path(settings.FACE_MODEL or Path(settings.DATA_DIR) / "models" / name)
    return [ModelFile(path, f"{YUNET}/{name}", settings.FACE_MODEL_SHA256)]


def speech_model() -> list[ModelFile]:
    """Whisper "small" for faster-whisper, 486 MB, MIT licence."""
    folder = Path(settings.DATA_DIR) / "models" / SPEECH_FOLDER
    return [ModelFile(folder / name, f"{WHISPER}/{name}", sha) for name, sha in SPEECH.items()]


class Command(BaseCommand):
    """`manage.py fetch_models [face] [speech]`."""

    help = (
        "Download the face model (232 KB) and the speech model (486 MB) from their makers' addresses. "
        "Nothing else in Heimdex goes to the network by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the models' names."""
        parser.add_argument("models", nargs="*", help='"face", "speech" or both; both by default')

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line for each file."""
        known = {"face": face_model, "speech": speech_model}
        names = options["models"] or list(known)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CommandError(f"There is no model “{unknown[0]}”; there are: {', '.join(known)}.")
        for name in names:
            for wanted in known[name]():
                self.stdout.write(f"{wanted.path}: {fetch(wanted)}")
        if "speech" in names:
            folder = speech_model()[0].path.parent
            self.stdout.write(f"To use the speech model, set HEIMDEX_SPEECH_MODEL={folder}")


def fetch(wanted: ModelFile) -> str:
    """Download a file unless it is there; says which. It appears only when it is whole and the right one.

    CommandError when it cannot be had, or is another file than its SHA-256 says.
    """
    if wanted.path.is_file() and _sha256(_chunks(wanted.path)) == wanted.sha256:
        return "there already"
    wanted.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = wanted.path.with_name(f".{wanted.path.name}.part")
    try:
        digest = _download(wanted.url, unfinished)
        if digest != wanted.sha256:
            raise CommandError(f"{wanted.url} is another file than it should be: SHA-256 {digest}.")
        unfinished.replace(wanted.path)
    except (httpx.HTTPError, OSError) as error:
        raise CommandError(f"{wanted.url} could not be fetched: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return "fetched"


def _download(url: str, path: Path) -> str:
    """Write what is at an address to a file; its SHA-256."""
    digest = hashlib.sha256()
    with (
        httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_S) as answer,
        path.open("wb") as file,
    ):
        answer.raise_for_status()
        for piece in answer.iter_bytes(CHUNK_BYTES):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _sha256(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            yield piece
