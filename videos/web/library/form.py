"""The form that narrows and orders the library."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from videos.choices import ACTIVE, VideoStatus
from videos.library.filters import MAX_TAGS_ASKED, LibraryFilters
from videos.web.forms import LANGUAGES
from videos.web.search import SearchForm

STATUSES = {
    "": (_("All"), ()),
    "ready": (_("Ready"), (VideoStatus.READY,)),
    "active": (_("Processing"), ACTIVE),
    "failed": (_("Failed"), (VideoStatus.FAILED,)),
}


class LibraryForm(forms.Form):
    """Search, filters and order of the library. An invalid value counts as none."""

    SORTS = [
        ("", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("title", _("By title")),
        ("longest", _("Longest first")),
    ]
    WORDS = [
        ("", _("With or without words")),
        ("yes", _("With a transcript")),
        ("no", _("No transcript")),
    ]
    SHORTS = [
        ("", _("With or without Shorts")),
        ("yes", _("Has Shorts")),
        ("no", _("No Shorts yet")),
    ]
    # Those of the panel behind the button *Filter*.
    PANEL = ("language", "words", "shorts", "length", "after", "before")

    q = forms.CharField(required=False, max_length=255, strip=True)
    status = forms.ChoiceField(
        choices=[(key, label) for key, (label, _of) in STATUSES.items()], required=False
    )
    sort = forms.ChoiceField(choices=SORTS, required=False)
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("Any language")), *LANGUAGES], required=False
    )
    words = forms.ChoiceField(label=_("Transcript"), choices=WORDS, required=False)
    shorts = forms.ChoiceField(label=_("Shorts"), choices=SHORTS, required=False)
    length = forms.ChoiceField(label=_("Length"), choices=SearchForm.LENGTHS, required=False)
    after = forms.DateField(
        label=_("Added from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    before = forms.DateField(
        label=_("Added until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter_%s")  # dialogs have fields of these names, too
        self.tags = data.getlist("tag")[:MAX_TAGS_ASKED]
        for name, label in (("q", _("Search titles")), ("sort", _("Order"))):
            self.fields[name].widget.attrs |= {"aria-label": label, "class": "input"}
        search = {"type": "search", "placeholder": _("Search titles"), "enterkeyhint": "search"}
        self.fields["q"].widget.attrs |= search
        for name in ("q", "sort", *self.PANEL):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def value(self, name: str) -> Any:
        """One cleaned value; empty when it is missing or invalid."""
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    @property
    def panel_count(self) -> int:
        """How many filters of the panel are set."""
        return sum(1 for name in self.PANEL if self.value(name))

    def filters(self) -> LibraryFilters:
        """What is narrowed, but for the status: of that every state is counted."""
        shortest_ms, longest_ms = SearchForm.BOUNDS.get(self.value("length"), (None, None))
        return LibraryFilters(
            words=self.value("q"),
            tags=tuple(self.tags),
            language=self.value("language"),
            has_transcript=_yes_no(self.value("words")),
            has_shorts=_yes_no(self.value("shorts")),
            after=self.value("after") or None,
            before=self.value("before") or None,
            shortest_ms=shortest_ms,
            longest_ms=longest_ms,
        )


def _yes_no(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)
