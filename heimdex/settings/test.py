"""Settings for the test suite: everything in a temporary folder, a fast hasher, no manifest for static files."""

import os
import tempfile

os.environ.setdefault("HEIMDEX_DATA_DIR", tempfile.mkdtemp(prefix="heimdex-test-"))

from heimdex.settings import *  # noqa: F403
from heimdex.settings import DATABASES
from heimdex.settings.product import DATA_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "media", "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
ALLOWED_HOSTS = ["*"]
