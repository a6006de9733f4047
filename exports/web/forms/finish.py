"""The fields of what finishes a Short: intro, outro and music, from a person's own files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.choices import FinishKind
from exports.finish.choice import FinishChoice
from exports.finish.files import files_of
from mediakit.render.finish import CARD_LENGTHS_MS

NONE = "none"
_AS_PRESET, _NOTHING = ("", _("As in the preset")), (NONE, _("None"))
LEVELS = {"soft": _("Soft"), "medium": _("Medium"), "loud": _("Loud")}
CARDS = ("intro", "outro")


def _seconds() -> forms.FloatField:
    """For how long a card is shown; empty for the clip's own length, or three seconds of a picture."""
    least, most = CARD_LENGTHS_MS[0] / 1000, CARD_LENGTHS_MS[-1] / 1000
    widget = forms.NumberInput(attrs={"step": "0.1", "placeholder": _("auto")})
    return forms.FloatField(
        label=_("Seconds"), min_value=least, max_value=most, required=False, widget=widget
    )


class FinishForm(forms.Form):
    """Intro, outro and music; an empty choice keeps the preset's."""

    intro = forms.ChoiceField(label=_("Intro"), required=False)
    intro_s = _seconds()
    outro = forms.ChoiceField(label=_("Outro"), required=False)
    outro_s = _seconds()
    cards_mute = forms.BooleanField(label=_("Clips without their sound"), required=False)
    music = forms.ChoiceField(label=_("Music"), required=False)
    music_level = forms.ChoiceField(
        label=_("Volume"), choices=list(LEVELS.items()), required=False, initial="medium"
    )

    def __init__(self, *args: Any, owner_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner_id = owner_id
        self.finish_files = list(files_of(owner_id))
        for name in (*CARDS, "music"):
            field: Any = self.fields[name]
            own = [
                (str(row.pk), row.name)
                for row in self.finish_files
                if (row.kind == FinishKind.MUSIC) == (name == "music")
            ]
            field.choices = [_AS_PRESET, _NOTHING, *own]
        for name in (*CARDS, "music", "music_level"):
            self.fields[name].widget.attrs.update({"class": "select", "autocomplete": "off"})
        for name in CARDS:
            self.fields[f"{name}_s"].widget.attrs.update({"class": "input", "autocomplete": "off"})

    @staticmethod
    def is_chosen(value: str) -> bool:
        """Whether a field's value names a file."""
        return value not in {"", NONE}

    @property
    def has_finish_errors(self) -> bool:
        """Whether one of these fields is not valid."""
        return any(name in self.errors for name in (*FinishForm.base_fields, "finish"))

    def finish_request(self) -> dict[str, Any]:
        """What a valid form asks for, in the values of `FinishChoice.to_json`; None for a part that is to be none."""
        given, asked = self.cleaned_data, {}
        for name in CARDS:
            if file_id := given[name]:
                seconds = given[f"{name}_s"]
                asked[name] = file_id != NONE and {
                    "file_id": file_id,
                    "length_ms": round(seconds * 1000) if seconds else None,
                    "sound": not given["cards_mute"],
                }
        if file_id := given["music"]:
            level = given["music_level"] or "medium"
            asked["music"] = file_id != NONE and {"file_id": file_id, "level": level}
        return {name: part or None for name, part in asked.items()}

    @staticmethod
    def finish_initial(choice: FinishChoice) -> dict[str, Any]:
        """The field values that give this choice again."""
        values: dict[str, Any] = {"cards_mute": any(not card.sound for card in choice.cards)}
        for name in CARDS:
            card = getattr(choice, name)
            values[name] = card.file_id if card else NONE
            values[f"{name}_s"] = card.length_ms / 1000 if card and card.length_ms else None
        values["music"] = choice.music.file_id if choice.music else NONE
        values["music_level"] = choice.music.level if choice.music else "medium"
        return values
