"""Download the optional models from their publishers and check their SHA-256."""

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
# A fixed revision, so that the files never change.
WHISPER = (
    "https://huggingface.co/Systran/faster-whisper-small/resolve/"
    "536b0662742c02347bc0e980a01041f333bce120"
)
SPEECH_FOLDER = "faster-whisper-small"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model's file: its local path, its URL and its SHA-256 in hex."""

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
        """`face`, `speech`."""
        parser.add_argument("models", nargs="*", help='"face", "speech" or both; both by default')

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line for each file."""
        known = {"face": face_model, "speech": speech_model}
        names = options["models"] or list(known)
        unknown = [name for name in names if name not in known]
        if unknown:
            raise CommandError(f"There is no model “{unknown[0]}”; there are: {', '.join(known)}.")
        for name in names:
            for file in known[name]():
                self.stdout.write(f"{file.path}: {fetch(file)}")
        if "speech" in names:
            folder = speech_model()[0].path.parent
            self.stdout.write(f"To use the speech model, set HEIMDEX_SPEECH_MODEL={folder}")


def fetch(model_file: ModelFile) -> str:
    """Download a file unless it exists; returns which. It only appears when it is complete and its SHA-256 matches.

    CommandError when it cannot be downloaded or its SHA-256 differs.
    """
    if model_file.path.is_file() and _sha256(_chunks(model_file.path)) == model_file.sha256:
        return "there already"
    model_file.path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = model_file.path.with_name(f".{model_file.path.name}.part")
    try:
        digest = _download(model_file.url, unfinished)
        if digest != model_file.sha256:
            raise CommandError(
                f"{model_file.url} is another file than it should be: SHA-256 {digest}."
            )
        unfinished.replace(model_file.path)
    except (httpx.HTTPError, OSError) as error:
        raise CommandError(f"{model_file.url} could not be fetched: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return "fetched"


def _download(url: str, path: Path) -> str:
    """Download a URL to a file; returns its SHA-256 in hex."""
    digest = hashlib.sha256()
    with (
        httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_S) as response,
        path.open("wb") as file,
    ):
        response.raise_for_status()
        for chunk in response.iter_bytes(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
