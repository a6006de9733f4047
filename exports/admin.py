"""Exports in the admin: their progress, why they failed, the clip itself; and each user's used quota."""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.admin import UserAdmin
from accounts.models import User
from accounts.services import request_deletion
from core.admin import (
    AttemptInline,
    CountedDeletion,
    IndexedValuesFilter,
    JobAdmin,
    ReadOnlyAdmin,
    apply_to_each,
    display,
    preformatted_html,
)
from core.formatting import duration, exact_clock, size
from core.http import json_errors
from exports import queries, services
from exports.choices import CaptionStyleName
from exports.models import CaptionPreset, Export, ExportAttempt, FinishFile
from exports.policy import places_text, places_used_column, quota
from exports.receipts.text import OK, rule_results
from exports.rendering.pipeline import CONTENT_TYPE
from jobs.clock import database_now
from storage.serving import serve_file
from videos.models import Video


class ExportAttemptInline(AttemptInline):
    """The attempts at an export."""

    model = ExportAttempt


@admin.register(Export)
class ExportAdmin(JobAdmin):
    """The exports of all users, deleted ones included."""

    list_display = [
        "title",
        "owner",
        "status_label",
        "progress_text",
        "span",
        "framing_and_quality",
        "file_size",
        "failure_reason",
        "created_at",
        "expires_at",
    ]
    list_filter = [
        "status",
        "aspect_ratio",
        "aspect_ratio_strategy",
        "output_quality",
        ("error_code", IndexedValuesFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        "created_at",
    ]
    list_defer = queries.LARGE_COLUMNS
    inlines = [ExportAttemptInline]
    search_fields = ["id", "title", "owner__username", "video__id"]
    actions = ["retry", "cancel", "expire_now", "remove"]
    object_actions = (
        ("retry", _("Retry")),
        ("cancel", _("Cancel")),
        ("expire_now", _("Expire now")),
        ("remove", _("Delete")),
    )
    readonly_fields = [
        "clip",
        "owner_places",
        "progress_text",
        "span",
        "failure_reason",
        "tool_lines",
        "file_size",
        "length",
        "resolution",
        "receipt_table",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "clip",
                    "title",
                    "owner",
                    "owner_places",
                    "video",
                    "status",
                    "progress_text",
                    "failure_reason",
                    "tool_lines",
                ]
            },
        ),
        (
            _("Asked for"),
            {
                "fields": [
                    "scene_number",
                    "span",
                    "aspect_ratio",
                    "aspect_ratio_strategy",
                    "output_quality",
                    "audio_track",
                    "reduce_noise",
                    "captions",
                ]
            },
        ),
        (
            _("File"),
            {
                "fields": [
                    "file_size",
                    "length",
                    "resolution",
                    "file_key",
                    "file_sha256",
                    "receipt_table",
                ]
            },
        ),
        (
            _("Times"),
            {
                "fields": [
                    "created_at",
                    "place_taken_at",
                    "queued_at",
                    "started_at",
                    "heartbeat_at",
                    "completed_at",
                    "expires_at",
                    "deleted_at",
                ]
            },
        ),
    ]

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Never: deleting is an action that keeps the row, as it counts against the quota."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The admin's URLs, with the finished clip of any export for staff."""
        view = require_safe(self.admin_site.admin_view(json_errors(self.play)))
        play_url = path("<uuid:export_id>/play", view, name="exports_export_play")
        return [play_url, *super().get_urls()]

    def play(self, request: HttpRequest, export_id: UUID) -> HttpResponseBase:
        """The finished file while it is there; 404 otherwise."""
        export = Export.objects.filter(pk=export_id).exclude(file_key="").first()
        if export is None or not self.has_view_permission(request, export):
            raise Http404
        return serve_file(request, export.file_key, content_type=CONTENT_TYPE)

    @admin.action(description=_("Retry"), permissions=["operate"])
    def retry(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Queue failed and cancelled exports again."""
        apply_to_each(request, rows, services.retry_export, done=gettext("queued again"))

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Stop waiting and running exports."""
        apply_to_each(request, rows, services.cancel_export, done=gettext("cancelled"))

    @admin.action(description=_("Expire now"), permissions=["operate"])
    def expire_now(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Remove the files of completed exports before their time."""
        apply_to_each(request, rows, services.expire_export, done=gettext("expired"))

    @admin.action(description=_("Delete"), permissions=["operate"])
    def remove(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Hide exports from their owners and remove their files."""
        apply_to_each(request, rows, services.delete_export, done=gettext("deleted"))

    @display(description=_("owner's exports in 24 hours"))
    def owner_places(self, export: Export) -> str:
        """Used and allowed exports of the owner, linked to where the limit is changed."""
        used = quota(export.owner, at=database_now()).used
        url = reverse("admin:accounts_user_change", args=[export.owner_id])
        return format_html('<a href="{}">{}</a>', url, places_text(used, export.owner))

    @display(description=_("range"), ordering="start_ms")
    def span(self, export: Export) -> str:
        """Start, end and length of the range."""
        return f"{exact_clock(export.start_ms)} - {exact_clock(export.end_ms)} ({duration(export.span_ms)})"

    @display(description=_("framing"))
    def framing_and_quality(self, export: Export) -> str:
        """Aspect ratio, framing and quality. The model's own field `framing` would win over a column of that name."""
        labels = (
            export.get_aspect_ratio_display(),
            export.get_aspect_ratio_strategy_display(),
            export.get_output_quality_display(),
        )
        return ", ".join(labels)

    @display(description=_("size"), ordering="file_size_bytes")
    def file_size(self, export: Export) -> str:
        """The size of the file."""
        return size(export.file_size_bytes) or "-"

    @display(description=_("length"))
    def length(self, export: Export) -> str:
        """The duration of the file."""
        return exact_clock(export.duration_ms) or "-"

    @display(description=_("picture"))
    def resolution(self, export: Export) -> str:
        """Width and height of the file in pixels."""
        return f"{export.width} x {export.height}" if export.width else "-"

    @display(description=_("receipt"))
    def receipt_table(self, export: Export) -> str:
        """The receipt: what was measured of the finished file."""
        if not export.receipt:
            return "-"
        found = sorted(rule_results(export.receipt), key=lambda check: check.state == OK)
        stored = preformatted_html(json.dumps(export.receipt, indent=1, ensure_ascii=False))
        context = {"checks": found, "stored": stored}
        return render_to_string("admin/heimdex/receipt.html", context)

    @display(description=_("clip"))
    def clip(self, export: Export) -> str:
        """A player for the finished file."""
        if not export.file_key:
            return "-"
        url = reverse("admin:exports_export_play", args=[export.pk])
        return render_to_string("admin/heimdex/clip.html", {"url": url})


@admin.register(FinishFile)
class FinishFileAdmin(ReadOnlyAdmin):
    """Cards and music that people keep."""

    list_display = ["name", "owner", "kind", "size_bytes", "duration_ms", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__username"]
    ordering = ["-created_at", "-id"]
    fields = [
        *("name", "owner", "kind", "size_bytes", "duration_ms", "width", "height", "lufs"),
        *("file_key", "created_at"),
    ]


@admin.register(CaptionPreset)
class CaptionPresetAdmin(ReadOnlyAdmin):
    """Saved caption presets. Exports keep their own copy, so deleting one does not change them."""

    list_display = ["name", "owner", "captions", "overlay_names", "is_default", "created_at"]
    list_filter = ["is_default"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__username"]
    ordering = ["-created_at"]
    readonly_fields = ["captions", "overlay_names", "stored_style", "stored_overlays"]
    fields = [
        *("name", "owner", "is_default", "captions", "overlay_names"),
        *("stored_style", "stored_overlays", "created_at"),
    ]

    @display(description=_("captions"))
    def captions(self, preset: CaptionPreset) -> str:
        """The built-in preset it is based on."""
        style = preset.style.get("preset", CaptionStyleName.OUTLINE)
        return str(CaptionStyleName(style).label) if style in CaptionStyleName.values else style

    @display(description=_("overlays"))
    def overlay_names(self, preset: CaptionPreset) -> str:
        """The overlays drawn besides captions."""
        drawn = {"progress": gettext("Progress bar"), "logo": gettext("Logo")}
        return ", ".join(words for name, words in drawn.items() if preset.overlays.get(name)) or "-"

    @display(description=_("style"))
    def stored_style(self, preset: CaptionPreset) -> str:
        """The style as it is stored."""
        return preformatted_html(json.dumps(preset.style, indent=1, ensure_ascii=False))

    @display(description=_("overlays, as stored"))
    def stored_overlays(self, preset: CaptionPreset) -> str:
        """The overlays as they are stored."""
        return preformatted_html(json.dumps(preset.overlays, indent=1, ensure_ascii=False))


admin.site.unregister(User)


@admin.register(User)
class UserQuotaAdmin(CountedDeletion, UserAdmin):  # type: ignore[misc] # unfold has no types
    """Users, with how much of their export quota is used. Deleting one is a request; the schedule carries it out."""

    list_display = [
        *(name for name in UserAdmin.list_display if name != "export_limit"),
        "used_quota",
    ]
    readonly_fields = ["used_quota", *UserAdmin.readonly_fields]
    fieldsets = [
        *UserAdmin.fieldsets[:1],
        (_("Heimdex"), {"fields": ["used_quota", "export_limit", "storage_limit_gib", "language"]}),
        *UserAdmin.fieldsets[2:],
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Users without those that are being deleted, with how many places each has used."""
        rows: QuerySet[User] = super().get_queryset(request).filter(delete_requested_at=None)
        return rows.annotate(places_used=places_used_column(at=database_now()))

    def deletion_counts(self, rows: list[User]) -> dict[type[Model], int]:
        """The number of users, and of their videos and exports."""
        ids = [user.pk for user in rows]
        videos, exports = Video.objects.filter(owner__in=ids), Export.objects.filter(owner__in=ids)
        return {User: len(rows), Video: videos.count(), Export: exports.count()}

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """End the user's access and request the deletion."""
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[User]) -> None:
        """End the users' access and request the deletion."""
        at = database_now()
        for user in queryset:
            request_deletion(user, at=at)
        messages.info(request, _("Their videos and exports are removed in the background."))

    @display(description=_("exports used"))
    def used_quota(self, user: User) -> str:
        """Used and allowed exports of the sliding window ("3 of 10"), linked to the list of them."""
        used = getattr(user, "places_used", None)
        if used is None:
            used = quota(user, at=database_now()).used
        url = reverse("admin:exports_export_changelist")
        text = places_text(used, user)
        return format_html('<a href="{}?owner__id__exact={}">{}</a>', url, user.pk, text)
