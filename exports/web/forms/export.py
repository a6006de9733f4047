"""The form of the export dialog: range, shape, framing, quality and sound."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from exports.choices import AspectRatio, Quality, Strategy
from mediakit.cutting.cut_time import Span, trim_ranges
from videos.kept_ranges import ranges_from_json
from videos.web.forms import ClockField
from videos.web.sound_tracks import track_name


class ExportForm(forms.Form):
    """Range, shapes, framing, quality and sound of an export. `exports.policy` decides whether the range is allowed.

    `tracks` are the video's sound tracks (`videos.policy.audio_tracks`).
    """

    start = ClockField(label=_("From"))
    end = ClockField(label=_("To"))
    aspect_ratios = forms.MultipleChoiceField(
        label=_("Shape"),
        choices=AspectRatio.choices,
        initial=[AspectRatio.VERTICAL],
        required=False,
    )
    strategy = forms.ChoiceField(
        label=_("Framing"), choices=Strategy.choices, initial=Strategy.SMART_CROP
    )
    quality = forms.ChoiceField(label=_("Quality"), choices=Quality.choices, initial=Quality.HIGH)
    audio_track = forms.TypedChoiceField(
        label=_("Sound track"), required=False, coerce=int, empty_value=None
    )
    reduce_noise = forms.BooleanField(label=_("Reduce background noise"), required=False)
    ranges = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)
    framing = forms.CharField(max_length=60_000, required=False, widget=forms.HiddenInput)
    idempotency_key = forms.CharField(
        max_length=255, required=False, widget=forms.HiddenInput
    )  # one per opened dialog, so that a double click makes one export

    def clean_aspect_ratios(self) -> list[str]:
        """The ticked aspect ratios; 9:16 without any."""
        return self.cleaned_data["aspect_ratios"] or [AspectRatio.VERTICAL]

    @property
    def shown_ratios(self) -> list[str]:
        """The aspect ratios to tick."""
        return self["aspect_ratios"].value() or [AspectRatio.VERTICAL]

    def clean_ranges(self) -> tuple[Span, ...]:
        """The kept ranges in ms, of a clip or an earlier export; empty for all from start to end."""
        text = self.cleaned_data["ranges"]
        try:
            return ranges_from_json(json.loads(text)) if text else ()
        except (ValueError, TypeError, RecursionError, OverflowError):
            raise forms.ValidationError(_("These ranges cannot be read."), code="invalid") from None

    @property
    def kept_ranges(self) -> tuple[Span, ...]:
        """The ranges of a valid form, with the chosen start and end; empty for all between them."""
        data = self.cleaned_data
        if not data["ranges"] or data["start"] >= data["end"]:
            return ()
        return trim_ranges(data["ranges"], data["start"], data["end"])

    def __init__(self, *args: Any, tracks: Sequence[Mapping[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_tracks = len(tracks) > 1
        field = cast("forms.TypedChoiceField", self.fields["audio_track"])
        self.audio_track_choices = [
            (str(track["index"]), track_name(n, track)) for n, track in enumerate(tracks, 1)
        ]
        field.choices = self.audio_track_choices
        field.initial = next((track["index"] for track in tracks if track["is_main"]), None)
