"""Every sentence exists in every language, and what is compiled is what is written."""

import gettext
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from core.errors import all_codes

MSGFMT = shutil.which("msgfmt") or "msgfmt"
CATALOGUES = sorted(Path(settings.BASE_DIR, "locale").glob("*/LC_MESSAGES/*.po"))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_catalogue_is_complete_and_compiled(catalogue, tmp_path):
    compiled = tmp_path / "now.mo"
    made = subprocess.run(
        [MSGFMT, "--check-format", "--statistics", "-o", compiled, catalogue],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "untranslated" not in made.stderr
    assert "fuzzy" not in made.stderr
    assert _sentences(compiled) == _sentences(catalogue.with_suffix(".mo")), "run `make messages`"


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_no_sentence_of_the_code_is_missing(domain, tmp_path):
    for name in (
        "accounts",
        "core",
        "exports",
        "heimdex",
        "jobs",
        "storage",
        "videos",
        "templates",
        "static",
        "locale",
    ):
        shutil.copytree(
            Path(settings.BASE_DIR, name),
            tmp_path / name,
            ignore=shutil.ignore_patterns("vendor", "fonts", "*.mo", "__pycache__"),
        )
    command = [sys.executable, "-m", "django", "makemessages", "-l", "ko", "-d", domain]
    plain = {
        "PATH": os.environ["PATH"]
    }  # without our settings: their locale folder is the real one
    subprocess.run(
        [*command, "--no-location"], cwd=tmp_path, env=plain, capture_output=True, check=True
    )

    made = subprocess.run(
        [
            *(MSGFMT, "--statistics", "-o", tmp_path / "out.mo"),
            tmp_path / "locale/ko/LC_MESSAGES" / f"{domain}.po",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "untranslated" not in made.stderr, "run `make messages` and translate"
    assert "fuzzy" not in made.stderr, "run `make messages` and translate"


def test_both_catalogues_are_there():
    assert [path.name for path in CATALOGUES] == ["django.po", "djangojs.po"]


@pytest.mark.parametrize("code", all_codes().values(), ids=str)
def test_every_error_speaks_korean(code):
    with translation.override("ko"):
        korean = str(code.sentence)
    with translation.override("en"):
        assert korean != str(code.sentence)


def _sentences(file: Path) -> dict[str, str]:
    with file.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)
    return {str(key): value for key, value in catalogue._catalog.items() if key}  # type: ignore[attr-defined]
