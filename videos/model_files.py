"""The models of this machine: which one is used, and fetching it when it is first needed.

What this machine has is written to its `MachineModel` rows, which are all that pages read.
"""

import errno
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import Error

from core.errors import CoreCode, HeimdexError
from jobs.clock import database_now
from mediakit.model_store.catalog import (
    BODY,
    DEFAULT_SPEECH,
    FACE,
    MODELS,
    OBJECT,
    READER,
    SPEECH,
    TEXT,
    Model,
    understands,
)
from mediakit.model_store.store import FetchState, ModelStore, has_sha256
from mediakit.model_store.transfer import ModelFetchError
from videos.choices import ModelStatus
from videos.models import MachineModel

logger = logging.getLogger(__name__)

AUTO, NONE = "auto", "none"
# A fetch that failed is not tried again by the next video for so long.
RETRY_AFTER = timedelta(minutes=10)
RECORD_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class SpeechModel:
    """The speech model that is used. `source` is a folder, or a name that faster-whisper knows.

    `missing` is the model of the catalog that has to be fetched first.
    """

    source: str
    missing: Model | None = None


def store() -> ModelStore:
    """The models in this machine's data folder."""
    return ModelStore(Path(settings.DATA_DIR) / "models")


def choose_speech_model(language: str) -> SpeechModel | None:
    """The speech model for a language (empty: unknown), as the settings say; None when there is none.

    With `auto` it is the best one that is there and understands the language; without one the default, to be fetched.
    """
    name = settings.SPEECH_MODEL
    if name == NONE:
        return None
    if name != AUTO:
        model = MODELS.get(name)
        if model is None or model.kind != "speech":
            return SpeechModel(name)
        return _chosen(model)
    there = [model for model in SPEECH if store().found(model)]
    fitting = [model for model in there if understands(model, language)]
    if fitting:
        return _chosen(fitting[0])
    if settings.FETCH_MODELS:
        return _chosen(DEFAULT_SPEECH)
    return _chosen(there[0]) if there else None


def _chosen(model: Model) -> SpeechModel:
    if store().found(model):
        return SpeechModel(str(store().path(model)))
    if settings.FETCH_MODELS:
        return SpeechModel(str(store().path(model)), missing=model)
    return SpeechModel(model.name)  # perhaps in faster-whisper's own cache


def fetch(
    model: Model,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Return the path of a model, fetched unless it is there; the machine's row says how far it is.

    `on_progress` gets 0 to 1. Raises ModelFetchError, HeimdexError with STORAGE_FULL, and StoppedError.
    """
    recorder = _Recorder(model, on_progress)
    try:
        source = store().fetch(model, on_progress=recorder.report, should_stop=should_stop)
    except ModelFetchError as error:
        _record(model, ModelStatus.FAILED, error=str(error))
        raise
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        _record(model, ModelStatus.FAILED, error=str(error.strerror if full else error))
        if full:
            raise HeimdexError(CoreCode.STORAGE_FULL) from error
        raise ModelFetchError(f"{model.title} could not be stored: {error}") from error
    _record(model, ModelStatus.PRESENT, source=source.label)
    return store().path(model)


def fetch_if_due(
    model: Model,
    *,
    on_progress: Callable[[float], None] = lambda _: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Path:
    """`fetch`, but raise ModelFetchError at once when a fetch on this machine failed a moment ago."""
    failed = MachineModel.objects.filter(
        machine=_machine(),
        name=model.name,
        status=ModelStatus.FAILED,
        updated_at__gt=database_now() - RETRY_AFTER,
    ).first()
    if failed is not None and not store().found(model):
        raise ModelFetchError(f"not tried again so soon. {failed.error}")
    return fetch(model, on_progress=on_progress, should_stop=should_stop)


def face_model_path() -> Path | None:
    """The verified face model for a worker, fetched when it is missing; None when it cannot be had."""
    if not settings.FACE_MODEL:
        return None
    path = Path(settings.FACE_MODEL)
    is_right = has_sha256(path, settings.FACE_MODEL_SHA256)
    if not is_right and settings.FETCH_MODELS and path == store().path(FACE):
        try:
            fetch_if_due(FACE)
        except (ModelFetchError, HeimdexError) as error:
            logger.warning("faces are detected without the face model: %s", error)
        is_right = has_sha256(path, settings.FACE_MODEL_SHA256)
    return path if is_right else None


def text_model_path() -> Path | None:
    """The verified model that finds text in pictures, for a worker, fetched when it is missing; None without it."""
    return _path_of(TEXT, "text in pictures is not found")


def object_model_path() -> Path | None:
    """The verified model that finds what stands out, for a worker, fetched when it is missing; None without it."""
    return _path_of(OBJECT, "subjects without a face are found by motion and colour only")


def body_model_path() -> Path | None:
    """The verified model that finds bodies, for a worker, fetched when it is missing; None without it."""
    return _path_of(BODY, "people are found by their faces only")


def reader_model_path() -> Path | None:
    """The verified model that reads text in pictures, for a worker, fetched when it is missing; None without it."""
    return _path_of(READER, "text in pictures is not read")


def _path_of(model: Model, without_it: str) -> Path | None:
    if not store().found(model) and settings.FETCH_MODELS:
        try:
            fetch_if_due(model)
        except (ModelFetchError, HeimdexError) as error:
            logger.warning("%s: %s", without_it, error)
    return store().path(model) if store().found(model) else None


def some_machine_has(model: Model) -> bool:
    """Whether any machine said that it has the model."""
    return MachineModel.objects.filter(name=model.name, status=ModelStatus.PRESENT).exists()


def record_all() -> None:
    """Write what this machine has into its rows; a model that was never here and is not needed has no row.

    A database that is away, or not migrated yet, does not matter: what is there is there.
    """
    for model in MODELS.values():
        source = store().found(model)
        if source is not None:
            if not _record(model, ModelStatus.PRESENT, source=source.label):
                return
            continue
        rows = MachineModel.objects.filter(machine=_machine(), name=model.name)
        try:
            rows.filter(status=ModelStatus.PRESENT).update(status=ModelStatus.MISSING)
        except Error as error:
            logger.warning("models are not recorded in the database: %s", error)
            return


def model_being_fetched() -> MachineModel | None:
    """The row of a speech model that a machine is fetching now, for the page of a video that waits for it."""
    names = [model.name for model in SPEECH]
    rows = MachineModel.objects.filter(status=ModelStatus.FETCHING, name__in=names)
    return rows.order_by("-updated_at").first()


class _Recorder:
    """Reports a fetch's progress, and writes it into the machine's row once a second."""

    def __init__(self, model: Model, on_progress: Callable[[float], None]) -> None:
        self._model = model
        self._on_progress = on_progress
        self._recorded_at = 0.0
        self._source = ""
        self._is_recorded = True

    def report(self, state: FetchState) -> None:
        self._on_progress(state.done_bytes / max(1, state.total_bytes))
        now = time.monotonic()
        # An empty source: another process of this machine fetches the model, and records it.
        changed = state.source != self._source or now - self._recorded_at >= RECORD_EVERY_S
        if state.source and changed and self._is_recorded:
            self._recorded_at, self._source = now, state.source
            self._is_recorded = _record(
                self._model, ModelStatus.FETCHING, source=state.source, done_bytes=state.done_bytes
            )


def _record(
    model: Model, status: ModelStatus, *, source: str = "", done_bytes: int = 0, error: str = ""
) -> bool:
    """Write this machine's row of a model; False where the database is away, which must not end a fetch."""
    there = store().found(model) if status == ModelStatus.PRESENT else None
    values = {
        "status": status,
        "source": source,
        "size_bytes": model.size_bytes,
        "done_bytes": model.size_bytes if status == ModelStatus.PRESENT else done_bytes,
        "sha256": list(there.files.values())[-1] if there else "",
        "error": error[:500],
    }
    try:
        MachineModel.objects.update_or_create(machine=_machine(), name=model.name, defaults=values)
    except Error as reason:
        logger.warning("%s is not recorded in the database: %s", model.title, reason)
        return False
    return True


def _machine() -> str:
    return socket.gethostname()[:100]
