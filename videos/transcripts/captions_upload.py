"""Captions files as people send them, held to what can become of them here."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.errors import HeimdexError
from mediakit.model_store.catalog import SPEECH
from videos import model_files, policy
from videos.choices import ModelStatus
from videos.errors import VideoCode
from videos.models import MachineModel
from videos.policy import CaptionsUpload


def read_upload(
    file: "UploadedFile[Any]", *, encoding: str = "", language: str = "", frame_rate: float = 0.0
) -> CaptionsUpload:
    """Read a captions file as `policy.read_captions` does. TEXT_NEEDS_SPEECH for a text without times where nothing is
    set up that could hear when it is said.
    """
    upload = policy.read_captions(file, encoding=encoding, language=language, frame_rate=frame_rate)
    if upload.reading.lines and not can_hear(language):
        raise HeimdexError(VideoCode.TEXT_NEEDS_SPEECH)
    return upload


def can_hear(language: str) -> bool:
    """Whether there is speech recognition for a language here or on another machine, or a speech service."""
    if settings.SPEECH_API_URL or model_files.choose_speech_model(language) is not None:
        return True
    names = [model.name for model in SPEECH]
    elsewhere = MachineModel.objects.filter(name__in=names, status=ModelStatus.PRESENT)
    return settings.SPEECH_MODEL != model_files.NONE and elsewhere.exists()
