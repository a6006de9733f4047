"""Static files: which are served, compressed, under hashed names; one style sheet and one script."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from heimdex.web.script_bundle import bundled_modules

STYLE_SHEET, SCRIPT = "css/app.css", "js/app.js"
_IMPORT = re.compile(r'^@import "([\w.]+)";$', re.MULTILINE)


def bundled_styles() -> str:
    """The pages' style sheet with its imports inlined, so that a page loads one file."""
    source = Path(str(finders.find(STYLE_SHEET)))
    return _IMPORT.sub(
        lambda found: source.with_name(found[1]).read_text("utf-8"), source.read_text("utf-8")
    )


def bundled_script() -> str:
    """The pages' modules as one script (`heimdex.web.script_bundle`)."""
    return bundled_modules(SCRIPT, lambda name: Path(str(finders.find(name))).read_text("utf-8"))


class StaticConfig(StaticFilesConfig):
    """Django's static files app, without files that our pages never load.

    Type declarations (`*.d.ts`) are only for the type checker of our scripts. The extensions of django-htmx have
    import statements in comments, which the rewriting of imports would follow. Our htmx is in `static/vendor`.
    """

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.d.ts",
        "django_htmx",
        "drf_spectacular_sidecar/redoc",
        "redoc",
    ]


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """WhiteNoise's storage with support for ES modules. A name without a hashed file falls back to the plain name.

    To keep the first start short, only the hashed files, which pages use, are compressed, and only with gzip (brotli
    at its best level took 80 of 90 seconds).
    """

    # Its patterns read comments too: above a file's imports the words "import" and "export" stand for statements.
    support_js_module_import_aggregation = True
    manifest_strict = False

    def post_process(
        self,
        paths: Mapping[str, Any],
        dry_run: bool = False,  # noqa: FBT001, FBT002 - its signature
        **options: Any,
    ) -> Iterator[tuple[str, str | None, Any]]:
        """Write the bundled style sheet and script, then hash and compress all files."""
        for name, bundled in ((STYLE_SHEET, bundled_styles), (SCRIPT, bundled_script)):
            if name in paths and not dry_run:
                Path(self.path(name)).write_text(bundled(), "utf-8")
                paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def create_compressor(self, **options: Any) -> Compressor:
        """A compressor that only uses gzip."""
        return Compressor(use_brotli=False, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress the files under their hashed names."""
        hashed = set(self.hashed_files.values())
        found: Iterator[tuple[str, str]] = super().compress_files(
            path for path in paths if path in hashed
        )
        return found
