"""How a captions file would be read, shown before it is sent for good: its encoding and its first lines."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import request_user
from core.errors import HeimdexError
from core.throttles import Throttle
from videos import policy
from videos.transcripts.captions_report import first_lines
from videos.transcripts.captions_upload import read_upload
from videos.web.forms import encoding_name

# Each check reads a whole file and may try all encodings.
PER_USER = Throttle("captions-checks", limit=60)


@require_POST
@never_cache
@login_required
def captions_check(request: HttpRequest) -> HttpResponse:
    """Show encoding and first lines of the posted `captions`, read as `encoding` or as detected. Nothing is stored.

    `language` is the spoken language, or empty. Without a file the answer is empty.
    """
    file = request.FILES.get("captions")
    if file is None:
        return HttpResponse()
    try:
        PER_USER.check(request_user(request).pk)
        reading = read_upload(
            file,
            encoding=policy.clean_encoding(request.POST.get("encoding", "")),
            language=policy.clean_language(request.POST.get("language", "")),
        ).reading
    except HeimdexError as error:
        return render(request, "videos/captions_preview.html", {"error": error.message})
    context = {"lines": first_lines(reading), "encoding": encoding_name(reading.encoding)}
    return render(request, "videos/captions_preview.html", context)
