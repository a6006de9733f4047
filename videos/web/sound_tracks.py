"""Sound tracks as people are shown them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from mediakit.probing import track_titles
from mediakit.text.languages import normalize_language_code
from videos.web.forms import language_name

_ROLE_NAMES = {
    track_titles.DUB: _("dubbed"),
    track_titles.HARD_OF_HEARING: _("for the hard of hearing"),
    track_titles.DESCRIPTION: _("audio description"),
    track_titles.COMMENTARY: _("commentary"),
    track_titles.MUSIC: _("music only"),
}


def track_name(number: int, track: Mapping[str, Any]) -> str:
    """A sound track's label: `2: Director's cut, commentary, English, 6 channels`."""
    count = track.get("channels") or 0
    channels = {1: _("mono"), 2: _("stereo")}.get(
        count, ngettext("%(count)s channel", "%(count)s channels", count) % {"count": count}
    )
    role = _ROLE_NAMES.get(track.get("role", ""), "")
    unreadable = "" if track.get("is_readable", True) else _("cannot be read")
    language = language_name(normalize_language_code(track.get("language") or ""))
    parts = [track.get("title"), role, language, channels, unreadable]
    return f"{number}: {', '.join(str(part) for part in parts if part)}"
