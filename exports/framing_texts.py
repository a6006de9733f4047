"""Why a shot is framed as it is, in words: for the dialog and the receipt."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mediakit.framing.crop_plan import Shot


def reason_text(shot: Shot) -> str:
    """One short sentence; an empty string for plans that were made before reasons were kept."""
    people = ngettext("%(count)d person", "%(count)d people", shot.people) % {"count": shot.people}
    if shot.reason == "speaker" and shot.speaker:
        return _("%(people)s, %(name)s speaks") % {"people": people, "name": shot.speaker}
    if shot.reason == "speaker":
        return _("%(people)s, the one who speaks") % {"people": people}
    if shot.reason == "apart":
        return _("%(people)s, far apart") % {"people": people}
    if shot.reason == "group":
        return _("%(people)s, close together") % {"people": people}
    if shot.reason == "person":
        return people
    return _("no one was found") if shot.reason == "nobody" else ""
