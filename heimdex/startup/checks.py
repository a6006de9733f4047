"""System checks of tools, settings and folders.

A missing tool is a warning, because pages and downloads work without it. A setting that would publish users' files is
an error, and nothing starts.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from mediakit import encoder_selection
from mediakit.errors import ToolError, ToolMissingError
from mediakit.ffmpeg import installation
from mediakit.render.encoders import X264
from mediakit.sandbox import confinement
from mediakit.sandbox.process import run

INSTALL = "Install it with the system's package manager, for example: apt-get install ffmpeg"


@register("tools")
def check_tools(**_: Any) -> list[CheckMessage]:
    """Check that ffmpeg and ffprobe are installed, new enough, and built with the parts that Shorts need."""
    return [*_check_present("ffprobe"), *_check_ffmpeg()]


@register("tools")
def check_encoder(**_: Any) -> list[CheckMessage]:
    """The encoder of the settings is available. Whether it works is tried before the first Short."""
    if settings.VIDEO_ENCODER in {encoder_selection.AUTO, X264.name}:
        return []
    try:
        reason = encoder_selection.EncoderSelection(settings.VIDEO_ENCODER).absence_reason()
    except ToolError:
        return []  # `check_tools` reports it
    return [_encoder_warning(reason)] if reason else []


@register(Tags.security)
def check_storage_is_private(**_: Any) -> list[CheckMessage]:
    """Stored files can only be fetched through signed links."""
    return list(_public_storage())


@register(Tags.security)
def check_production(**_: Any) -> list[CheckMessage]:
    """The production settings are safe."""
    return list(_unsafe_settings())


@register(Tags.security)
def check_sandbox(**_: Any) -> list[CheckMessage]:
    """The kernel confines ffmpeg, which decodes untrusted files."""
    found = confinement.strength()
    if found == "full":
        return []
    lacking = "system calls and the network" if found == "partial" else "files"
    return [
        Caution(
            f"ffmpeg is not confined by the kernel as far as {lacking} go.",
            hint="Run on Linux 6.7 or newer with Landlock; see HEIMDEX_ALLOW_WEAK_SANDBOX.",
            id="heimdex.W011",
        )
    ]


@register("files")
def check_work_dir(**_: Any) -> list[CheckMessage]:
    """The work folder is writable."""
    if os.access(settings.WORK_DIR, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The work folder {settings.WORK_DIR} cannot be written to.",
            hint="Make it writable for this user, or set HEIMDEX_WORK_DIR to another folder.",
            id="heimdex.E008",
        )
    ]


def _encoder_warning(reason: str) -> CheckMessage:
    return Caution(
        f"Shorts are encoded by x264 and not as HEIMDEX_VIDEO_ENCODER says. {reason}.",
        hint="manage.py try_encoders tries every encoder; docs/operations.md says what each needs.",
        id="heimdex.W012",
    )


def _check_present(tool: str) -> Iterator[CheckMessage]:
    try:
        run([tool, "-version"], timeout_s=10)
    except ToolMissingError:
        yield Caution(
            f"{tool} is not installed: no video can be read.", hint=INSTALL, id="heimdex.W001"
        )
    except ToolError as exc:
        yield Caution(f"{tool} does not run: {exc}", hint=INSTALL, id="heimdex.W002")


def _check_ffmpeg() -> Iterator[CheckMessage]:
    problems = list(_check_present("ffmpeg"))
    if problems:
        yield from problems
        return
    found = installation.probe_tool("ffmpeg")
    if found.is_older_than(installation.MINIMUM_VERSION):
        have, need = (
            ".".join(map(str, one)) for one in (found.version, installation.MINIMUM_VERSION)
        )
        words = f"ffmpeg {have} is too old; {need} or newer is needed."
        yield Caution(words, hint=INSTALL, id="heimdex.W003")
    missing = installation.missing_parts(found)
    if missing:
        yield Caution(
            f"This ffmpeg was built without {', '.join(missing)}.",
            hint="Install a complete build; the package of a Linux distribution is one.",
            id="heimdex.W004",
        )


def _public_storage() -> Iterator[CheckMessage]:
    options = settings.STORAGES["default"].get("OPTIONS", {})
    if "s3" in settings.STORAGES["default"]["BACKEND"].lower():
        if not options.get("querystring_auth", True) or "public" in str(options.get("default_acl")):
            yield Error(
                "Files in the S3 bucket would be readable by anybody.",
                hint="Leave querystring_auth on and default_acl empty.",
                id="heimdex.E005",
            )
    elif _inside(options.get("location"), settings.STATIC_ROOT):
        yield Error(
            "Stored files lie inside the folder of static files, which everybody can read.",
            hint="Choose another HEIMDEX_DATA_DIR or HEIMDEX_STATIC_ROOT.",
            id="heimdex.E006",
        )


def _inside(folder: Any, other: Any) -> bool:
    """Whether `folder` is `other` or is inside it."""
    if not folder or not other:
        return False
    return Path(folder).resolve().is_relative_to(Path(other).resolve())


def _unsafe_settings() -> Iterator[CheckMessage]:
    if settings.HTTPS and settings.DEBUG:
        yield Error(
            "DEBUG is on in production: error pages would show settings and code.",
            hint="Remove HEIMDEX_DEBUG.",
            id="heimdex.E007",
        )
    if len(settings.SECRET_KEY) < 32 or len(set(settings.SECRET_KEY)) < 8:
        yield Error(
            "SECRET_KEY is too short or too plain: links and sessions could be forged.",
            hint="Remove it to have one made, or set 50 or more random characters.",
            id="heimdex.E009",
        )
    if settings.REDIS_URL and settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Caution(
            "REDIS_URL is set but the database is SQLite, which workers on other machines cannot share.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="heimdex.W010",
        )
