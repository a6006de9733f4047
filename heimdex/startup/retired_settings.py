"""Environment variables of earlier versions. Every process logs a warning at its start for each one that is still set.

The list and the one alias are removed in version 0.3.
"""

import logging

from core import env

logger = logging.getLogger(__name__)
_FIXED = "It is no longer read; its default holds. Remove it."
RETIRED = {
    # The alias: it still switches X-Forwarded-Proto on or off.
    "HEIMDEX_BEHIND_PROXY": "Set HEIMDEX_PROXIES to the number of proxies instead; until version 0.3 it still works.",
    "HEIMDEX_EXPORT_REQUESTS_PER_PLACE": _FIXED,
    "HEIMDEX_EXPORT_WINDOW_S": "It is no longer read: the limit counts 24 hours, as the pages say. Remove it.",
    "HEIMDEX_EXPORT_TIMEOUT_FACTOR": _FIXED,
    "HEIMDEX_EXPORT_TIMEOUT_LEAST_S": _FIXED,
    "HEIMDEX_EXPORT_TIMEOUT_MOST_S": _FIXED,
    "HEIMDEX_DOWNLOAD_LINK_S": _FIXED,
    "HEIMDEX_STORAGE_CALL_S": _FIXED,
    "HEIMDEX_STORAGE_REQUEST_S": _FIXED,
    "HEIMDEX_STORAGE_LINK_S": _FIXED,
    "HEIMDEX_IMPORT_LEAST_RATE": _FIXED,
    "HEIMDEX_JOB_LEASE_S": _FIXED,
    "HEIMDEX_JOB_HEARTBEAT_S": _FIXED,
    "HEIMDEX_JOB_SWEEP_S": _FIXED,
    "HEIMDEX_JOB_MAX_ATTEMPTS": _FIXED,
    "HEIMDEX_FACE_MODEL_SHA256": _FIXED,
    "HEIMDEX_HEALTH_MIN_FREE_BYTES": _FIXED,
}


def warn() -> None:
    """Log a warning for each of these variables that is set."""
    for name, advice in RETIRED.items():
        if env.text(name):
            logger.warning("%s is set but is no setting any more. %s", name, advice)
