"""The models of a command without a database that find faces and text."""

import logging
from pathlib import Path

from django.conf import settings

from mediakit.model_store.catalog import FACE, TEXT
from mediakit.model_store.store import ModelStore, has_sha256
from mediakit.model_store.transfer import ModelFetchError

logger = logging.getLogger(__name__)


def face_model_path() -> Path | None:
    """The verified face model, fetched when it is missing; None when it cannot be had."""
    if not settings.FACE_MODEL:
        return None
    path = Path(settings.FACE_MODEL)
    store = ModelStore(Path(settings.DATA_DIR) / "models")
    is_right = has_sha256(path, settings.FACE_MODEL_SHA256)
    if not is_right and settings.FETCH_MODELS and path == store.path(FACE):
        try:
            store.fetch(FACE)
        except (ModelFetchError, OSError) as error:
            logger.warning("faces are detected without the face model: %s", error)
        is_right = has_sha256(path, settings.FACE_MODEL_SHA256)
    return path if is_right else None


def text_model_path() -> Path | None:
    """The verified model that finds text, fetched when it is missing; None when it cannot be had."""
    store = ModelStore(Path(settings.DATA_DIR) / "models")
    if not store.found(TEXT) and settings.FETCH_MODELS:
        try:
            store.fetch(TEXT)
        except (ModelFetchError, OSError) as error:
            logger.warning("text in pictures is not found: %s", error)
    return store.path(TEXT) if store.found(TEXT) else None
