"""The search page: the moments at which something is said, with the way to play and to export each."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import request_user
from core.errors import HeimdexError
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos.models import Video
from videos.search.filters import SAID, SCREEN, Filters
from videos.search.finding import Found, search
from videos.search.grouping import Results, results_by_video, results_in_video
from videos.web.forms import LANGUAGES, without_page

# The header with which the page says that the last word may still be going on.
TYPING_HEADER = "Search-Typing"
MINUTE_MS = 60_000


class SearchForm(forms.Form):
    """The words and the filters. An invalid value counts as none."""

    LENGTHS = [
        ("", _("Any length")),
        ("short", _("Under 10 minutes")),
        ("medium", _("10 to 60 minutes")),
        ("long", _("Over an hour")),
    ]
    BOUNDS: dict[str, tuple[int | None, int | None]] = {
        "short": (None, 10 * MINUTE_MS),
        "medium": (10 * MINUTE_MS, 60 * MINUTE_MS),
        "long": (60 * MINUTE_MS, None),
    }

    q = forms.CharField(
        required=False,
        strip=False,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "class": "input",
                "placeholder": _("Search what was said"),
                "aria-label": _("Search what was said"),
                "autocomplete": "off",
                "enterkeyhint": "search",
                "data-search": True,
            }
        ),
    )
    video = forms.UUIDField(required=False, widget=forms.HiddenInput())
    speaker = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput())
    tag = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput())
    video_tag = forms.CharField(required=False, max_length=255, widget=forms.HiddenInput())
    language = forms.ChoiceField(
        required=False,
        choices=[("", _("Any language")), *LANGUAGES],
        widget=forms.Select(attrs={"class": "input", "aria-label": _("Language")}),
    )
    where = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("Said or on screen")),
            (SAID, _("Only said")),
            (SCREEN, _("Only on screen")),
        ],
        widget=forms.Select(attrs={"class": "input", "aria-label": _("Where to search")}),
    )
    length = forms.ChoiceField(
        required=False,
        choices=LENGTHS,
        widget=forms.Select(attrs={"class": "input", "aria-label": _("Length of the video")}),
    )
    after = forms.DateField(
        required=False,
        label=_("Added from"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}),
    )
    before = forms.DateField(
        required=False,
        label=_("to"),
        widget=forms.DateInput(attrs={"type": "date", "class": "input"}),
    )

    # What is chosen on the page itself.
    CHOSEN = ("where", "language", "length", "after", "before")

    @property
    def filter_count(self) -> int:
        """How many of the filters on the page are set."""
        self.is_valid()
        return sum(1 for name in self.CHOSEN if self.cleaned_data.get(name))

    @property
    def filters(self) -> Filters:
        """The filters that are valid."""
        self.is_valid()
        values = self.cleaned_data
        shortest_ms, longest_ms = self.BOUNDS.get(values.get("length", ""), (None, None))
        return Filters(
            video_id=values.get("video"),
            after=values.get("after"),
            before=values.get("before"),
            shortest_ms=shortest_ms,
            longest_ms=longest_ms,
            language=values.get("language", ""),
            speaker=values.get("speaker", ""),
            tag=values.get("tag", ""),
            video_tag=values.get("video_tag", ""),
            where=values.get("where", ""),
        )


@require_safe
@never_cache
@login_required
def search_page(request: HttpRequest) -> HttpResponse:
    """The words and filters of the query string, and what they find. What cannot be searched is said in words."""
    form = SearchForm(request.GET)
    text = request.GET.get("q", "")
    context: dict[str, Any] = {
        "form": form,
        "text": text,
        "query_prefix": without_page(request),
        "max_short_ms": MAX_SHORT_MS,
    }
    if text.strip():
        context |= _found(request, form, text)
    return render(request, "videos/search.html", context)


def _found(request: HttpRequest, form: SearchForm, text: str) -> dict[str, Any]:
    """Template context: the results, or why there are none."""
    user, filters = request_user(request), form.filters
    is_typing = TYPING_HEADER in request.headers
    try:
        found = search(text, filters.scope(user.pk), is_typing=is_typing)
    except HeimdexError as error:
        return {"refusal": error.message}
    video = filters.video_id and Video.objects.visible_to(user).filter(pk=filters.video_id).first()
    return {
        "results": _results(found, filters, request.GET.get("page")),
        "found": found,
        "corrections": [(word, ", ".join(others)) for word, others in found.corrected.items()],
        "only_in": video,
    }


def _results(found: Found, filters: Filters, page_number: str | None) -> Results:
    if filters.video_id:
        return results_in_video(found, page_number=page_number)
    return results_by_video(found, page_number=page_number)
