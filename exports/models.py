"""An export: one vertical Short, from its request to its removal. And the caption presets of users."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q, Sum, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exports.choices import (
    ACTIVE,
    QUOTA_STATUSES,
    RETRYABLE,
    AspectRatio,
    CaptionStyleName,
    ExportStage,
    ExportStatus,
    FinishKind,
    Quality,
    Strategy,
)
from jobs.models import Job, JobAttempt
from mediakit.cutting.cut_time import MAX_DECODED_MS, Span, kept_ms
from mediakit.probing.frame_rate import MAX_SHORT_MS
from videos.kept_ranges import ranges_from_json
from videos.models import Video


class ExportQuerySet(models.QuerySet["Export"]):
    """Reads of exports."""

    def visible_to(self, user: User | AnonymousUser) -> "ExportQuerySet":
        """The user's own exports that they did not delete. Staff see the exports of others in the admin only."""
        return self.filter(owner_id=user.pk, deleted_at=None)

    def in_quota(self, user: User, *, since: datetime) -> "ExportQuerySet":
        """The exports that take one of the user's quota slots: deleted ones do, failed and cancelled ones do not."""
        return self.filter(owner_id=user.pk, status__in=QUOTA_STATUSES, place_taken_at__gt=since)

    def request_count(self, user: User, *, since: datetime) -> int:
        """How often the user requested or retried exports, in any state."""
        recent = self.filter(owner_id=user.pk, place_taken_at__gt=since)
        return recent.aggregate(total=Sum("requests"))["total"] or 0


class Export(Job):
    """One Short. The row copies the whole request, so that later changes to the video's scenes do not affect it.

    Only `exports.lifecycle` and `jobs.lease` write `status`. Deleting a finished export removes its file and hides the
    row; the row still counts against the limit.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports", verbose_name=_("owner")
    )
    video = models.ForeignKey(
        Video, models.SET_NULL, null=True, related_name="exports", verbose_name=_("video")
    )
    # The batch that it was asked for in, and its number there from 1.
    batch = models.ForeignKey(
        "exports.Batch",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="exports",
        verbose_name=_("batch"),
    )
    batch_number = models.PositiveSmallIntegerField(
        _("number in the batch"), null=True, editable=False
    )
    scene_id = models.UUIDField(
        _("scene"), null=True, editable=False
    )  # outlives the scene on purpose
    scene_number = models.PositiveIntegerField(_("scene number"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=255, editable=False)
    # The video's title when it was asked for, which outlives the video; empty for exports older than their own titles.
    video_title = models.CharField(
        _("title of the video"),
        max_length=255,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    start_ms = models.PositiveIntegerField(_("start (ms)"), editable=False)
    end_ms = models.PositiveIntegerField(_("end (ms)"), editable=False)
    # The kept ranges as [[start_ms, end_ms], ...], where parts between start and end are left out; null for all of it.
    ranges = models.JSONField(_("kept ranges"), null=True, blank=True, editable=False)
    aspect_ratio = models.CharField(
        _("aspect ratio"),
        max_length=8,
        choices=AspectRatio,
        default=AspectRatio.VERTICAL,
        db_default=AspectRatio.VERTICAL,
        editable=False,
    )
    aspect_ratio_strategy = models.CharField(
        _("framing"), max_length=16, choices=Strategy, default=Strategy.SMART_CROP, editable=False
    )
    # `exports.framing.options.FramingOptions` and the crop plan made from them, as JSON; null where there is none.
    framing = models.JSONField(_("framing wishes"), null=True, blank=True, editable=False)
    plan = models.JSONField(_("framing plan"), null=True, blank=True, editable=False)
    output_quality = models.CharField(
        _("quality"), max_length=16, choices=Quality, default=Quality.HIGH, editable=False
    )
    # Captions and overlays: `exports.captions.styles.ShortStyle` as JSON; null for exports older than captions.
    captions = models.CharField(
        _("captions"),
        max_length=16,
        choices=CaptionStyleName,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    look = models.JSONField(_("look"), null=True, blank=True, editable=False)
    caption_cues = models.JSONField(_("caption text"), null=True, blank=True, editable=False)
    caption_language = models.CharField(
        _("spoken language"), max_length=16, blank=True, default="", db_default="", editable=False
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=ExportStatus,
        default=ExportStatus.PENDING,
        editable=False,
    )
    # The stream's index in the file; null for the file's default track.
    audio_track = models.PositiveSmallIntegerField(_("sound track"), null=True, editable=False)
    reduce_noise = models.BooleanField(
        _("noise reduction"), default=False, db_default=False, editable=False
    )
    idempotency_key = models.CharField(max_length=255, blank=True, editable=False)
    # The SHA-256 of the request with that key; empty where a form made it.
    request_fingerprint = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    requests = models.PositiveSmallIntegerField(_("times asked for"), default=1, editable=False)
    place_taken_at = models.DateTimeField(_("counted from"), default=timezone.now, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    completed_at = models.DateTimeField(_("completed at"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"), editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)
    file_key = models.CharField(_("storage key"), max_length=512, blank=True, editable=False)
    file_size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True, editable=False)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False)
    duration_ms = models.PositiveIntegerField(_("length (ms)"), null=True, editable=False)
    width = models.PositiveIntegerField(_("width (px)"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height (px)"), null=True, editable=False)
    receipt = models.JSONField(_("receipt"), default=dict, blank=True, editable=False)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="export_owner_created"),
            models.Index(fields=["-created_at", "-id"], name="export_created"),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="export_owner_visible",
            ),
            models.Index(
                fields=["owner", "status", "-created_at", "-id"],
                condition=Q(deleted_at=None),
                name="export_owner_status",
            ),
            # Those with a file: what can be downloaded, and what is to be removed.
            models.Index(
                fields=["owner", "expires_at"],
                condition=Q(status=ExportStatus.COMPLETED) & ~Q(file_key=""),
                name="export_owner_file",
            ),
            models.Index(
                fields=["error_code"], condition=~Q(error_code=""), name="export_error_code"
            ),
            models.Index(fields=["owner", "place_taken_at"], name="export_owner_place"),
            models.Index(fields=["status", "heartbeat_at"], name="export_status_heartbeat"),
            models.Index(fields=["place_taken_at"], name="export_place"),
            # Files to remove.
            models.Index(
                fields=["expires_at"],
                condition=Q(status=ExportStatus.COMPLETED) & ~Q(file_key=""),
                name="export_file_expires",
            ),
            models.Index(
                fields=["deleted_at"],
                condition=Q(status=ExportStatus.COMPLETED, deleted_at__isnull=False)
                & ~Q(file_key=""),
                name="export_file_deleted",
            ),
            models.Index(fields=["video", "-created_at", "-id"], name="export_video_created"),
        ]
        constraints = [
            models.CheckConstraint(
                name="export_status_known", condition=Q(status__in=ExportStatus.values)
            ),
            models.CheckConstraint(
                name="export_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            ),
            models.CheckConstraint(
                name="export_span_within_180_s",
                condition=Q(ranges__isnull=False) | Q(end_ms__lte=F("start_ms") + MAX_SHORT_MS),
            ),
            models.CheckConstraint(
                name="export_claimed_iff_processing",
                condition=Q(status=ExportStatus.PROCESSING, claim_token__isnull=False)
                | (~Q(status=ExportStatus.PROCESSING) & Q(claim_token__isnull=True)),
            ),
            models.CheckConstraint(name="export_progress_percent", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="export_completed_is_measured",
                condition=~Q(status=ExportStatus.COMPLETED)
                | Q(completed_at__isnull=False, file_size_bytes__gt=0, duration_ms__gt=0),
            ),
            models.UniqueConstraint(
                name="export_idempotency_key_once",
                fields=["owner", "idempotency_key"],
                condition=~Q(idempotency_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.start_ms}-{self.end_ms} ms"

    @property
    def is_active(self) -> bool:
        """Whether it is pending or being processed."""
        return self.status in ACTIVE

    @property
    def is_retryable(self) -> bool:
        """Whether it failed or was cancelled, so that it can be retried."""
        return self.status in RETRYABLE

    def is_expired(self, *, at: datetime) -> bool:
        """Whether its file was removed or its retention time is over at `at`."""
        return self.status == ExportStatus.COMPLETED and (
            self.expires_at <= at or not self.file_key
        )

    @property
    def span_ms(self) -> int:
        """The requested length in ms: what is kept."""
        return kept_ms(self.kept_ranges)

    @property
    def read_ms(self) -> int:
        """How much of the video is read for it at most, in ms: what lies between kept ranges is skipped or decoded."""
        return min(self.end_ms - self.start_ms, max(self.span_ms, MAX_DECODED_MS))

    @property
    def kept_ranges(self) -> tuple[Span, ...]:
        """The ranges of the video that are kept; one from start to end where nothing is left out."""
        return ranges_from_json(self.ranges) or ((self.start_ms, self.end_ms),)

    @property
    def stage_text(self) -> str:
        """The current stage in the reader's language; empty when no work is going on."""
        return str(ExportStage(self.stage).label) if self.stage in ExportStage.values else ""


class ExportAttempt(JobAttempt):
    """One attempt at an export."""

    job = models.ForeignKey(Export, models.CASCADE, related_name="attempt_history")


class Batch(models.Model):
    """Exports that were asked for together. How far it is, its exports say; `name_template` names their files."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="batches", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=255)
    name_template = models.CharField(_("file names"), max_length=200)
    idempotency_key = models.CharField(max_length=255, blank=True, editable=False)
    request_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="batch_owner_created"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="batch_idempotency_key_once",
                fields=["owner", "idempotency_key"],
                condition=~Q(idempotency_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CaptionPreset(models.Model):
    """A caption style that a user saved; `style` and `overlays` are of `mediakit.captions.caption_style`, as JSON."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="caption_presets",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=60)
    style = models.JSONField(_("style"))
    overlays = models.JSONField(_("overlays"), default=dict, blank=True)
    # `exports.finish.choice.FinishChoice` as JSON.
    finish = models.JSONField(
        _("intro, outro and music"),
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
    )
    # `exports.framing.options.FramingOptions` as JSON: what is chosen for all shots.
    framing = models.JSONField(
        _("framing"), default=dict, db_default=Value({}, models.JSONField()), blank=True
    )
    is_default = models.BooleanField(_("used by default"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("caption preset")
        verbose_name_plural = _("caption presets")
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="preset_created")]
        constraints = [
            models.UniqueConstraint(name="caption_preset_name_once", fields=["owner", "name"]),
            models.UniqueConstraint(
                name="caption_preset_one_default",
                fields=["owner"],
                condition=Q(is_default=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FinishFile(models.Model):
    """A picture, clip or piece of music that a user keeps to finish Shorts with, as `mediakit.render.finish_files`
    made it. `lufs` is the loudness of its sound; null without any.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="finish_files",
        verbose_name=_("owner"),
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=16, choices=FinishKind)
    file_key = models.CharField(_("storage key"), max_length=512, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), editable=False)
    duration_ms = models.PositiveIntegerField(_("length (ms)"), default=0, editable=False)
    width = models.PositiveIntegerField(_("width (px)"), default=0, editable=False)
    height = models.PositiveIntegerField(_("height (px)"), default=0, editable=False)
    lufs = models.FloatField(_("loudness (LUFS)"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("finishing file")
        verbose_name_plural = _("finishing files")
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["owner", "name", "id"], name="finish_file_owner"),
            models.Index(fields=["file_key"], name="finish_file_key"),
            models.Index(fields=["-created_at", "-id"], name="finish_file_created"),
        ]

    def __str__(self) -> str:
        return self.name
