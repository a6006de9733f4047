"""System checks say in words what is missing or unsafe."""

import pytest

from heimdex.startup import checks
from mediakit.errors import ToolError, ToolMissingError
from mediakit.ffmpeg import installation
from mediakit.sandbox.process import Completed


def ids(found):
    return [message.id for message in found]


def test_this_machine_has_what_is_needed():
    assert checks.check_tools() == []
    assert checks.check_storage_is_private() == []
    assert checks.check_production() == []
    assert checks.check_work_dir() == []


def test_missing_tools_are_named(monkeypatch):
    def absent(argv, **_):
        raise ToolMissingError(f"{argv[0]} is not installed.", tool=argv[0])

    monkeypatch.setattr(checks, "run", absent)

    found = checks.check_tools()

    assert ids(found) == ["heimdex.W001", "heimdex.W001"]
    assert "ffprobe is not installed" in found[0].msg
    assert "apt-get install ffmpeg" in (found[1].hint or "")


def test_a_tool_that_does_not_run(monkeypatch):
    def broken(argv, **_):
        raise ToolError(f"{argv[0]} was killed by signal 11.", tool=argv[0])

    monkeypatch.setattr(checks, "run", broken)

    assert ids(checks.check_tools()) == ["heimdex.W002", "heimdex.W002"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("ffmpeg version 4.2.7-0ubuntu", ["heimdex.W003"]),
        ("ffmpeg version 4.4.2-0ubuntu", ["heimdex.W003"]),
        ("ffmpeg version n7.1 Copyright", []),
        ("ffmpeg version N-110000-gabc", []),
    ],
)
def test_old_ffmpeg_is_refused(monkeypatch, version, expected):
    parts = (*installation.NEEDED_ENCODERS, *installation.NEEDED_FILTERS)
    listed = "\n".join(f" V..... {name} words" for name in parts)
    answers = {"-version": version, "-encoders": listed, "-filters": listed}
    monkeypatch.setattr(
        installation, "run", lambda argv, **_: Completed(answers[argv[-1]].encode(), "")
    )

    assert ids(checks.check_tools()) == expected


def test_missing_abilities_are_named(monkeypatch):
    answers = {"-version": "ffmpeg version 6.0", "-encoders": " A..... aac words", "-filters": ""}
    monkeypatch.setattr(
        installation, "run", lambda argv, **_: Completed(answers[argv[-1]].encode(), "")
    )

    found = checks.check_tools()

    assert ids(found) == ["heimdex.W004"]
    assert "libx264" in found[0].msg
    assert "aac" not in found[0].msg
    assert "ass" in found[0].msg


@pytest.mark.parametrize("options", [{"querystring_auth": False}, {"default_acl": "public-read"}])
def test_a_public_bucket_is_an_error(settings, options):
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}

    assert ids(checks.check_storage_is_private()) == ["heimdex.E005"]


def test_stored_files_among_static_files_are_an_error(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path

    assert ids(checks.check_storage_is_private()) == ["heimdex.E006"]


def test_settings_that_must_not_go_together(settings, monkeypatch):
    settings.HTTPS = settings.DEBUG = True
    settings.SECRET_KEY = "short"
    settings.REDIS_URL = "redis://localhost"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")

    assert ids(checks.check_production()) == ["heimdex.E007", "heimdex.E009", "heimdex.W010"]


def test_a_work_folder_that_is_not_there(settings, tmp_path):
    settings.WORK_DIR = tmp_path / "missing"

    assert ids(checks.check_work_dir()) == ["heimdex.E008"]
