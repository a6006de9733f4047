"""Management commands say in one sentence what is wrong around them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.errors import CoreCode, HeimdexError
from heimdex.command_line import explain
from storage.errors import StorageCode
from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]


def manage(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HEIMDEX_", "DJANGO_", "S3_")) and name != "DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**inherited, "HEIMDEX_DATA_DIR": str(folder), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        ("create_token demo", {}, "no tables yet"),
        ("expire_exports", {}, "run `manage.py migrate`"),
        ("create_token demo", {"DATABASE_URL": "postgresql://x@127.0.0.1:{port}/x"}, "not answer"),
        ("migrate", {"DATABASE_URL": "postgresql://x@127.0.0.1:{port}/x"}, "DATABASE_URL"),
        ("migrate", {"DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}, "cannot be opened"),
        ("migrate", {"HEIMDEX_DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
        ("migrate", {"HEIMDEX_PROXIES": "many"}, "HEIMDEX_PROXIES must be a whole number"),
        ("check_short none.mp4", {}, "none.mp4 does not exist."),
    ],
)
def test_what_is_wrong_around_a_command_is_one_sentence(tmp_path, arguments, environ, words):
    port = str(free_port())
    environ = {name: value.replace("{port}", port) for name, value in environ.items()}

    done = manage(tmp_path, *arguments.split(), **environ)

    assert done.returncode > 0
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_the_traceback_is_there_for_the_asking(tmp_path):
    done = manage(tmp_path, "create_token", "demo", "--traceback")

    assert done.returncode > 0
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ImproperlyConfigured("X must be yes or no."), "X must be yes or no."),
        (PermissionError(13, "Permission denied", "/srv/data"), "Permission denied: /srv/data."),
        (HeimdexError(StorageCode.STORAGE_UNAVAILABLE), None),
        (HeimdexError(CoreCode.INVALID_INPUT), ""),
        (RuntimeError("a bug"), ""),
        (OSError("no file in it"), ""),
    ],
)
def test_only_what_an_operator_can_change_is_explained(error, sentence):
    expected = error.message if sentence is None else sentence

    assert explain(error) == expected
