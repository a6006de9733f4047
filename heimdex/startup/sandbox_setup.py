"""Configures `mediakit`'s sandbox and encoder from the settings, and refuses to run in production without a sandbox.

On Linux with Landlock the kernel confines ffmpeg to the files of its own job. On other systems Heimdex runs with a
warning. In production (separate workers, no debugging) it does not start there unless a setting allows it.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.translation import gettext as _

from mediakit import encoder_selection
from mediakit.sandbox import config, confinement


def configure(*, on_limit: Callable[[str, str], None] | None = None) -> None:
    """Set the limits of this process' child processes, and its choice of encoder. No encoder is tried yet.

    `on_limit` is called with the tool and the limit when one is ended by it. Raises ImproperlyConfigured in production
    on a machine without Landlock.
    """
    refuse_if_weak()
    config.configure(
        config.SandboxConfig(
            limits=config.Limits(
                address_space=settings.TOOL_MEMORY_BYTES,
                file_size=settings.TOOL_FILE_BYTES,
                nice=settings.TOOL_NICE,
            ),
            max_pixels=settings.UPLOAD_MAX_PIXELS,
            tool_paths=tuple(settings.TOOL_PATHS),
            on_limit=on_limit or (lambda _tool, _limit: None),
        )
    )
    encoder_selection.configure(encoder_selection.EncoderSelection(settings.VIDEO_ENCODER))


def refuse_if_weak() -> None:
    """ImproperlyConfigured in production on a machine without Landlock, unless a setting allows it."""
    in_production = not settings.DEBUG and not settings.EMBEDDED
    if in_production and confinement.strength() == "none" and not settings.ALLOW_WEAK_SANDBOX:
        raise ImproperlyConfigured(
            "This kernel has no Landlock: ffmpeg could read every file that Heimdex can. "
            "Use Linux 5.13 or newer with Landlock switched on (and a container runtime that allows it), "
            "or set HEIMDEX_ALLOW_WEAK_SANDBOX=yes."
        )


def admin_notice(_request: HttpRequest) -> list[Any] | None:
    """The label in the admin's header; None when the sandbox is complete."""
    found = confinement.strength()
    if found == "full":
        return None
    text = _("ffmpeg is not confined") if found == "none" else _("ffmpeg is partly confined")
    return [text, "danger" if found == "none" else "warning"]
