"""Videos in the admin: their progress, why they failed, what was made from them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.actions import delete_selected
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from core.admin import (
    AttemptInline,
    CountedDeletion,
    IndexedValuesFilter,
    JobAdmin,
    ReadOnlyInline,
    apply_to_each,
    display,
)
from core.formatting import clock, duration, exact_clock, size
from core.http import json_errors
from storage.serving import serve_file
from videos import services
from videos.library import deletion
from videos.models import (
    Cue,
    Scene,
    ScreenText,
    Transcript,
    Video,
    VideoAttempt,
)
from videos.queries import LARGE_COLUMNS

_TRANSCRIPT_COLUMNS = (
    "source",
    "language",
    "label",
    "cue_count",
    "created_at",
    "video_id",
    "video__transcript_id",
)


class SceneInline(ReadOnlyInline):
    """A video's scenes, paginated."""

    model = Scene
    fields = ["index", "start", "length", "text", "tag_list"]
    readonly_fields = ["start", "length", "tag_list"]

    @display(description=_("start"))
    def start(self, scene: Scene) -> str:
        """Its start time."""
        return exact_clock(scene.start_ms)

    @display(description=_("length"))
    def length(self, scene: Scene) -> str:
        """Its length."""
        return duration(scene.duration_ms)

    @display(description=_("tags"))
    def tag_list(self, scene: Scene) -> str:
        """Its tags as plain text: the theme colours JSON with inline styles, which our CSP forbids."""
        return ", ".join(scene.tags) or "-"


class TranscriptInline(ReadOnlyInline):
    """A video's transcripts, paginated."""

    model = Transcript
    fk_name = "video"
    fields = ["source", "language", "label", "cue_count", "in_use", "created_at"]
    readonly_fields = ["in_use", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transcript]:
        """Without the cues, which are the most of a row."""
        rows: QuerySet[Transcript] = super().get_queryset(request)
        return rows.select_related("video").only(*_TRANSCRIPT_COLUMNS)

    @display(description=_("in use"), boolean=True)
    def in_use(self, transcript: Transcript) -> bool:
        """Whether scenes and search are made from it."""
        return transcript.pk == transcript.video.transcript_id


class CueInline(ReadOnlyInline):
    """A video's cues, paginated."""

    model = Cue
    fields = ["index", "start", "text", "words_estimated"]
    readonly_fields = ["start"]

    @display(description=_("start"))
    def start(self, cue: Cue) -> str:
        """Its start time."""
        return exact_clock(cue.start_ms)


class ScreenTextInline(ReadOnlyInline):
    """The text on screen in a video, paginated."""

    model = ScreenText
    fields = ["index", "start", "end", "text", "confidence"]
    readonly_fields = ["start", "end"]

    @display(description=_("start"))
    def start(self, shown: ScreenText) -> str:
        """When it appears."""
        return exact_clock(shown.start_ms)

    @display(description=_("end"))
    def end(self, shown: ScreenText) -> str:
        """When it goes."""
        return exact_clock(shown.end_ms)


class VideoAttemptInline(AttemptInline):
    """The attempts at processing a video."""

    model = VideoAttempt


@admin.register(Video)
class VideoAdmin(CountedDeletion, JobAdmin):
    """The videos of all users."""

    list_display = [
        "title",
        "owner",
        "status_label",
        "progress_text",
        "length",
        "file_size",
        "failure_reason",
        "created_at",
    ]
    list_filter = [
        "status",
        "transcript_source",
        ("transcript_language", IndexedValuesFilter),
        ("error_code", IndexedValuesFilter),
        "created_at",
    ]
    list_defer = (*LARGE_COLUMNS, "captions_report")
    search_fields = ["id", "title", "filename", "owner__username"]
    actions = ["delete_selected", "reprocess"]
    object_actions = (("reprocess", _("Process again")),)
    inlines = [VideoAttemptInline, TranscriptInline, SceneInline, CueInline]
    inlines += [ScreenTextInline]
    readonly_fields = [
        "thumbnail_image",
        "progress_text",
        "failure_reason",
        "tool_lines",
        "link",
        "length",
        "file_size",
        "resolution",
        "contents",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "thumbnail_image",
                    "title",
                    "owner",
                    "status",
                    "progress_text",
                    "failure_reason",
                    "tool_lines",
                ]
            },
        ),
        (
            _("File"),
            {"fields": ["filename", "link", "length", "file_size", "resolution", "source_key"]},
        ),
        (
            _("Transcript"),
            {
                "fields": [
                    "transcript_source",
                    "transcript_language",
                    "transcript_wanted",
                    "language_wanted",
                    "captions_filename",
                    "contents",
                ]
            },
        ),
        (
            _("Times"),
            {"fields": ["created_at", "queued_at", "started_at", "heartbeat_at", "ready_at"]},
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        """The admin's URLs, with the thumbnail of any video for staff."""
        view = require_safe(self.admin_site.admin_view(json_errors(self.thumbnail)))
        thumbnail_url = path("<uuid:video_id>/thumbnail", view, name="videos_video_thumbnail")
        return [thumbnail_url, *super().get_urls()]

    def thumbnail(self, request: HttpRequest, video_id: Any) -> HttpResponseBase:
        """The thumbnail file of a video; 404 when there is none."""
        video = Video.objects.filter(pk=video_id).exclude(thumbnail_key="").first()
        if video is None or not self.has_view_permission(request, video):
            raise Http404
        return serve_file(request, video.thumbnail_key, content_type="image/jpeg")

    def deletion_counts(self, rows: list[Video]) -> dict[type[Model], int]:
        """The number of videos, scenes and cues."""
        ids = [video.pk for video in rows]
        scenes, cues = Scene.objects.filter(video__in=ids), Cue.objects.filter(video__in=ids)
        return {Video: len(rows), Scene: scenes.count(), Cue: cues.count()}

    def delete_model(self, _request: HttpRequest, obj: Video) -> None:
        """Delete a video with its files."""
        deletion.delete_video(obj)

    @admin.action(description=delete_selected.short_description, permissions=["delete"])  # type: ignore[attr-defined]
    def delete_selected(self, request: HttpRequest, rows: QuerySet[Video]) -> Any:
        """Ask, as Django does, then delete videos with their files, each in a transaction of its own."""
        if not request.POST.get("post"):
            return delete_selected(self, request, rows)

        def delete(video: Video) -> None:
            self.log_deletions(request, [video])
            deletion.delete_video(video)

        apply_to_each(request, rows.defer(*self.list_defer), delete, done=gettext("deleted"))
        return None

    @admin.action(description=_("Process again"), permissions=["operate"])
    def reprocess(self, request: HttpRequest, rows: QuerySet[Video]) -> None:
        """Process videos again."""
        apply_to_each(request, rows, services.request_reprocess, done=gettext("queued again"))

    @display(description=_("length"), ordering="duration_ms")
    def length(self, video: Video) -> str:
        """Its length."""
        return clock(video.duration_ms) or "-"

    @display(description=_("size"), ordering="size_bytes")
    def file_size(self, video: Video) -> str:
        """The size of the file."""
        return size(video.size_bytes) or "-"

    @display(description=_("link"))
    def link(self, video: Video) -> str:
        """The URL it was fetched from, without its query, which may hold a signature."""
        return video.link or "-"

    @display(description=_("picture"))
    def resolution(self, video: Video) -> str:
        """Width and height in pixels, and the frame rate."""
        rate = f"{video.frame_rate:g} fps" if video.frame_rate else ""
        return f"{video.width} x {video.height} {rate}" if video.width else "-"

    @display(description=_("thumbnail"))
    def thumbnail_image(self, video: Video) -> str:
        """Its thumbnail."""
        if not video.thumbnail_key:
            return "-"
        url = reverse("admin:videos_video_thumbnail", args=[video.pk])
        return format_html('<img src="{}" alt="" class="max-h-48 rounded-default">', url)

    @display(description=_("made of it"))
    def contents(self, video: Video) -> str:
        """The number of scenes and cues, and a link to its exports."""
        counts = {"scenes": video.scenes.count(), "cues": video.cues.count()}
        url = reverse("admin:exports_export_changelist")
        shown = gettext("%(scenes)d scenes, %(cues)d cues") % counts
        return format_html(
            '{}, <a href="{}?video__id__exact={}">{}</a>', shown, url, video.pk, gettext("exports")
        )
