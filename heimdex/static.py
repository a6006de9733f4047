"""How static files are stored: compressed, with hashed names, ES module imports rewritten too."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """WhiteNoise's storage for our ES modules; a missing name falls back to the plain one."""

    support_js_module_import_aggregation = True
    manifest_strict = False
