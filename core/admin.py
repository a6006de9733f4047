"""Base classes of all apps' admin pages: rows that only services change, and reports on actions."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.admin import AllValuesFieldListFilter, ShowFacets
from django.contrib.admin.utils import model_format_dict
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display as unfold_display

from core.errors import HeimdexError
from core.formatting import duration
from core.row_counts import bounded_count

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])

MAX_REPORTED_FAILURES = 20
MAX_PAGES = 200
# The names of that many rows fit into a form (DATA_UPLOAD_MAX_NUMBER_FIELDS), as the page that confirms has them.
MAX_ACTION_ROWS = 500
MAX_ACTION_S = 20
MAX_FILTER_VALUES = 50
MAX_NAMED_ROWS = 50
FRONT = "front"  # a form's `back`: the action was started on the front page
STATUS_COLOURS = {
    "pending": "info",
    "processing": "warning",
    "ready": "success",
    "completed": "success",
    "failed": "danger",
    "cancelled": "default",
}

OUTCOME_COLOURS = {
    "running": "warning",
    "completed": "success",
    "retried": "warning",
    "failed": "danger",
    "handed_back": "info",
    "lost": "danger",
    "cancelled": "default",
}


def display(**options: Any) -> Callable[[F], F]:
    """unfold's `display` decorator, typed."""
    return cast("Callable[[F], F]", unfold_display(**options))


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic for the type checker only
    """Pages of a list that may be long: MAX_PAGES of them, because a page is reached by reading all rows before it.

    The count of a long list is an estimate on PostgreSQL.
    """

    @cached_property
    def count(self) -> int:
        """The number of rows, or an estimate of it."""
        return bounded_count(cast("QuerySet[Any]", self.object_list))

    @cached_property
    def num_pages(self) -> int:
        """The number of pages that can be opened."""
        return min(super().num_pages, MAX_PAGES)

    @property
    def is_cut(self) -> bool:
        """Whether there are rows beyond the last page."""
        return self.count > MAX_PAGES * self.per_page


class BoundedListMixin:
    """An admin whose list and whose actions on the whole list cost no more for more rows."""

    show_full_result_count = False
    list_per_page = 50
    paginator = BoundedPaginator
    show_facets = ShowFacets.NEVER  # each counts all rows

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list; says so where it ends before the rows do."""
        response = super().changelist_view(request, extra_context)  # type: ignore[misc] # a ModelAdmin's
        shown = (getattr(response, "context_data", None) or {}).get("cl")
        if shown is not None and shown.paginator.is_cut:
            limit = MAX_PAGES * shown.paginator.per_page
            text = _("The first %(count)d rows are listed. Search or filter to see others.")
            messages.info(request, text % {"count": limit})
        return response

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """What an action answers. One on all rows of a list takes at most MAX_ACTION_ROWS."""
        has_all = request.POST.get("select_across") == "1"
        if has_all and queryset.order_by()[: MAX_ACTION_ROWS + 1].count() > MAX_ACTION_ROWS:
            text = _("At most %(count)d rows at once: search or filter first, or select fewer.")
            messages.error(request, text % {"count": MAX_ACTION_ROWS})
            return None
        response = super().response_action(request, queryset)  # type: ignore[misc] # a ModelAdmin's
        is_done = request.POST.get("back") == FRONT and getattr(response, "status_code", 0) == 302
        return redirect("admin:index") if is_done else response


class IndexedValuesFilter(AllValuesFieldListFilter):
    """A filter by the values that a column has. Each is looked up in the column's index; no row is read.

    The first MAX_FILTER_VALUES values are offered, without the empty one.
    """

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """The values to choose from, and all."""
        values = _indexed_values(changelist.model, self.field.name)
        self.lookup_choices = list(islice(values, MAX_FILTER_VALUES))  # type: ignore[assignment]
        return super().choices(changelist)


def _indexed_values(model: type[Model], name: str) -> Iterator[str]:
    """A text column's values in order, each found by one search in its index."""
    values = (
        model._default_manager.exclude(**{name: ""}).order_by(name).values_list(name, flat=True)
    )
    value = values.first()
    while value is not None:
        yield value
        value = values.filter(**{f"{name}__gt": value}).first()


class ObjectActionsMixin:
    """Actions of a list as buttons on the page of one row."""

    # Outside the page's own form, since forms inside a form end it.
    change_form_outer_before_template = "admin/heimdex/object_actions.html"
    object_actions: tuple[tuple[str, Any], ...] = ()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one row, with its actions as buttons."""
        names = self.get_actions(request)  # type: ignore[attr-defined] # a ModelAdmin's
        shown = [(name, text) for name, text in self.object_actions if name in names]
        context = {**(extra_context or {}), "object_actions": shown}
        return super().change_view(request, object_id, form_url, context)  # type: ignore[misc]


class ReadOnlyAdmin(ObjectActionsMixin, BoundedListMixin, ModelAdmin):  # type: ignore[misc] # unfold has no types
    """Rows that are shown, not edited. Changes are actions, which call services.

    Actions name the permission `operate`: it takes the model's change permission, while the form has no fields to
    change.
    """

    list_defer: tuple[str, ...] = ()  # large columns that the list does not show

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows, in the list without its large columns."""
        rows: QuerySet[Any] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and (match.url_name or "").endswith("_changelist")
        return rows.defer(*self.list_defer) if is_list else rows

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Only services create rows."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Only services write columns."""
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether the staff user may run actions."""
        return bool(super().has_change_permission(request))


class CountedDeletion:
    """An admin whose page that confirms a deletion counts the rows that go along.

    Django's page loads and lists each of them, of which a video has thousands.
    """

    def deletion_counts(self, _rows: list[Any]) -> dict[type[Model], int]:
        """The number of rows of each model that are deleted with these."""
        raise NotImplementedError

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """The rows' names, the counts, and no missing permission: services delete what goes along."""
        rows = list(objs)
        names = [str(row) for row in rows[:MAX_NAMED_ROWS]]
        if len(rows) > MAX_NAMED_ROWS:
            names.append(_("and %(count)d more") % {"count": len(rows) - MAX_NAMED_ROWS})
        allowed = self.has_delete_permission(request)  # type: ignore[attr-defined] # a ModelAdmin's
        missing = set() if allowed else {str(self.opts.verbose_name)}  # type: ignore[attr-defined]
        counts = {
            str(model_format_dict(model)["verbose_name_plural"]): count
            for model, count in self.deletion_counts(rows).items()
        }
        return names, counts, missing, []


class JobAdmin(ReadOnlyAdmin):
    """Rows that are jobs of a user: columns for status, progress and failure."""

    list_select_related = ["owner"]
    ordering = ["-created_at"]

    @display(description=gettext_lazy("status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, job: Any) -> tuple[str, str]:
        """The status as a coloured label."""
        return job.status, job.get_status_display()

    @display(description=gettext_lazy("progress"))
    def progress_text(self, job: Any) -> str:
        """Stage and percent while it runs, the number of attempts after the first."""
        parts = []
        if job.is_active:
            parts.append(f"{job.stage_text or job.get_status_display()} {job.progress}%")
        elif job.stage and job.error_code:
            parts.append(job.stage_text)
        if job.attempts > 1:
            parts.append(_("attempt %(count)d") % {"count": job.attempts})
        return ", ".join(parts) or "-"

    @display(description=gettext_lazy("reason"))
    def failure_reason(self, job: Any) -> str:
        """Why it failed, as its owner reads it."""
        return job.error_message or "-"

    @display(description=gettext_lazy("the tool's last lines"))
    def tool_lines(self, job: Any) -> str:
        """The tool's last lines of output before it failed."""
        return preformatted_html(job.tool_output)


class ReadOnlyInline(TabularInline):  # type: ignore[misc] # unfold has no types
    """Rows below their parent, paginated."""

    extra = 0
    per_page = 20
    can_delete = False
    hide_title = True

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Only services create rows."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Only services write columns."""
        return False


class AttemptInline(ReadOnlyInline):
    """The attempts at a job, the newest first; each app names its model."""

    ordering = ["-started_at"]
    fields = ["number", "worker", "started_at", "took", "outcome_label", "reason"]
    readonly_fields = ["started_at", "took", "outcome_label", "reason"]
    verbose_name_plural = gettext_lazy("history of attempts")

    @display(description=gettext_lazy("took"))
    def took(self, attempt: Any) -> str:
        """How long it went on."""
        if attempt.ended_at is None:
            return "-"
        return duration(int((attempt.ended_at - attempt.started_at).total_seconds() * 1000))

    @display(description=gettext_lazy("outcome"), label=OUTCOME_COLOURS)
    def outcome_label(self, attempt: Any) -> tuple[str, str]:
        """How it ended, as a coloured label."""
        return attempt.outcome, attempt.get_outcome_display()

    @display(description=gettext_lazy("reason"))
    def reason(self, attempt: Any) -> str:
        """Why it ended, with its code and the tool's last lines."""
        if not attempt.error_code:
            return "-"
        context = {"attempt": attempt}
        return render_to_string("admin/heimdex/attempt_reason.html", context)


def apply_to_each(
    request: HttpRequest, rows: Iterable[M], service: Callable[[M], object], *, done: str
) -> None:
    """Call a service for every row and report: one message for all that worked, one for each that was refused.

    After MAX_ACTION_S no further row is begun, and the report says how many are left.
    `done` is the sentence's predicate, e.g. "cancelled".
    """
    succeeded, failures, left = 0, [], 0
    ends_at_s = time.monotonic() + MAX_ACTION_S
    for row in rows:
        if time.monotonic() >= ends_at_s:
            left += 1
            continue
        try:
            service(row)
        except HeimdexError as error:
            failures.append(f"{row}: {error.message}")
        else:
            succeeded += 1
    _report(request, failures, succeeded=succeeded, left=left, done=done)


def _report(
    request: HttpRequest, failures: list[str], *, succeeded: int, left: int, done: str
) -> None:
    if succeeded:
        text = ngettext("%(count)d row: %(done)s.", "%(count)d rows: %(done)s.", succeeded)
        messages.success(request, text % {"count": succeeded, "done": done})
    if left:
        text = ngettext(
            "%(count)d row is left, as this took long. Do it again for it.",
            "%(count)d rows are left, as this took long. Do it again for them.",
            left,
        )
        messages.warning(request, text % {"count": left})
    for line in failures[:MAX_REPORTED_FAILURES]:
        messages.error(request, line)
    if len(failures) > MAX_REPORTED_FAILURES:
        more = len(failures) - MAX_REPORTED_FAILURES
        messages.error(request, _("and %(count)d more that were refused.") % {"count": more})


def preformatted_html(text: str) -> str:
    """Text in a `<pre>` that scrolls when wide; HTML in it is escaped."""
    if not text:
        return "-"
    return format_html('<pre class="tool-words">{}</pre>', text)
