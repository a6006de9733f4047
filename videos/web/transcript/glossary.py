"""The page of the glossary: names and words as they are to be written in what is heard."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import request_user
from core.errors import HeimdexError
from videos.transcripts.glossary import replace_terms, terms_of
from videos.web.forms import GlossaryForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def glossary(request: HttpRequest) -> HttpResponse:
    """Show the user's terms, one a line; POST replaces them."""
    user = request_user(request)
    form = GlossaryForm(request.POST or None, initial={"terms": "\n".join(terms_of(user.pk))})
    if form.is_valid():
        try:
            replace_terms(user, form.cleaned_data["terms"].splitlines())
        except HeimdexError as error:
            form.add_error("terms", error.message)
        else:
            messages.success(request, _("Saved. It counts for what is heard from now on."))
            return redirect("videos:glossary")
    return render(
        request, "videos/glossary.html", {"form": form}, status=422 if form.is_bound else 200
    )
