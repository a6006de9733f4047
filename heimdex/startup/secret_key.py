"""The signing key: from the environment, or generated once and stored in the data folder."""

import os
import secrets
from pathlib import Path

from core import env


def secret_key(data_dir: Path) -> str:
    """`SECRET_KEY` (or `SECRET_KEY_FILE`), else the key in `data_dir/secret-key`, which the first start generates."""
    given = env.secret("SECRET_KEY")
    if given:
        return given
    file = data_dir / "secret-key"
    try:
        # O_EXCL: if two processes start at the same time, one creates the key and the other reads it.
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        key = secrets.token_urlsafe(64)
        stream.write(key)
    return key
