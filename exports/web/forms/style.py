"""The dialog's form for a Short's style: the caption preset, the changes to it, and the overlays."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from core.errors import HeimdexError
from exports.captions import styles
from exports.captions.styles import OFF, ShortStyle
from exports.choices import CaptionStyleName
from exports.web.forms.finish import FinishForm
from mediakit.captions import caption_style
from mediakit.captions.logo import MAX_BYTES

AS_PRESET = ("", _("As in the preset"))
FONTS = {
    "sans": _("Sans"),
    "black": _("Heavy"),
    "geometric": _("Round"),
    "condensed": _("Narrow"),
    "poster": _("Poster"),
    "serif": _("Serif"),
}
POSITIONS = {
    "auto": _("Automatic, off faces"),
    "bottom": _("Bottom of the safe area"),
    "middle": _("Middle"),
    "top": _("Top"),
    "custom": _("At a height of my own"),
}
CORNERS = {
    "top_left": _("Top left"),
    "top_right": _("Top right"),
    "bottom_left": _("Bottom left"),
    "bottom_right": _("Bottom right"),
}
YES_NO = {"yes": _("Yes"), "no": _("No")}
COLORS = ("color", "accent", "edge")
_COLOR = RegexValidator(r"\A#[0-9a-fA-F]{6}\Z", _("Write a colour like #ffd60a."))


def _choice(label: Any, names: dict[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[AS_PRESET, *names.items()], required=False)


def _number(label: Any, allowed: range) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=allowed[0], max_value=allowed[-1], required=False
    )


def _color(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        validators=[_COLOR],
        required=False,
        initial="#ffffff",
        widget=forms.TextInput(attrs={"type": "color"}),
    )


class StyleForm(FinishForm):
    """Style fields; an empty field keeps the preset's value. `to_style()` returns the resulting style."""

    captions = forms.ChoiceField(label=_("Captions"), required=False)
    font = _choice(_("Font"), FONTS)
    size = _number(_("Size"), caption_style.FONT_SIZES_PX)
    own_colors = forms.BooleanField(label=_("Colours of my own"), required=False)
    color = _color(_("Words"))
    accent = _color(_("Accent"))
    edge = _color(_("Outline or box"))
    position = _choice(_("Position"), POSITIONS)
    height = _number(_("Height, percent from the top"), range(101))
    words = _number(_("Words per line"), caption_style.WORDS_PER_LINE)
    upper_case = _choice(_("Capitals"), YES_NO)
    emoji = _choice(_("Emoji"), YES_NO)
    hook = forms.CharField(
        label=_("Title for the first seconds"),
        max_length=caption_style.MAX_HOOK_CHARS,
        required=False,
    )
    hook_s = _number(_("Seconds"), range(1, 11))
    progress = _choice(_("Progress bar"), YES_NO)
    progress_color = _color(_("Colour of the bar"))
    logo = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    logo_file = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    logo_off = forms.BooleanField(label=_("No logo"), required=False)
    logo_corner = _choice(_("Corner"), CORNERS)
    logo_opacity = _number(_("Opacity (%)"), caption_style.LOGO_OPACITIES_PERCENT)
    preset_name = forms.CharField(label=_("Save this look as"), max_length=60, required=False)
    preset_default = forms.BooleanField(label=_("Use it by default"), required=False)

    def __init__(self, *args: Any, owner_id: int, **kwargs: Any) -> None:
        super().__init__(*args, owner_id=owner_id, **kwargs)
        self.saved = list(styles.presets_for(owner_id))
        self.default = next((preset for preset in self.saved if preset.is_default), None)
        choices = [(OFF, _("Off")), *CaptionStyleName.choices]
        captions = self.fields["captions"]
        assert isinstance(captions, forms.ChoiceField)  # noqa: S101 -- it is, above
        captions.choices = [*choices, *((str(row.pk), row.name) for row in self.saved)]
        for field in self.fields.values():
            widget = field.widget
            widget.attrs.setdefault("autocomplete", "off")
            if isinstance(widget, forms.Select):
                widget.attrs["class"] = "select"
            elif widget.attrs.get("type") != "color" and not isinstance(
                widget, forms.CheckboxInput
            ):
                widget.attrs["class"] = "input"

    def clean_logo_file(self) -> Any:
        """Reject a file above the size limit before it is read."""
        upload = self.cleaned_data.get("logo_file")
        if upload and upload.size > MAX_BYTES:
            raise forms.ValidationError(_("That picture is larger than 4 MB."), code="too_large")
        return upload

    def to_style(self, *, logo: str | None = None) -> ShortStyle:
        """Return the style of the valid form. `logo` names a logo that was uploaded with it.

        Raises INVALID_INPUT or PRESET_NOT_FOUND.
        """
        asked = self.to_request(logo=logo)
        return styles.resolve_style(
            self.owner_id,
            asked["captions"],
            style=asked["caption_style"],
            overlays=asked["overlays"],
            finish=asked["finish"],
        )

    def to_request(self, *, logo: str | None = None) -> dict[str, Any]:
        """The style of the valid form in the fields of the API's `export-short`."""
        return {
            "captions": self.cleaned_data["captions"] or OFF,
            "caption_style": self._style(),
            "overlays": self._overlays(logo),
            "finish": self.finish_request(),
        }

    def _style(self) -> dict[str, Any]:
        given = self.cleaned_data
        style = {name: given[name] for name in ("font", "size", "position", "height", "words")}
        changed = {name: value for name, value in style.items() if value not in (None, "")}
        if "height" in changed and "position" not in changed:
            changed["position"] = "custom"
        if given["own_colors"]:
            changed |= {name: given[name] for name in COLORS if given[name]}
        for name in ("upper_case", "emoji"):
            if given[name]:
                changed[name] = given[name] == "yes"
        return changed

    def _overlays(self, logo: str | None) -> dict[str, Any]:
        given = self.cleaned_data
        changed: dict[str, Any] = {"hook": given["hook"]}
        if given["hook_s"]:
            changed["hook_ms"] = given["hook_s"] * 1000
        if given["progress"]:
            changed["progress"] = given["progress"] == "yes"
        if given["progress"] == "yes" and given["progress_color"]:
            changed["progress_color"] = given["progress_color"]
        if logo or given["logo"]:
            changed["logo"] = logo or given["logo"]
        if given["logo_off"]:
            changed["logo"] = ""
        for name in ("logo_corner", "logo_opacity"):
            if given[name]:
                changed[name] = given[name]
        return changed

    @staticmethod
    def initial_for(style: ShortStyle) -> dict[str, Any]:
        """Return the field values that give this style again.

        The form has no field for a logo's width, and rounds the title's duration to whole seconds.
        """
        overlays = style.overlays
        fields: dict[str, Any] = {
            "hook": overlays.hook,
            "hook_s": max(1, round(overlays.hook_ms / 1000)),
            "progress": "yes" if overlays.progress else "",
        }
        for name in ("progress_color", "logo", "logo_corner", "logo_opacity"):
            fields[name] = getattr(overlays, name)
        fields |= FinishForm.finish_initial(style.finish)
        return fields | (_caption_fields(style.captions) if style.captions else {"captions": OFF})

    def add_heimdex_error(self, error: HeimdexError) -> None:
        """Add an error to the field it names, or to the form if it has no such field."""
        field_name = next(iter(error.details.get("fields", {})), None)
        self.add_error(field_name if field_name in self.fields else None, str(error.message))


def _caption_fields(style: caption_style.CaptionStyle) -> dict[str, Any]:
    """Return the values of the caption fields: the preset and the differences from it."""
    preset = caption_style.PRESETS[style.preset].to_json()
    changed = {name: value for name, value in style.to_json().items() if value != preset[name]}
    changed.pop("height", None)
    if style.position == "custom":
        changed["height"] = style.height
    for name in {"upper_case", "emoji"} & changed.keys():
        changed[name] = "yes" if changed[name] else "no"
    if changed.keys() & set(COLORS):
        changed |= {"own_colors": True, **{name: getattr(style, name) for name in COLORS}}
    return {"captions": style.preset, **changed}
