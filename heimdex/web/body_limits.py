"""The largest request body of each path, and the size above which its sender must be known first."""

import re

from django.conf import settings

# A larger body is read only from signed-in people and valid tokens. Bodies up to this size stay in memory.
ANONYMOUS_BYTES = 32 * 1024
FORM_BYTES = 16 * 1024**2
_MULTIPART_BYTES = 1024**2  # the other fields of a form that carries a file

_WHOLE_FILES = re.compile(r"/uploads(/[^/]+)?/?|/v1/videos/?")
_SMALL = re.compile(r"/(account|d|health|i18n|metrics|static|-)(/.*)?")


def body_limit(path: str) -> int:
    """The largest body in bytes that a request to this path may have."""
    if _SMALL.fullmatch(path):
        return ANONYMOUS_BYTES
    if _WHOLE_FILES.fullmatch(path):
        return int(settings.UPLOAD_MAX_BYTES) + FORM_BYTES
    return max(FORM_BYTES, int(settings.CAPTIONS_MAX_BYTES) + _MULTIPART_BYTES)
