"""Videos in the admin: how far each is, why it failed, what was made of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.admin import (
    ReadOnlyAdmin,
    ReadOnlyInline,
    apply_to_each,
    display,
    preformatted_html,
    progress_text,
)
from core.errors import HeimdexError
from core.formatting import clock, duration, exact_clock, size
from core.http import error_response
from storage.serving import serve_file
from videos import services
from videos.choices import VideoStatus
from videos.models import Cue, Scene, Upload, Video

STATUS_COLOURS = {
    VideoStatus.PENDING: "info",
    VideoStatus.PROCESSING: "warning",
    VideoStatus.READY: "success",
    VideoStatus.FAILED: "danger",
}


class SceneInline(ReadOnlyInline):
    """A video's scenes, a page at a time."""

    model = Scene
    fields = ["index", "starts", "lasts", "text", "about"]
    readonly_fields = ["starts", "lasts", "about"]

    @display(description=_("start"))
    def starts(self, scene: Scene) -> str:
        """Where it starts."""
        return exact_clock(scene.start_ms)

    @display(description=_("length"))
    def lasts(self, scene: Scene) -> str:
        """How long it is."""
        return duration(scene.duration_ms)

    @display(description=_("tags"))
    def about(self, scene: Scene) -> str:
        """Its tags as plain text: the theme would colour JSON by inline styles, which the content policy forbids."""
        return ", ".join(scene.tags) or "-"


class CueInline(ReadOnlyInline):
    """A video's cues, a page at a time."""

    model = Cue
    fields = ["index", "starts", "text", "words_estimated"]
    readonly_fields = ["starts"]

    @display(description=_("start"))
    def starts(self, cue: Cue) -> str:
        """Where it starts."""
        return exact_clock(cue.start_ms)


@admin.register(Video)
class VideoAdmin(ReadOnlyAdmin):
    """Everybody's videos."""

    list_display = ["title", "owner", "state", "how_far", "lasts", "weighs", "reason", "created_at"]
    list_filter = ["status", "transcript_source", "transcript_language", "error_code"]
    list_select_related = ["owner"]
    search_fields = ["id", "title", "filename", "owner__username"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["reprocess"]
    object_actions = (("reprocess", _("Process again")),)
    inlines = [SceneInline, CueInline]
    readonly_fields = [
        "picture", "how_far", "reason", "tool_words", "link", "lasts", "weighs", "frame", "made_of_it",
    ]  # fmt: skip
    fieldsets = [
        (
            None,
            {"fields": ["picture", "title", "owner", "status", "how_far", "reason", "tool_words"]},
        ),
        (_("File"), {"fields": ["filename", "link", "lasts", "weighs", "frame", "source_key"]}),
        (
            _("Transcript"),
            {
                "fields": [
                    "transcript_source",
                    "transcript_language",
                    "transcript_wanted",
                    "language_wanted",
                    "captions_filename",
                    "made_of_it",
                ]
            },
        ),
        (
            _("Times"),
            {"fields": ["created_at", "queued_at", "started_at", "heartbeat_at", "ready_at"]},
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        """The thumbnail of anybody's video, for staff."""
        view = require_safe(self.admin_site.admin_view(self.thumbnail))
        mine = path("<uuid:video_id>/thumbnail", view, name="videos_video_thumbnail")
        return [mine, *super().get_urls()]

    def thumbnail(self, request: HttpRequest, video_id: Any) -> HttpResponseBase:
        """The picture chosen for a video; 404 when there is none."""
        video = Video.objects.filter(pk=video_id).exclude(thumbnail_key="").first()
        if video is None or not self.has_view_permission(request, video):
            raise Http404
        try:
            return serve_file(request, video.thumbnail_key, content_type="image/jpeg")
        except HeimdexError as error:
            return error_response(error)

    def delete_model(self, _request: HttpRequest, obj: Video) -> None:
        """Delete a video with its files."""
        services.delete_video(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        """Delete videos with their files."""
        for video in queryset:
            self.delete_model(request, video)

    @admin.action(description=_("Process again"), permissions=["operate"])
    def reprocess(self, request: HttpRequest, rows: QuerySet[Video]) -> None:
        """Have videos processed again."""
        apply_to_each(request, rows, services.request_reprocess, done=_now("queued again"))

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def state(self, video: Video) -> tuple[str, str]:
        """Where it stands."""
        return video.status, video.get_status_display()

    @display(description=_("progress"))
    def how_far(self, video: Video) -> str:
        """Stage and percent."""
        return progress_text(video)

    @display(description=_("reason"))
    def reason(self, video: Video) -> str:
        """Why it failed, as its owner reads it."""
        return video.error_message or "-"

    @display(description=_("the tool's last lines"))
    def tool_words(self, video: Video) -> str:
        """What the tool said before it failed."""
        return preformatted_html(video.tool_output)

    @display(description=_("length"), ordering="duration_ms")
    def lasts(self, video: Video) -> str:
        """How long it is."""
        return clock(video.duration_ms) or "-"

    @display(description=_("size"), ordering="size_bytes")
    def weighs(self, video: Video) -> str:
        """How large the file is."""
        return size(video.size_bytes) or "-"

    @display(description=_("link"))
    def link(self, video: Video) -> str:
        """Where it was fetched from, without what may be secret in it."""
        return video.link or "-"

    @display(description=_("picture"))
    def frame(self, video: Video) -> str:
        """Its size in pixels and its frame rate."""
        rate = f"{video.frame_rate:g} fps" if video.frame_rate else ""
        return f"{video.width} x {video.height} {rate}" if video.width else "-"

    @display(description=_("thumbnail"))
    def picture(self, video: Video) -> str:
        """The picture chosen for it."""
        if not video.thumbnail_key:
            return "-"
        url = reverse("admin:videos_video_thumbnail", args=[video.pk])
        return format_html('<img src="{}" alt="" class="max-h-48 rounded-default">', url)

    @display(description=_("made of it"))
    def made_of_it(self, video: Video) -> str:
        """How many scenes, cues and exports there are."""
        counts = Video.objects.filter(pk=video.pk).aggregate(
            scenes=Count("scenes", distinct=True), cues=Count("cues", distinct=True)
        )
        url = reverse("admin:exports_export_changelist")
        shown = _now("%(scenes)d scenes, %(cues)d cues") % counts
        return format_html(
            '{}, <a href="{}?video__id__exact={}">{}</a>', shown, url, video.pk, _now("exports")
        )


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Uploads on their way."""

    list_display = ["filename", "owner", "received", "size_bytes", "created_at", "updated_at"]
    list_select_related = ["owner"]
    search_fields = ["id", "filename", "owner__username"]
    date_hierarchy = "created_at"

    @display(description=_("received"))
    def received(self, upload: Upload) -> str:
        """How much of it has arrived."""
        return f"{upload.offset_bytes * 100 // max(1, upload.size_bytes)}%"

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """The schedule removes abandoned uploads with their parts."""
        return False
