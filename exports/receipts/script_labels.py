"""The names of scripts, shown before letters that no font can draw."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mediakit.captions.letter_coverage import script_names

# Scripts that people write and that no font here has; others keep Unicode's name.
_SCRIPT_WORDS: dict[str, str | Promise] = {
    "Balinese": _("Balinese"),
    "Canadian": _("Canadian syllabics"),
    "Cherokee": _("Cherokee"),
    "Han": _("Han"),
    "Javanese": _("Javanese"),
    "Mongolian": _("Mongolian"),
    "N'Ko": _("N'Ko"),
    "Syriac": _("Syriac"),
    "Thaana": _("Thaana"),
    "Tibetan": _("Tibetan"),
    "Tifinagh": _("Tifinagh"),
    "Yi": _("Yi"),
}
_MAX_NAMED = 3


def letters_with_scripts(letters: str) -> str:
    """Return the letters after the names of their scripts; only the letters where they are symbols."""
    names = [str(_SCRIPT_WORDS.get(name, name)) for name in script_names(letters)[:_MAX_NAMED]]
    return f"{', '.join(names)}: {letters}" if names else letters
