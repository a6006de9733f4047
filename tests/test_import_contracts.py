"""The import contracts bite: each forbidden import, put into a copy of the code, makes a contract fail."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "root_packages"
]

# A module, and an import that it must not have.
FORBIDDEN = [
    ("mediakit.errors", "django"),
    ("mediakit.sandbox.process", "celery"),
    ("mediakit.asr.whisper", "structlog"),
    ("mediakit.errors", "mediakit.text.transcript"),
    ("mediakit.sandbox.config", "mediakit.ffmpeg.source_args"),
    ("mediakit.framing.people.tracking", "mediakit.captions.caption_style"),
    ("mediakit.framing.planning.text.text_layout", "mediakit.framing.planning.framer"),
    ("mediakit.subtitles.readers.sbv", "mediakit.subtitles.formats"),
    ("mediakit.subtitles.decoding.encodings", "mediakit.subtitles.readers.sbv"),
    ("mediakit.probing.probe", "core.errors"),
    ("videos.api.views", "videos.api.bulk"),
    ("netfetch.fetch", "django"),
    ("netfetch.url", "mediakit.errors"),
    ("netfetch.errors", "netfetch.fetch"),
    ("core.errors", "exports.choices"),
    ("core.formatting", "rest_framework"),
    ("jobs.lease", "redis"),
    ("jobs.clock", "jobs.lease"),
    ("jobs.models", "storage.files"),
    ("storage.local", "celery"),
    ("storage.files", "jobs.clock"),
    ("accounts.models", "videos.models"),
    ("accounts.services", "rest_framework"),
    ("videos.models.video", "exports.models"),
    ("videos.policy", "videos.services"),
    ("videos.services", "drf_spectacular"),
    ("videos.storage_keys", "boto3"),
    ("exports.services", "rest_framework"),
    ("exports.services", "celery"),
    ("exports.choices", "exports.models"),
    ("exports.rendering.pipeline", "exports.web.presenters"),
    ("exports.web.files", "exports.api.views"),
    ("workers.sweeper", "heimdex.celery"),
    ("heimdex.observability.logs", "exports.models"),
    ("heimdex.web.server", "heimdex.startup.checks"),
]


@pytest.fixture(scope="module")
def broken(tmp_path_factory) -> str:
    """What `lint-imports` says about a copy of the code that holds every forbidden import."""
    copy = tmp_path_factory.mktemp("contracts")
    ignored = shutil.ignore_patterns("__pycache__", "font_files", "locale")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for module, imported in FORBIDDEN:
        path = copy / Path(*module.split(".")).with_suffix(".py")
        path.write_text(f"{path.read_text()}\nimport {imported}\n")
    (copy / "exports" / "drawer.py").write_text("")
    return _lint(copy)


def _lint(folder: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return re.sub(r"\s+", " ", run.stdout + run.stderr)


@pytest.mark.parametrize(("module", "imported"), FORBIDDEN)
def test_a_forbidden_import_is_named(broken, module, imported):
    assert f"{module} -> {imported}" in broken, broken


def test_a_module_without_a_place_is_named(broken):
    assert "exports.drawer" in broken


def test_every_package_is_checked():
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
        *("benchmarks", "scripts", "tests")
    }

    assert found == set(PACKAGES)
