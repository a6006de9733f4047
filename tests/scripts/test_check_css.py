"""What `make lint` says about classes that only a style sheet, or only a page, knows."""

import shutil
from pathlib import Path

import pytest

from scripts import check_css


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what the check reads."""
    for folder in ("static/css", "static/js", "templates", *check_css.APPS):
        shutil.copytree(check_css.ROOT / folder, tmp_path / folder)
    return tmp_path


def _append(file: Path, text: str) -> None:
    file.write_text(file.read_text() + text)


def test_all_classes_are_defined_and_used():
    assert check_css.problems() == []


def test_a_rule_for_a_class_that_nothing_uses_is_found(root: Path):
    _append(
        root / "static/css/toasts.css",
        "@media print { .toast--lost:hover, .toast { top: 0.5rem } }",
    )

    assert check_css.problems(root) == ["static/css/toasts.css: .toast--lost is not used"]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("templates/404.html", '<p class="{% if error %}mispelt{% endif %} {{ some }}"></p>'),
        ("static/js/app.js", 'document.body.classList.add("mispelt");'),
        ("videos/web/forms.py", 'ATTRS = {"class": "mispelt"}'),
    ],
)
def test_a_class_without_a_rule_is_found(root: Path, file: str, text: str):
    _append(root / file, text)

    assert check_css.problems(root) == ['class="mispelt" has no rule']


def test_a_name_that_a_template_completes_is_used():
    assert check_css.used_in_markup('<p class="a chip--{{ card.state }} b"></p>') == {
        "a",
        "chip--*",
        "b",
    }
