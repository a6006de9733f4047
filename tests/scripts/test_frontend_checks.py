"""The checks of the pages' scripts: what is locked, and that types and tests fail on a script that is wrong."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORMAT = "static/js/common/format.js"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The scripts with their checks, to be broken."""
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("static/js", "tests/js"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def _run(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_lock_names_no_host_and_hashes_everything():
    lock = (ROOT / "package-lock.json").read_text()
    packages = json.loads(lock)["packages"]
    required = json.loads((ROOT / "package.json").read_text())["devDependencies"]

    assert "://" not in lock
    assert {name.removeprefix("node_modules/") for name in packages if name} >= set(required)
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
    for name, version in required.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_wrong_types_fail(copy: Path):
    _replace(copy / FORMAT, "Math.round(amount)", "Math.round(String(amount))")
    _replace(copy / "static/js/common/i18n.js", "/** @param {string} words */\n", "")
    _replace(copy / "static/js/app.js", '"./common/toasts.js"', '"./common/toast.js"')
    _replace(copy / "static/js/common/dialogs.js", "find(document, ", "document.querySelector(")

    done = _run(copy, "node_modules/.bin/tsc")

    assert done.returncode != 0
    for file in (
        FORMAT,
        "static/js/common/i18n.js",
        "static/js/app.js",
        "static/js/common/dialogs.js",
    ):
        assert f"{file}(" in done.stdout


def test_a_wrong_function_fails_the_tests(copy: Path):
    tests = [str(file) for file in (copy / "tests/js").rglob("*.test.js")]
    _replace(copy / FORMAT, "seconds >= 60", "seconds > 60")

    done = _run(copy, "node", "--test", "--test-reporter=tap", *tests)

    assert done.returncode != 0
    assert "not ok" in done.stdout
    assert "what is no position is refused" in done.stdout
