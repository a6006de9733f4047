"""Settings for the test suite: everything in a temporary folder, a fast hasher, no manifest for static files."""

import tempfile
from pathlib import Path

from heimdex.settings import *  # noqa: F403
from heimdex.settings import DATABASES

# Not from the environment: `heimdex.settings` has been read by the time this module is. Each run has its own.
DATA_DIR = Path(tempfile.mkdtemp(prefix="heimdex-test-"))
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
# Not the models that were downloaded on this machine, and none is fetched.
FACE_MODEL, SPEECH_MODEL, FETCH_MODELS = "", "none", False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
VIDEO_ENCODER = "x264"  # whatever hardware this machine has
