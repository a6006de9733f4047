"""The files that finish Shorts, in the dialogs: add one, delete one. Both answer with the group of fields."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.http import request_user
from core.errors import HeimdexError, media_code
from core.http import wants_partial
from exports.choices import FinishKind
from exports.errors import ExportCode
from exports.finish import files
from exports.models import FinishFile
from exports.web.forms.finish import CARDS, FinishForm
from exports.web.responses import errors_as_page, render_with_headers
from mediakit.errors import MediaError


@require_POST
@login_required
@never_cache
@errors_as_page
def add(request: HttpRequest) -> HttpResponse:
    """Keep an uploaded file, and choose it where nothing is chosen yet."""
    upload = request.FILES.get("finish_file")
    if upload is None:
        return _fields(request, problem=_("Choose a file."))
    try:
        row = files.save_file(
            request_user(request), upload, name=upload.name or "", size=upload.size or 0
        )
    except MediaError as error:
        code = media_code(error.code)
        return _fields(request, problem=str(code.message(error.params)), status=code.status)
    except HeimdexError as error:
        return _fields(request, problem=str(error.message), status=error.status)
    return _fields(request, added=row)


@require_POST
@login_required
@never_cache
@errors_as_page
def delete(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Delete a file, also from the presets that have it."""
    user = request_user(request)
    try:
        files.delete_file(user, files.get_file(user.pk, file_id))
    except HeimdexError as error:
        if error.code != ExportCode.FINISH_FILE_IN_USE:
            raise
        return _fields(request, problem=str(error.message), status=error.status)
    return _fields(request)


def _fields(
    request: HttpRequest, *, added: FinishFile | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    """The group of fields with what was chosen in it. Without scripts, say it on the page of exports."""
    if not wants_partial(request):
        if problem:
            messages.error(request, problem)
        elif added is not None:
            sentence = _(
                "“%(name)s” is kept. Every export dialog offers it as intro, outro or music."
            )
            messages.success(request, sentence % {"name": added.name})
        return redirect("exports:list")
    chosen = {name: request.POST.get(name, "") for name in FinishForm.base_fields}
    if added is not None:
        places = ("music",) if added.kind == FinishKind.MUSIC else CARDS
        free = [name for name in places if not FinishForm.is_chosen(chosen[name])]
        chosen |= dict.fromkeys(free[:1], str(added.pk))
    form = FinishForm(initial=chosen, owner_id=request_user(request).pk)
    context = {"form": form, "finish_open": True, "finish_problem": problem}
    return render_with_headers(request, "exports/_finish.html", context, status=status)
