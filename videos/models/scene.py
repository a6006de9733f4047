"""The scenes and the transcript of a video."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mediakit.text.titles import first_sentence
from mediakit.text.transcript import Cue as TimedCue
from videos.models.video import Video


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
    def first_sentence(self) -> str:
        """What is said first in it; empty without words."""
        return first_sentence([TimedCue(0, 1, self.text)]) if self.text else ""

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

    `words` is a list of `[start_ms, end_ms, text]`, with the recogniser's probability as a fourth item where it said
    one, and more where a glossary or a person has the word otherwise; `mediakit.text.stored_words` reads and writes it.
    With `words_estimated` the source had no word times; they were distributed over the cue by the words' lengths. A
    line of which every word was corrected away has no text and no words.
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
        # What is said in a scene or a range.
        indexes = [models.Index(fields=["video", "start_ms"], name="cue_video_start")]
        constraints = [
            models.UniqueConstraint(name="cue_index_once", fields=["video", "index"]),
            models.CheckConstraint(name="cue_span_ordered", condition=Q(end_ms__gte=F("start_ms"))),
        ]

    def __str__(self) -> str:
        return self.text[:60]
