"""Uploads, clips and models in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    display,
)
from core.formatting import duration, size
from videos.choices import ModelStatus
from videos.models import (
    Clip,
    ClipChange,
    MachineModel,
    Upload,
)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Uploads in progress."""

    list_display = ["filename", "owner", "received", "size_bytes", "created_at", "updated_at"]
    list_select_related = ["owner"]
    list_filter = ["created_at"]
    list_defer = ("sink_state",)
    search_fields = ["id", "filename", "owner__username"]

    @display(description=_("received"))
    def received(self, upload: Upload) -> str:
        """The percentage of its bytes that were received."""
        return f"{upload.offset_bytes * 100 // max(1, upload.size_bytes)}%"

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """The scheduled clean-up removes abandoned uploads with their parts."""
        return False


class ClipChangeInline(ReadOnlyInline):
    """A clip's versions, paginated."""

    model = ClipChange
    fields = ["version", "action", "changed_by", "changed_at", "title"]
    readonly_fields = ["changed_at"]


@admin.register(Clip)
class ClipAdmin(ReadOnlyAdmin):
    """Clips that people keep, with their versions."""

    list_display = ["title", "video", "length", "range_count", "version", "updated_at"]
    list_select_related = ["video"]
    list_filter = ["created_at"]
    search_fields = ["id", "title", "video__title", "video__owner__username"]
    ordering = ["-created_at", "-id"]
    inlines = [ClipChangeInline]

    @display(description=_("length"))
    def length(self, clip: Clip) -> str:
        """Its kept time."""
        return duration(clip.duration_ms)

    @display(description=_("ranges"))
    def range_count(self, clip: Clip) -> int:
        """How many ranges it keeps."""
        return len(clip.ranges)


@admin.register(MachineModel)
class MachineModelAdmin(ReadOnlyAdmin):
    """The speech and face models of each machine, as the machine last said."""

    list_display = [
        "name",
        "machine",
        "status",
        "received",
        "source_text",
        "sha256",
        "error",
        "updated_at",
    ]
    list_filter = ["status", "name"]

    @display(description=_("source"), ordering="source")
    def source_text(self, model: MachineModel) -> str:
        """Where it comes from, in the reader's language."""
        return model.source_text

    @display(description=_("size"), ordering="size_bytes")
    def received(self, model: MachineModel) -> str:
        """Its size, with the percentage while it is fetched."""
        whole = size(model.size_bytes) or "-"
        return f"{model.percent}% / {whole}" if model.status == ModelStatus.FETCHING else whole

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows of machines that are gone may be deleted; a machine that works writes its own again."""
        return bool(super().has_delete_permission(request, obj))
