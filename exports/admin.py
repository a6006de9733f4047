"""Exports in the admin: how far each is, why it failed, the clip itself; and how many places a person has used."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.admin import UserAdmin
from accounts.models import User
from core.admin import ReadOnlyAdmin, apply_to_each, display, preformatted_html, progress_text
from core.errors import HeimdexError
from core.formatting import duration, exact_clock, size
from core.http import error_response
from exports import services
from exports.choices import CaptionLook, ExportStatus
from exports.models import CaptionPreset, Export
from exports.policy import places
from exports.receipt_text import OK, checks
from exports.rendering.pipeline import CONTENT_TYPE
from jobs.clock import database_now
from storage.serving import serve_file

STATUS_COLOURS = {
    ExportStatus.PENDING: "info",
    ExportStatus.PROCESSING: "warning",
    ExportStatus.COMPLETED: "success",
    ExportStatus.FAILED: "danger",
    ExportStatus.CANCELLED: "default",
}


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """Everybody's exports, deleted ones too."""

    list_display = [
        "title", "owner", "state", "how_far", "span", "made_as", "weighs", "reason", "created_at", "expires_at",
    ]  # fmt: skip
    list_filter = [
        "status", "aspect_ratio_strategy", "output_quality", "error_code", ("deleted_at", admin.EmptyFieldListFilter),
    ]  # fmt: skip
    list_select_related = ["owner"]
    search_fields = ["id", "title", "owner__username", "video__id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["retry", "cancel", "expire_now", "remove"]
    object_actions = (
        ("retry", _("Retry")),
        ("cancel", _("Cancel")),
        ("expire_now", _("Expire now")),
        ("remove", _("Delete")),
    )
    readonly_fields = [
        "clip", "how_far", "span", "reason", "tool_words", "weighs", "lasts", "frame", "proof",
    ]  # fmt: skip
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "clip",
                    "title",
                    "owner",
                    "video",
                    "status",
                    "how_far",
                    "reason",
                    "tool_words",
                ]
            },
        ),
        (
            _("Asked for"),
            {
                "fields": [
                    "scene_number",
                    "span",
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
            {"fields": ["weighs", "lasts", "frame", "file_key", "file_sha256", "proof"]},
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
        """Deleting is an action: the row stays, as it counts against the limit."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Anybody's finished clip, for staff."""
        view = require_safe(self.admin_site.admin_view(self.play))
        mine = path("<uuid:export_id>/play", view, name="exports_export_play")
        return [mine, *super().get_urls()]

    def play(self, request: HttpRequest, export_id: UUID) -> HttpResponseBase:
        """The finished file while it is there; 404 otherwise."""
        export = Export.objects.filter(pk=export_id).exclude(file_key="").first()
        if export is None or not self.has_view_permission(request, export):
            raise Http404
        try:
            return serve_file(request, export.file_key, content_type=CONTENT_TYPE)
        except HeimdexError as error:
            return error_response(error)

    @admin.action(description=_("Retry"), permissions=["operate"])
    def retry(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Queue failed and cancelled exports again."""
        apply_to_each(request, rows, services.retry_export, done=_now("queued again"))

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Stop waiting and running exports."""
        apply_to_each(request, rows, services.cancel_export, done=_now("cancelled"))

    @admin.action(description=_("Expire now"), permissions=["operate"])
    def expire_now(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Remove the files of completed exports before their time."""
        apply_to_each(request, rows, services.expire_export, done=_now("expired"))

    @admin.action(description=_("Delete"), permissions=["operate"])
    def remove(self, request: HttpRequest, rows: QuerySet[Export]) -> None:
        """Take exports out of their owners' lists and remove their files."""
        apply_to_each(request, rows, services.delete_export, done=_now("deleted"))

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def state(self, export: Export) -> tuple[str, str]:
        """Where it stands."""
        return export.status, export.get_status_display()

    @display(description=_("progress"))
    def how_far(self, export: Export) -> str:
        """Stage and percent."""
        return progress_text(export)

    @display(description=_("range"), ordering="start_ms")
    def span(self, export: Export) -> str:
        """From when to when, and how long."""
        return f"{exact_clock(export.start_ms)} - {exact_clock(export.end_ms)} ({duration(export.span_ms)})"

    @display(description=_("framing"))
    def made_as(self, export: Export) -> str:
        """Framing and quality. The model's own field `framing` would win over a column of that name."""
        return (
            f"{export.get_aspect_ratio_strategy_display()}, {export.get_output_quality_display()}"
        )

    @display(description=_("reason"))
    def reason(self, export: Export) -> str:
        """Why it failed, as its owner reads it."""
        return export.error_message or "-"

    @display(description=_("the tool's last lines"))
    def tool_words(self, export: Export) -> str:
        """What the tool said before it failed."""
        return preformatted_html(export.tool_output)

    @display(description=_("size"), ordering="file_size_bytes")
    def weighs(self, export: Export) -> str:
        """How large the file is."""
        return size(export.file_size_bytes) or "-"

    @display(description=_("length"))
    def lasts(self, export: Export) -> str:
        """How long the file plays."""
        return exact_clock(export.duration_ms) or "-"

    @display(description=_("picture"))
    def frame(self, export: Export) -> str:
        """The file's size in pixels."""
        return f"{export.width} x {export.height}" if export.width else "-"

    @display(description=_("receipt"))
    def proof(self, export: Export) -> str:
        """What was measured of the finished file."""
        if not export.receipt:
            return "-"
        found = sorted(checks(export.receipt), key=lambda check: check.state == OK)
        stored = preformatted_html(json.dumps(export.receipt, indent=1, ensure_ascii=False))
        context = {"checks": found, "stored": stored}
        return render_to_string("admin/heimdex/receipt.html", context)

    @display(description=_("clip"))
    def clip(self, export: Export) -> str:
        """The finished file, playing."""
        if not export.file_key:
            return "-"
        url = reverse("admin:exports_export_play", args=[export.pk])
        return render_to_string("admin/heimdex/clip.html", {"url": url})


@admin.register(CaptionPreset)
class CaptionPresetAdmin(ReadOnlyAdmin):
    """The looks that people saved. Deleting one takes nothing from exports, which keep their own copy."""

    list_display = ["name", "owner", "captions", "extras", "is_default", "created_at"]
    list_filter = ["is_default"]
    list_select_related = ["owner"]
    search_fields = ["id", "name", "owner__username"]
    ordering = ["-created_at"]
    readonly_fields = ["captions", "extras", "stored_style", "stored_overlays"]
    fields = [
        *("name", "owner", "is_default", "captions", "extras"),
        *("stored_style", "stored_overlays", "created_at"),
    ]

    @display(description=_("captions"))
    def captions(self, preset: CaptionPreset) -> str:
        """The style it began with."""
        style = preset.style.get("preset", CaptionLook.OUTLINE)
        return str(CaptionLook(style).label) if style in CaptionLook.values else style

    @display(description=_("overlays"))
    def extras(self, preset: CaptionPreset) -> str:
        """What is drawn besides captions."""
        drawn = {"progress": _now("Progress bar"), "logo": _now("Logo")}
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
class UserWithPlacesAdmin(UserAdmin):
    """People, with how many of their export places they have used."""

    readonly_fields = ["places_used", *UserAdmin.readonly_fields]
    fieldsets = [
        *UserAdmin.fieldsets[:-1],
        (_("Heimdex"), {"fields": ["language", "export_limit", "places_used"]}),
    ]

    @display(description=_("places used"))
    def places_used(self, user: User) -> str:
        """Used and allowed exports of the sliding window, with a link to them."""
        now = places(user, at=database_now())
        url = reverse("admin:exports_export_changelist")
        return format_html(
            '<a href="{}?owner__id__exact={}">{} / {}</a>', url, user.pk, now.used, now.limit
        )
