"""Reading the body of a request that carries a file."""

import errno
from typing import Any

from rest_framework.request import Request

from core.errors import CoreCode, HeimdexError


def body_of(request: Request) -> Any:
    """The parsed body. Raises STORAGE_FULL when the disk fills up while it is received."""
    try:
        return request.data
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise HeimdexError(CoreCode.STORAGE_FULL) from error
        raise
