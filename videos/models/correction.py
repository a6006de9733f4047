"""What people corrected in the words of a video, and its lines as they were before."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from videos.choices import BorderKind, CorrectionProblem
from videos.models.video import Video


class Edit(models.Model):
    """Something that a person changed in the words of a video: who, and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("who"),
    )
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        abstract = True


class PlacedEdit(Edit):
    """An edit of a place, which is found again in a transcript that is made anew.

    `problem` says why it does not count in the present transcript; empty when it does.
    """

    problem = models.CharField(
        _("why it does not show"), max_length=16, choices=CorrectionProblem, blank=True
    )

    class Meta:
        abstract = True


class Correction(PlacedEdit):
    """Words of a video that a person wrote otherwise; `videos.corrections` writes these rows.

    `heard` is what the transcript says from `start_ms` to `end_ms`, by which the place is found again in a transcript
    that is made anew; `was` is what was shown there when it was corrected. An empty `text` leaves the words out. With
    `superseded_by` a later one includes it, and it counts again when that one is undone.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="corrections", verbose_name=_("video")
    )
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    heard = models.TextField(_("heard"))
    was = models.TextField(_("text before"))
    text = models.TextField(_("text"), blank=True)
    # Those that were made in one step, and are undone in one.
    batch = models.UUIDField(null=True, editable=False)
    superseded_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="supersedes", editable=False
    )

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["start_ms", "created_at", "id"]
        indexes = [models.Index(fields=["video", "start_ms"], name="correction_video_start")]
        constraints = [
            models.CheckConstraint(
                name="correction_span_ordered", condition=Q(end_ms__gte=F("start_ms"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.was[:60]} → {self.text[:60]}"


class SpeakerRename(Edit):
    """A speaker who got another name, on every line or in a part; `videos.corrections.speakers` writes these rows.

    They count in the order in which they were made, so that a name may be changed again, and two speakers joined. With
    `start_ms` and `end_ms` the lines get the name whose middle lies in that part, whoever spoke there before.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="speaker_renames", verbose_name=_("video")
    )
    was = models.CharField(_("name before"), max_length=100)
    name = models.CharField(_("name"), max_length=100)
    start_ms = models.PositiveIntegerField(_("start (ms)"), null=True)
    end_ms = models.PositiveIntegerField(_("end (ms)"), null=True)

    class Meta:
        verbose_name = _("name of a speaker")
        verbose_name_plural = _("names of speakers")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="speaker_rename_part_ordered",
                condition=Q(start_ms=None, end_ms=None) | Q(end_ms__gte=F("start_ms")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.was} → {self.name}"


class BorderEdit(PlacedEdit):
    """A border of lines or scenes that a person set or took away; `videos.corrections.borders` writes these rows.

    `at_ms` is where the word `after` begins, `before` is the one before it, both as they were heard: by them the place
    is found again. Those of one place count in the order in which they were made.
    """

    video = models.ForeignKey(
        Video, models.CASCADE, related_name="borders", verbose_name=_("video")
    )
    kind = models.CharField(_("what"), max_length=16, choices=BorderKind)
    at_ms = models.PositiveIntegerField(_("time (ms)"))
    before = models.TextField(_("word before"), blank=True)
    after = models.TextField(_("word after"), blank=True)

    class Meta:
        verbose_name = _("border of lines or scenes")
        verbose_name_plural = _("borders of lines and scenes")
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at_ms}"


class UncorrectedTranscript(models.Model):
    """The lines of a video before any correction, which undoing all corrections brings back to the byte.

    It is there from the first correction on, and made anew with the video's scenes. `cues` is written and read by
    `mediakit.text.stored_cues`; `scenes` are [text, tags] in order; `suggestions` are id: [title, sentence,
    description]. `scene_rows` are the other columns of the scenes, kept from the first border of scenes on.
    """

    video = models.OneToOneField(
        Video, models.CASCADE, primary_key=True, related_name="uncorrected"
    )
    cues = models.JSONField()
    scenes = models.JSONField()
    suggestions = models.JSONField()
    scene_rows = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.video_id)
