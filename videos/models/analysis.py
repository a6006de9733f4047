"""What is measured of a video once and read by its exports."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from videos.models.video import Video


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


class SpeechLevels(models.Model):
    """The level and the voice of each hundredth of a second: `mediakit.asr.speech_index.SpeechIndex`.

    A row without `steps` is that of a video without usable sound. Three hours take 1.1 MB.
    """

    video = models.OneToOneField(
        Video,
        models.CASCADE,
        primary_key=True,
        related_name="speech_levels",
        verbose_name=_("video"),
    )
    steps = models.BinaryField(_("levels"))

    class Meta:
        verbose_name = _("speech levels")
        verbose_name_plural = _("speech levels")

    def __str__(self) -> str:
        return str(self.video_id)


class ShotAnalysis(models.Model):
    """The shot analysis of a range of a video, for framing. A lost row is made again when needed.

    `data` is a `mediakit.framing.range_analysis.RangeAnalysis`, `plan` the
    `mediakit.framing.crop_plan.CropPlan` of the whole range, both as JSON. `finds_text` says that text was searched in
    the pictures, with the model for it, `finds_objects` and `finds_bodies` the same of what stands out and of bodies.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="analyses", verbose_name=_("video")
    )
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    version = models.PositiveSmallIntegerField()
    detector = models.CharField(max_length=16, blank=True)
    finds_text = models.BooleanField(default=False, db_default=False)
    finds_objects = models.BooleanField(default=False, db_default=False)
    finds_bodies = models.BooleanField(default=False, db_default=False)
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
