"""Forms of the video pages. They validate fields; services act on the values."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from core.formatting import exact_clock, parse_clock
from mediakit.subtitles.decoding.alphabets import READINGS
from mediakit.subtitles.decoding.encodings import ENCODINGS
from mediakit.subtitles.detection import SUFFIXES
from mediakit.text.glossary import MAX_TERM_CHARS, MAX_TERMS
from videos.choices import TranscriptSource
from videos.corrections.finding import MAX_FIND_CHARS, Wanted
from videos.corrections.services import MAX_CHARS

CAPTIONS_TYPES = ",".join(f".{suffix}" for suffix in SUFFIXES)
VIDEO_TYPES = "video/*,.mkv,.ts,.mts,.m2ts,.avi,.flv,.wmv,.mxf"

LANGUAGES = [
    ("en", _("English")),
    ("ko", _("Korean")),
    ("ar", _("Arabic")),
    ("zh", _("Chinese")),
    ("cs", _("Czech")),
    ("da", _("Danish")),
    ("nl", _("Dutch")),
    ("fi", _("Finnish")),
    ("fr", _("French")),
    ("de", _("German")),
    ("el", _("Greek")),
    ("he", _("Hebrew")),
    ("hi", _("Hindi")),
    ("hu", _("Hungarian")),
    ("id", _("Indonesian")),
    ("it", _("Italian")),
    ("ja", _("Japanese")),
    ("no", _("Norwegian")),
    ("pl", _("Polish")),
    ("pt", _("Portuguese")),
    ("ro", _("Romanian")),
    ("ru", _("Russian")),
    ("es", _("Spanish")),
    ("sv", _("Swedish")),
    ("th", _("Thai")),
    ("tr", _("Turkish")),
    ("uk", _("Ukrainian")),
    ("vi", _("Vietnamese")),
]


def language_name(code: str) -> str:
    """A language's name in the reader's language; an unlisted code is shown as it is."""
    names = dict(LANGUAGES)
    return str(names.get(code) or names.get(code.split("-", maxsplit=1)[0]) or code)


def encoding_name(encoding: str) -> str:
    """An encoding's usual name, e.g. `Windows-1250` for `cp1250`."""
    name = encoding.replace("_", "-")
    if match := re.fullmatch(r"cp(125\d|874|932|949)", name):
        return f"Windows-{match[1]}"
    if match := re.fullmatch(r"iso8859-(\d+)", name):
        return f"ISO 8859-{match[1]}"
    return name.upper()


def _encoding_choices() -> list[tuple[str, str | Promise]]:
    """Every encoding that can be chosen, with the languages that are written in it."""
    known, written = dict(LANGUAGES), dict(READINGS)
    choices: list[tuple[str, str | Promise]] = [("", _("Detect"))]
    for encoding in ENCODINGS:
        languages = [known[code] for code in written.get(encoding, ()) if code in known][:3]
        names = format_lazy(", ".join("{}" for _name in languages), *languages)
        name = encoding_name(encoding)
        choices.append((encoding, format_lazy("{} ({})", name, names) if languages else name))
    return choices


class UploadForm(forms.Form):
    """A video with its title, language and captions in one request. With scripts, the page uses resumable uploads."""

    file = forms.FileField(
        label=_("Video file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": VIDEO_TYPES}),
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=255, help_text=_("Empty: the file's name.")
    )
    language = forms.ChoiceField(
        label=_("Spoken language"), required=False, choices=[("", _("Detect")), *LANGUAGES]
    )
    captions = forms.FileField(
        label=_("Captions file"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": CAPTIONS_TYPES}),
        help_text=_(
            "Not required: SRT, WebVTT, ASS, TTML, JSON or text. Its words become the transcript."
        ),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of the captions file"), required=False, choices=_encoding_choices()
    )


class ImportForm(forms.Form):
    """A link to a video file, with its title and language."""

    url = forms.CharField(
        label=_("Link to the video file"),
        max_length=2048,
        widget=forms.URLInput(
            attrs={
                "placeholder": "https://",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "off",
            }
        ),
    )
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=255,
        help_text=_("Empty: the file's name in the link."),
    )
    language = forms.ChoiceField(
        label=_("Spoken language"), required=False, choices=[("", _("Detect")), *LANGUAGES]
    )


class RenameForm(forms.Form):
    """A new title."""

    title = forms.CharField(label=_("Title"), max_length=255)


class CaptionsForm(forms.Form):
    """A captions file for an existing video, and whether it becomes the transcript in use."""

    file = forms.FileField(
        label=_("Captions file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": CAPTIONS_TYPES}),
        help_text=_(
            "SRT, WebVTT, ASS, SBV, TTML, YouTube's or Whisper's JSON, or text with times."
        ),
    )
    language = forms.ChoiceField(
        label=_("Language of the file"), required=False, choices=[("", _("Detect")), *LANGUAGES]
    )
    encoding = forms.ChoiceField(label=_("Encoding"), required=False, choices=_encoding_choices())
    use = forms.BooleanField(label=_("Use it now"), required=False)


class ClockField(forms.CharField):
    """A position in a video: entered as text, cleaned to integer ms."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=32, **kwargs)

    def clean(self, value: Any) -> Any:
        """The position in ms."""
        ms = parse_clock(super().clean(value))
        if ms is None:
            raise forms.ValidationError(
                _("Write a time like 4:12.380, 1:02:07.5 or 252.38."), code="invalid"
            )
        return ms

    def prepare_value(self, value: Any) -> Any:
        """Milliseconds as `4:12.380`; submitted text stays unchanged."""
        return exact_clock(value) if isinstance(value, int) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Attributes that turn suggestions and spelling correction off."""
        return {
            **super().widget_attrs(widget),
            "autocomplete": "off",
            "spellcheck": "false",
            "class": "input time-input",
        }


class HearAgainForm(forms.Form):
    """A range of a video that is to be heard again."""

    start = ClockField(label=_("From"))
    end = ClockField(label=_("To"))
    language = forms.ChoiceField(
        label=_("Spoken language"),
        required=False,
        choices=[("", _("As for the whole video")), *LANGUAGES],
    )


class ReprocessForm(forms.Form):
    """The options of processing a video again."""

    transcript = forms.ChoiceField(label=_("Transcript from"), choices=TranscriptSource)
    language = forms.ChoiceField(
        label=_("Spoken language"), required=False, choices=[("", _("Detect")), *LANGUAGES]
    )

    encoding = forms.ChoiceField(
        label=_("Encoding of the captions file"), required=False, choices=_encoding_choices()
    )
    # The stream index of a track; "" to find out. Only a video of several tracks is asked.
    audio_track = forms.CharField(label=_("Main sound"), required=False, max_length=8)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("language", "encoding"):
            self.fields[name].widget.attrs["autocomplete"] = "off"


class GlossaryForm(forms.Form):
    """The terms of a person's library, one a line."""

    terms = forms.CharField(
        label=_("One name or word on each line, the most important first"),
        required=False,
        max_length=(MAX_TERM_CHARS + 2) * MAX_TERMS,
        help_text=_(
            "A word is changed only when it is the same but for capitals, or when speech recognition was not sure of it"
            " and it is spelt or sounds nearly the same."
        ),
        widget=forms.Textarea(
            attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off", "class": "input"}
        ),
    )


class ReplaceForm(forms.Form):
    """What is found in a transcript and replaced."""

    find = forms.CharField(
        label=_("Find"),
        max_length=MAX_FIND_CHARS,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=_("Replace with"),
        max_length=MAX_CHARS,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    match_case = forms.BooleanField(label=_("Match case"), required=False)
    whole_words = forms.BooleanField(label=_("Whole words only"), required=False)
    add_term = forms.BooleanField(label=_("Add it to names and words, too"), required=False)

    @property
    def places(self) -> set[str]:
        """The names of the chosen places, as they were sent."""
        return set(self.data.getlist("place")) if isinstance(self.data, QueryDict) else set()

    def wanted(self) -> Wanted:
        """What is looked for, as far as it is valid."""
        data = self.cleaned_data
        return Wanted(
            data.get("find", ""), bool(data.get("match_case")), bool(data.get("whole_words"))
        )


def without_page(request: HttpRequest) -> str:
    """The query string without `page`, to be followed by another `page=`."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"{query.urlencode()}&" if query else ""
