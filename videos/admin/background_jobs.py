"""What is made of videos in the background, in the admin: playback proxies, text read on screen, ranked suggestions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin import (
    AttemptInline,
    IndexedValuesFilter,
    JobAdmin,
    apply_to_each,
    display,
)
from core.formatting import size
from videos.models import (
    Proxy,
    ProxyAttempt,
    RankingAttempt,
    ScreenReading,
    ScreenReadingAttempt,
    SuggestionRanking,
)
from videos.proxies import lifecycle
from videos.queries import LARGE_COLUMNS
from videos.screen_text import rows as screen_rows


class ProxyAttemptInline(AttemptInline):
    """The attempts at making a playback proxy."""

    model = ProxyAttempt


@admin.register(Proxy)
class ProxyAdmin(JobAdmin):
    """The playback proxies of all videos."""

    list_display = ["video", "owner", "status_label", "progress_text", "file_size", "height"]
    list_display += ["failure_reason", "created_at"]
    list_select_related = ["owner", "video"]
    list_filter = ["status", ("error_code", IndexedValuesFilter), "created_at"]
    list_defer = ("tool_output", *(f"video__{column}" for column in LARGE_COLUMNS))
    search_fields = ["id", "video__id", "video__title", "owner__username"]
    actions = ["retry"]
    object_actions = (("retry", _("Retry")),)
    inlines = [ProxyAttemptInline]
    fields = ["video", "owner", "status", "progress_text", "failure_reason", "tool_lines"]
    readonly_fields = ["progress_text", "failure_reason", "tool_lines"]

    @admin.action(description=_("Retry"), permissions=["operate"])
    def retry(self, request: HttpRequest, rows: QuerySet[Proxy]) -> None:
        """Make failed proxies again."""
        apply_to_each(request, rows, lifecycle.retry, done=gettext("queued again"))

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """They go with their videos."""
        return False

    @display(description=_("size"), ordering="size_bytes")
    def file_size(self, proxy: Proxy) -> str:
        """The size of the file."""
        return size(proxy.size_bytes) or "-"


class ScreenReadingAttemptInline(AttemptInline):
    """The attempts at reading the text on screen."""

    model = ScreenReadingAttempt


@admin.register(ScreenReading)
class ScreenReadingAdmin(JobAdmin):
    """The readings of text on screen of all videos; the text itself is on the page of the video."""

    list_display = ["video", "owner", "status_label", "progress_text", "reader", "failure_reason"]
    list_display += ["created_at"]
    list_select_related = ["owner", "video"]
    list_filter = ["status", "reader", ("error_code", IndexedValuesFilter), "created_at"]
    list_defer = ("tool_output", *(f"video__{column}" for column in LARGE_COLUMNS))
    search_fields = ["id", "video__id", "video__title", "owner__username"]
    actions = ["read_again"]
    object_actions = (("read_again", _("Read again")),)
    inlines = [ScreenReadingAttemptInline]
    fields = ["video", "owner", "status", "progress_text", "reader", "failure_reason"]
    fields += ["tool_lines"]
    readonly_fields = ["progress_text", "failure_reason", "tool_lines"]

    @admin.action(description=_("Read again"), permissions=["operate"])
    def read_again(self, request: HttpRequest, rows: QuerySet[ScreenReading]) -> None:
        """Read the text on screen anew, for instance with another reader."""
        apply_to_each(request, rows, screen_rows.read_again, done=gettext("queued again"))

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """They go with their videos."""
        return False


class RankingAttemptInline(AttemptInline):
    """The attempts at having suggestions ranked."""

    model = RankingAttempt


@admin.register(SuggestionRanking)
class SuggestionRankingAdmin(JobAdmin):
    """The rankings of suggestions by a service. Their owners ask for them, since each may cost money."""

    list_display = ["video", "owner", "status_label", "model", "failure_reason", "created_at"]
    list_select_related = ["owner", "video"]
    list_filter = ["status", "model", ("error_code", IndexedValuesFilter), "created_at"]
    list_defer = ("tool_output", *(f"video__{column}" for column in LARGE_COLUMNS))
    search_fields = ["id", "video__id", "video__title", "owner__username"]
    inlines = [RankingAttemptInline]
    fields = ["video", "owner", "status", "model", "failure_reason", "tool_lines"]
    readonly_fields = ["failure_reason", "tool_lines"]

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """They go with their videos."""
        return False
