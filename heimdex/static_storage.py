"""How static files are stored: compressed, with hashed names, ES module imports rewritten too."""

from collections.abc import Iterable, Iterator
from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """WhiteNoise's storage for our ES modules; a missing name falls back to the plain one.

    A first start must not take a minute: only the hashed names, which pages use, are compressed, and with gzip only
    (brotli at its best level took 80 of 90 seconds).
    """

    support_js_module_import_aggregation = True
    manifest_strict = False

    def create_compressor(self, **options: Any) -> Compressor:
        """gzip only."""
        return Compressor(use_brotli=False, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress the files under their hashed names."""
        hashed = set(self.hashed_files.values())
        found: Iterator[tuple[str, str]] = super().compress_files(
            path for path in paths if path in hashed
        )
        return found
