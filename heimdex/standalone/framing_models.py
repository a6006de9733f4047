"""The models of a command without a database that find faces, bodies, text and what stands out."""

import logging
from pathlib import Path

from django.conf import settings

from mediakit.model_store.catalog import BODY, FACE, OBJECT, TEXT, Model
from mediakit.model_store.store import ModelStore, has_sha256
from mediakit.model_store.transfer import ModelFetchError
from videos.analyses.range_analysis import FramingModels

logger = logging.getLogger(__name__)


def framing_models() -> FramingModels:
    """The verified models, fetched when they are missing; those that cannot be had are left out."""
    return FramingModels(
        _face_model_path(),
        _path_of(TEXT, "text in pictures is not found"),
        _path_of(OBJECT, "subjects without a face are found by motion and colour only"),
        _path_of(BODY, "people are found by their faces only"),
    )


def _face_model_path() -> Path | None:
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


def _path_of(model: Model, without_it: str) -> Path | None:
    store = ModelStore(Path(settings.DATA_DIR) / "models")
    if not store.found(model) and settings.FETCH_MODELS:
        try:
            store.fetch(model)
        except (ModelFetchError, OSError) as error:
            logger.warning("%s: %s", without_it, error)
    return store.path(model) if store.found(model) else None
