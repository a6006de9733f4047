"""Data folder and database are their owner's only, also those that were there before."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from heimdex.startup.private_files import make_private_file, make_private_folder

ROOT = Path(__file__).resolve().parents[3]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_there_is_closed(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    file = folder / "heimdex.sqlite3"
    file.touch(mode=0o644)

    make_private_folder(folder)
    make_private_file(file)

    assert (mode(folder), mode(file)) == (0o700, 0o600)


def test_a_database_and_what_sqlite_writes_beside_it_are_private(tmp_path):
    before = os.umask(0o022)
    try:
        file = tmp_path / "heimdex.sqlite3"
        make_private_file(file)
        with sqlite3.connect(file) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("CREATE TABLE a (b)")
            database.commit()
            beside = sorted(tmp_path.glob("heimdex.sqlite3*"))
            assert [path.name for path in beside] == [
                "heimdex.sqlite3",
                "heimdex.sqlite3-shm",
                "heimdex.sqlite3-wal",
            ]
            assert {mode(path) for path in beside} == {0o600}
        database.close()
    finally:
        os.umask(before)


def settings_value(expression, **environ):
    """What the settings are with these variables, in a process of their own."""
    code = f"from django.conf import settings; print({expression})"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HEIMDEX_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**clean, "DJANGO_SETTINGS_MODULE": "heimdex.settings", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_settings_make_both(tmp_path):
    data = tmp_path / "data"

    settings_value("settings.DATABASES", HEIMDEX_DATA_DIR=str(data))

    assert mode(data) == mode(data / "work") == 0o700
    assert mode(data / "heimdex.sqlite3") == 0o600


@pytest.mark.parametrize(
    ("environ", "is_open"),
    [
        ({}, "True"),
        ({"HEIMDEX_HOSTS": "localhost 127.0.0.1"}, "True"),
        ({"HEIMDEX_HOSTS": "heimdex.example.org localhost"}, "False"),
        ({"HEIMDEX_HOSTS": "heimdex.example.org", "HEIMDEX_SIGNUP_OPEN": "yes"}, "True"),
        ({"HEIMDEX_SIGNUP_OPEN": "no"}, "False"),
    ],
)
def test_strangers_sign_up_on_this_machine_only(tmp_path, environ, is_open):
    value = settings_value("settings.SIGNUP_OPEN", HEIMDEX_DATA_DIR=str(tmp_path), **environ)

    assert value == is_open
