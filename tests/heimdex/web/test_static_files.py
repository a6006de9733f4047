"""Static files as they are collected: one style sheet and one script with all in them, modules under hashed names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

CSS = settings.BASE_DIR / "static" / "css"
ELSEWHERE = {"app.css", "admin.css"}  # the list itself, and the admin's own sheet


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of static files that the product serves."""
    folder = tmp_path_factory.mktemp("static")
    storages = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "heimdex.web.static_files.StaticStorage"},
    }
    with override_settings(STATIC_ROOT=folder, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield folder


def _stored(folder: Path, name: str) -> Path:
    return folder / json.loads((folder / "staticfiles.json").read_text())["paths"][name]


def test_every_component_is_listed_once():
    listed = re.findall(r'^@import "(.+)";$', (CSS / "app.css").read_text(), re.MULTILINE)

    assert sorted(listed) == sorted({sheet.name for sheet in CSS.glob("*.css")} - ELSEWHERE)


def test_the_pages_style_sheet_is_one_file(collected: Path):
    sheet = _stored(collected, "css/app.css").read_text()

    assert "@import" not in sheet
    for component in (".scrubber", ".receipt", ".export-item", ".entrance"):
        assert f"{component} {{" in sheet


def test_the_pages_script_is_one_file(collected: Path):
    script = _stored(collected, "js/app.js").read_text()

    assert not re.search(r"^(?:import|export)\b", script, re.MULTILINE)
    assert 'import("' not in script
    for module in ("js/video/video_page.js", "js/library/filters.js", "js/exports/stage.js"):
        assert script.count(f"// {module}\n") == 1


def test_a_changed_component_is_in_the_next_collection(collected: Path):
    before = _stored(collected, "css/app.css")
    changed = (CSS / "app.css").read_text().replace('@import "toasts.css";', ".changed {}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("heimdex.web.static_files.bundled_styles", lambda: changed)
        call_command("collectstatic", interactive=False, verbosity=0)

    assert _stored(collected, "css/app.css") != before
    call_command("collectstatic", interactive=False, verbosity=0)
    assert _stored(collected, "css/app.css") == before


def test_types_are_not_served(collected: Path):
    assert list(collected.rglob("*.ts")) == []


def test_modules_import_each_other_by_hashed_names(collected: Path):
    for module in (collected / "js").rglob("*.js"):
        if not re.search(r"\.[0-9a-f]{12}\.js$", module.name):
            continue
        for imported in re.findall(r"""(?:from |import\()["'](.+?)["']""", module.read_text()):
            assert re.search(r"\.[0-9a-f]{12}\.js$", imported), f"{module.name}: {imported}"
            assert (module.parent / imported).is_file()
