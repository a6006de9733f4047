"""A video with its scenes, cues and analyses, and an upload that becomes a video."""

import uuid
from pathlib import PurePath
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import Job
from mediakit.model_store.catalog import MODELS
from videos.choices import ACTIVE, ModelStatus, TranscriptSource, VideoStage, VideoStatus


class VideoQuerySet(models.QuerySet["Video"]):
    """Reads of videos."""

    def visible_to(self, user: User | AnonymousUser) -> "VideoQuerySet":
        """The user's own videos. Staff see the videos of others in the admin only."""
        return self.filter(owner_id=user.pk)


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
    transcript_note = models.CharField(
        _("why there is no transcript"), max_length=48, blank=True, editable=False
    )  # an error code of core.errors, e.g. SPEECH_MODEL_MISSING
    language_wanted = models.CharField(_("spoken language"), max_length=16, blank=True)
    transcript_language = models.CharField(
        _("transcript language"), max_length=16, blank=True, editable=False
    )
    thumbnail_key = models.CharField(max_length=512, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    ready_at = models.DateTimeField(_("ready at"), null=True, editable=False)

    objects = VideoQuerySet.as_manager()

    class Meta:
        verbose_name = _("video")
        verbose_name_plural = _("videos")
        ordering = ["-created_at", "-id"]
        indexes = [
            # With all that lists of videos filter and sort by, so that they read no row that they do not show.
            models.Index(
                fields=["owner", "-created_at", "-id"],
                include=["title", "status", "duration_ms"],
                name="video_owner_list",
            ),
            models.Index(fields=["-created_at", "-id"], name="video_created"),
            models.Index(fields=["status", "heartbeat_at"], name="video_status_heartbeat"),
            models.Index(fields=["transcript_language"], name="video_language"),
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


class Scene(models.Model):
    """A part of a video, to read and to make a Short of. Scenes cover the video without gaps or overlaps."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="scenes", verbose_name=_("video"))
    index = models.PositiveIntegerField(_("number"))  # from 0; people see index + 1
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    text = models.TextField(_("transcript"), blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    thumbnail_key = models.CharField(max_length=512, blank=True, editable=False)
    visual_summary = models.TextField(_("visual summary"), blank=True)
    visual_description = models.TextField(_("visual description"), blank=True)
    visual_entities = models.JSONField(_("things seen"), default=list, blank=True)
    visual_actions = models.JSONField(_("actions seen"), default=list, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("scene")
        verbose_name_plural = _("scenes")
        ordering = ["video", "index"]
        constraints = [
            models.UniqueConstraint(name="scene_index_once", fields=["video", "index"]),
            models.CheckConstraint(
                name="scene_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} #{self.number}"

    @property
    def number(self) -> int:
        """The scene's number, counted from 1."""
        return self.index + 1

    @property
    def duration_ms(self) -> int:
        """Its length in ms."""
        return self.end_ms - self.start_ms


class Cue(models.Model):
    """One timed line of the transcript. A cue lies entirely inside one scene.

    `words` is a list of `[start_ms, end_ms, text]`. With `words_estimated` the source had no word times; they were
    distributed over the cue by the words' lengths.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="cues", verbose_name=_("video"))
    index = models.PositiveIntegerField(_("number"))
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    text = models.TextField(_("text"))
    words = models.JSONField(_("words"), default=list)
    words_estimated = models.BooleanField(_("word times are estimated"), default=False)
    speaker = models.CharField(_("speaker"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("cue")
        verbose_name_plural = _("cues")
        ordering = ["video", "index"]
        constraints = [
            models.UniqueConstraint(name="cue_index_once", fields=["video", "index"]),
            models.CheckConstraint(name="cue_span_ordered", condition=Q(end_ms__gte=F("start_ms"))),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class SoundLevels(models.Model):
    """The loudness of each tenth of a second of a video's sound: `mediakit.audio.loudness_index.LoudnessIndex`.

    A lost row is measured again when needed. This is a separate table because three hours take up to 216 KB, which
    queries for videos should not read.
    """

    video = models.OneToOneField(
        Video,
        models.CASCADE,
        primary_key=True,
        related_name="sound_levels",
        verbose_name=_("video"),
    )
    track = models.PositiveSmallIntegerField(_("sound track"))
    blocks = models.BinaryField(_("levels"))

    class Meta:
        verbose_name = _("sound levels")
        verbose_name_plural = _("sound levels")

    def __str__(self) -> str:
        return f"{self.video_id}, track {self.track}"


class ShotAnalysis(models.Model):
    """The shot analysis of a range of a video, for framing. A lost row is made again when needed.

    `data` is a `mediakit.framing.crop_plan.RangeAnalysis`, `plan` the
    `mediakit.framing.crop_plan.CropPlan` of the whole range, both as JSON.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="analyses", verbose_name=_("video")
    )
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    version = models.PositiveSmallIntegerField()
    detector = models.CharField(max_length=16, blank=True)
    data = models.JSONField()
    plan = models.JSONField()
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("shot analysis")
        verbose_name_plural = _("shot analyses")
        indexes = [models.Index(fields=["video", "start_ms"], name="analysis_video_start")]
        constraints = [
            models.CheckConstraint(
                name="analysis_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.video_id} {self.start_ms}-{self.end_ms} ms"


class MachineModel(models.Model):
    """What one machine last said about a speech or face model in its data folder.

    Pages and the admin read these rows, never a disk: the model is on the machine of a worker.
    """

    machine = models.CharField(_("machine"), max_length=100)
    name = models.CharField(_("model"), max_length=32)
    status = models.CharField(_("status"), max_length=16, choices=ModelStatus)
    source = models.CharField(_("source"), max_length=100, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    done_bytes = models.PositiveBigIntegerField(_("received (bytes)"), default=0)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    error = models.CharField(_("why not"), max_length=500, blank=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering = ["name", "machine"]
        constraints = [
            models.UniqueConstraint(name="model_once_a_machine", fields=["machine", "name"])
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.machine})"

    @property
    def title(self) -> str:
        """The model's title, which no one translates."""
        return MODELS[self.name].title if self.name in MODELS else self.name

    @property
    def percent(self) -> int:
        """How much of it is there, 0 to 100."""
        return min(100, self.done_bytes * 100 // max(1, self.size_bytes))


class Upload(models.Model):
    """A source file that is being transferred into storage.

    1. `resumable`: a resumable upload (tus 1.0); its id becomes the video's. One request writes at a time: the one
       with `lease_token`, until `lease_until`. A finished upload is kept for a while, so that a client that missed
       the last response can still query it.
    2. Not `resumable`: the file arrives in one request, and the row ends with that request's lease.
    3. With a `fetch_token`: a worker's attempt to fetch a link. The token is that of the worker's claim on the video;
       the attempt ends with the claim.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="uploads", verbose_name=_("owner")
    )
    filename = models.CharField(_("file name"), max_length=255)
    title = models.CharField(_("title"), max_length=255, blank=True)
    language_wanted = models.CharField(_("spoken language"), max_length=16, blank=True)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"))
    offset_bytes = models.PositiveBigIntegerField(_("received (bytes)"), default=0)
    storage_key = models.CharField(max_length=512, unique=True, editable=False)
    sink_state = models.JSONField(
        default=dict, blank=True, editable=False
    )  # what `storage.sinks.upload_sink` needs to go on: S3 upload id, parts, tail
    captions_key = models.CharField(max_length=512, blank=True, editable=False)
    captions_filename = models.CharField(max_length=255, blank=True, editable=False)
    captions_encoding = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False
    )
    fetch_token = models.UUIDField(null=True, editable=False)
    resumable = models.BooleanField(default=True, db_default=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last progress"), auto_now=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["updated_at"], name="upload_updated"),
            models.Index(fields=["-created_at", "-id"], name="upload_created"),
        ]
        constraints = [
            models.CheckConstraint(
                name="upload_offset_inside", condition=Q(offset_bytes__lte=F("size_bytes"))
            )
        ]

    def __str__(self) -> str:
        return self.filename


class SearchEntry(models.Model):
    """The indexed words of one scene, or of a video's title and file name where `scene` is None.

    `videos.search.entries` writes these rows. The database does the rest, by triggers and a generated column (see the
    migration `search`): the full-text index follows `body`, and `SearchWord` follows `words`. So nothing of a deleted
    row can be found, however it was deleted. A migration that rebuilds this table on SQLite must create its triggers
    again.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    video = models.ForeignKey(Video, models.CASCADE, related_name="search_entries")
    scene = models.OneToOneField(Scene, models.CASCADE, related_name="+", null=True)
    # Tokens divided by spaces: `mediakit.search_text.tokenizer.index_text`, labels before it.
    body = models.TextField()
    # Word: occurrences, of the whole video. Only on the row without a scene.
    words = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["owner", "id"], name="search_entry_owner")]
        constraints = [
            models.UniqueConstraint(
                name="search_entry_video_once", fields=["video"], condition=Q(scene=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.video_id} {self.scene_id or 'title'}"


class SearchWord(models.Model):
    """How often a word occurs in the videos of one user, as it is said. Written by triggers only.

    For the words that a query may become while it is typed, and for corrections. Other users' words are not in it.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    word = models.CharField(max_length=40)
    count = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(name="search_word_once", fields=["owner", "word"])]

    def __str__(self) -> str:
        return self.word
