"""Checks a stored file before it becomes a video's source."""

import logging

from core.errors import from_media
from mediakit.errors import MediaError
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from storage.source_reader import open_source
from videos import policy

logger = logging.getLogger(__name__)


def probe_source(source_key: str) -> MediaInfo:
    """The probe result of a stored file; HeimdexError when it is no valid video or exceeds a limit."""
    try:
        with open_source(source_key) as source:
            info = probe(source)
    except MediaError as error:
        logger.info("refused %s: %s", source_key, error)
        raise from_media(error) from error
    policy.check_media(info)
    return info
