"""A video: its source, its status and the results of processing it."""

import uuid
from pathlib import PurePath
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import Job
from videos.choices import (
    ACTIVE,
    HEARING_STAGES,
    NO_TRANSCRIPT,
    TranscriptSource,
    VideoStage,
    VideoStatus,
)


class VideoQuerySet(models.QuerySet["Video"]):
    """Reads of videos."""

    def visible_to(self, user: User | AnonymousUser) -> "VideoQuerySet":
        """The user's own videos. Staff see the videos of others in the admin only."""
        return self.filter(owner_id=user.pk, deleted_at=None)


class Video(Job):
    """A source file and the results of processing it.

    Only `videos.lifecycle` and `jobs.lease` write `status`. The source file is never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="videos", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=255)
    filename = models.CharField(_("file name"), max_length=255, editable=False)
    # The link it is fetched from. After that without its query, which may hold a signature.
    source_url = models.CharField(
        _("link"), max_length=2048, blank=True, default="", db_default="", editable=False
    )
    # Empty until a worker has fetched it.
    source_key = models.CharField(_("storage key"), max_length=512, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=16, choices=VideoStatus, default=VideoStatus.PENDING, editable=False
    )
    probe = models.JSONField(_("probe"), default=dict, blank=True, editable=False)
    duration_ms = models.PositiveIntegerField(_("length (ms)"), null=True, editable=False)
    width = models.PositiveIntegerField(_("width (px, as shown)"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height (px, as shown)"), null=True, editable=False)
    frame_rate = models.FloatField(_("frame rate (1/s)"), null=True, editable=False)
    loudness_lufs = models.FloatField(_("loudness (LUFS)"), null=True, editable=False)
    shots_ms = models.JSONField(_("shot changes (ms)"), default=list, blank=True, editable=False)
    captions_key = models.CharField(max_length=512, blank=True, editable=False)
    captions_filename = models.CharField(
        _("captions file"), max_length=255, blank=True, editable=False
    )
    # The encoding that the user chose for the captions file, as Python names it; empty: detect it.
    captions_encoding = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False
    )
    # `videos.transcripts.captions_report.CaptionsReport` of the last reading of the captions file.
    captions_report = models.JSONField(null=True, blank=True, editable=False)
    transcript_wanted = models.CharField(
        _("wanted transcript source"),
        max_length=16,
        choices=TranscriptSource,
        default=TranscriptSource.AUTO,
    )
    transcript_source = models.CharField(
        _("transcript source"), max_length=16, choices=TranscriptSource, blank=True, editable=False
    )
    # The one in use. None while there is no transcript, and for a video of an earlier release.
    transcript = models.ForeignKey(
        "videos.Transcript",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("transcript in use"),
    )
    # The one that the user chose, which processing uses before any source; None: `transcript_wanted` decides.
    transcript_chosen = models.ForeignKey(
        "videos.Transcript",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("chosen transcript"),
    )
    transcript_note = models.CharField(
        _("why there is no transcript"), max_length=48, blank=True, editable=False
    )  # an error code of core.errors, e.g. SPEECH_MODEL_MISSING
    language_wanted = models.CharField(_("spoken language"), max_length=16, blank=True)
    transcript_language = models.CharField(
        _("transcript language"), max_length=16, blank=True, editable=False
    )
    # The stream index of the sound track that the user chose as the main one; None: by role, language and flags.
    audio_track_wanted = models.PositiveSmallIntegerField(
        _("chosen main sound"), null=True, editable=False
    )
    # How far speech recognition has heard; afterwards only where it was stopped before the end.
    heard_ms = models.PositiveIntegerField(_("heard until (ms)"), null=True, editable=False)
    # Whether a person ended the hearing; what was heard until then becomes the transcript.
    hearing_stopped = models.BooleanField(default=False, db_default=False, editable=False)
    # The version of the rules that its suggestions were made by; 0: not made yet.
    suggestions_version = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # Counts the changes of its words by corrections: with `ready_at` it tells one state of the transcript.
    # When the text on screen was read last.
    screen_read_at = models.DateTimeField(null=True, editable=False)
    corrections_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # A range that is to be heard again: start_ms, end_ms, language (or empty), and the heard_ms that is to stay.
    range_to_hear = models.JSONField(null=True, editable=False)
    thumbnail_key = models.CharField(max_length=512, blank=True, editable=False)
    # The key of the request that made it, and the SHA-256 of that request.
    idempotency_key = models.CharField(
        max_length=255, blank=True, default="", db_default="", editable=False
    )
    request_fingerprint = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    ready_at = models.DateTimeField(_("ready at"), null=True, editable=False)
    # Its owner deleted it then. For `videos.library.deletion.UNDO_S` that can be undone.
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)

    objects = VideoQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-created_at", "-id"]
        indexes = [
            # With all that lists of videos filter and sort by, so that they read no row that they do not show.
            models.Index(
                fields=["owner", "-created_at", "-id"],
                include=["title", "status", "duration_ms", "size_bytes", "deleted_at"],
                name="video_owner_list",
            ),
            models.Index(fields=["-created_at", "-id"], name="video_created"),
            models.Index(fields=["status", "heartbeat_at"], name="video_status_heartbeat"),
            models.Index(fields=["transcript_language"], name="video_language"),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="video_deleted"
            ),
            models.Index(
                fields=["error_code"], condition=~Q(error_code=""), name="video_error_code"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="video_status_known", condition=Q(status__in=VideoStatus.values)
            ),
            models.CheckConstraint(
                name="video_claimed_iff_processing",
                condition=Q(status=VideoStatus.PROCESSING, claim_token__isnull=False)
                | (~Q(status=VideoStatus.PROCESSING) & Q(claim_token__isnull=True)),
            ),
            models.CheckConstraint(name="video_progress_percent", condition=Q(progress__lte=100)),
            models.UniqueConstraint(
                name="video_idempotency_key_once",
                fields=["owner", "idempotency_key"],
                condition=~Q(idempotency_key=""),
            ),
            models.UniqueConstraint(
                name="video_source_once", fields=["source_key"], condition=~Q(source_key="")
            ),
            models.CheckConstraint(
                name="video_has_source_or_link",
                condition=~Q(source_key="") | ~Q(source_url="") & ~Q(status=VideoStatus.READY),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_ready(self) -> bool:
        """Whether it is processed, so that Shorts can be made of it."""
        return self.status == VideoStatus.READY

    @property
    def is_active(self) -> bool:
        """Whether it is pending or being processed."""
        return self.status in ACTIVE

    @property
    def is_being_heard(self) -> bool:
        """Whether a worker is at its speech, and has heard something."""
        at_it = self.status == VideoStatus.PROCESSING and self.stage in HEARING_STAGES
        return at_it and self.heard_ms is not None

    @property
    def has_transcript(self) -> bool:
        """Whether it has words."""
        return self.transcript_source not in NO_TRANSCRIPT

    @property
    def origin_ms(self) -> int:
        """The file's own timestamp of what a player shows as 0, in ms."""
        return int(self.probe.get("origin_ms", 0))

    @property
    def link(self) -> str:
        """The link of an imported video without its query; empty for an uploaded one."""
        return self.source_url.partition("?")[0]

    @property
    def link_host(self) -> str:
        """The host of an imported video's link; empty for an uploaded one."""
        return urlsplit(self.link).netloc

    @property
    def stage_text(self) -> str:
        """The current stage in the reader's language; empty when no work is going on."""
        return str(VideoStage(self.stage).label) if self.stage in VideoStage.values else ""

    @property
    def suffix(self) -> str:
        """The source's file ending with its dot, lower case, at most 8 characters; may be empty."""
        return PurePath(self.filename).suffix.lower()[:8]
