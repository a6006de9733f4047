"""Clips: what a person decided to keep of a video, and every state it had."""

import uuid

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mediakit.cutting.cut_time import Span, kept_ms
from videos.choices import ClipAction
from videos.models.video import Video


class ClipQuerySet(models.QuerySet["Clip"]):
    """Reads of clips."""

    def visible_to(self, user: User | AnonymousUser) -> "ClipQuerySet":
        """The clips of the user's own videos."""
        return self.not_deleted().filter(video__owner_id=user.pk, video__deleted_at=None)

    def not_deleted(self) -> "ClipQuerySet":
        """All but those whose deletion can still be undone."""
        return self.filter(deleted_at=None)


class Clip(models.Model):
    """Kept ranges of a video with a title, and what an export of them is asked for.

    `ranges` are [[start_ms, end_ms], ...], in order and without overlap. `options` are the fields of the API's
    `export-short` as they were sent. `version` grows with every change of these three; `position` (from 0) orders the
    clips of a video and may be shared for a moment. A deleted clip keeps its row for a while, so that deleting can be
    undone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="clips", verbose_name=_("video"))
    # Outlives the scene on purpose.
    scene_id = models.UUIDField(_("scene"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=255)
    ranges = models.JSONField(_("kept ranges"))
    options = models.JSONField(_("options"), default=dict, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, editable=False)

    objects = ClipQuerySet.as_manager()

    class Meta:
        verbose_name = _("clip")
        verbose_name_plural = _("clips")
        ordering = ["position", "created_at", "id"]
        indexes = [
            models.Index(fields=["video", "position", "created_at", "id"], name="clip_video_order"),
            models.Index(fields=["-created_at", "-id"], name="clip_created"),
        ]
        constraints = [
            models.CheckConstraint(name="clip_version_counts", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def kept_ranges(self) -> tuple[Span, ...]:
        """The ranges in ms."""
        return tuple((start_ms, end_ms) for start_ms, end_ms in self.ranges)

    @property
    def start_ms(self) -> int:
        """Where it begins in the video."""
        return self.kept_ranges[0][0]

    @property
    def end_ms(self) -> int:
        """Where it ends in the video."""
        return self.kept_ranges[-1][1]

    @property
    def duration_ms(self) -> int:
        """Its kept time."""
        return kept_ms(self.kept_ranges)


class ClipChange(models.Model):
    """One state of a clip: the one after the change that made this version. Old ones are dropped, newest are kept."""

    clip = models.ForeignKey(Clip, models.CASCADE, related_name="changes", verbose_name=_("clip"))
    version = models.PositiveIntegerField(_("version"))
    action = models.CharField(_("what"), max_length=16, choices=ClipAction)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("who")
    )
    changed_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)
    title = models.CharField(_("title"), max_length=255)
    ranges = models.JSONField(_("kept ranges"))
    options = models.JSONField(_("options"), default=dict, blank=True)

    class Meta:
        verbose_name = _("change of a clip")
        verbose_name_plural = _("changes of clips")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(name="clip_change_version_once", fields=["clip", "version"]),
        ]

    def __str__(self) -> str:
        return f"{self.clip_id} {self.version}"
