"""The steps before serving: database migrations and collected static files."""

import hashlib
import os
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from heimdex.web.static_files import StaticConfig


def migrate_database() -> None:
    """Apply the database migrations."""
    call_command("migrate", verbosity=0, interactive=False)


def has_pending_migrations() -> bool:
    """Whether migrations of this version are not applied yet."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def has_static_files() -> bool:
    """Whether static files were collected; pages cannot be rendered without them."""
    return (Path(settings.STATIC_ROOT) / ManifestStaticFilesStorage.manifest_name).exists()


def collect_static_files() -> None:
    """Collect and compress the static files if any of them changed since the last time.

    Does nothing if they are in a folder that this process cannot write to, as in a container image.
    """
    if has_static_files() and not os.access(settings.STATIC_ROOT, os.W_OK, effective_ids=True):
        return
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = _fingerprint()
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(digest, encoding="ascii")


def _fingerprint() -> str:
    """A SHA-256 over the names, sizes and modification times of all static files."""
    digest = hashlib.sha256()
    for finder in finders.get_finders():
        for name, storage in finder.list(StaticConfig.ignore_patterns):
            stat = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
