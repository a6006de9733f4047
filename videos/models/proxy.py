"""A small copy of a video for playing."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from videos.choices import ProxyStatus
from videos.models.video import Video


class Proxy(Job):
    """The playback proxy of a video that not every browser plays, and the job of making it.

    `height` is the picture's in px. Only `videos.proxies.lifecycle` and `jobs.lease` write `status`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.OneToOneField(
        Video, models.CASCADE, related_name="proxy", verbose_name=_("video")
    )
    # The video's, for the fair order of jobs.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    status = models.CharField(
        _("status"), max_length=16, choices=ProxyStatus, default=ProxyStatus.PENDING, editable=False
    )
    file_key = models.CharField(max_length=512, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size (bytes)"), null=True, editable=False)
    height = models.PositiveIntegerField(_("height (px)"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("playback proxy")
        verbose_name_plural = _("playback proxies")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="proxy_status_heartbeat")]
        constraints = [
            models.CheckConstraint(
                name="proxy_status_known", condition=Q(status__in=ProxyStatus.values)
            ),
            models.CheckConstraint(
                name="proxy_claimed_iff_processing",
                condition=Q(status=ProxyStatus.PROCESSING, claim_token__isnull=False)
                | (~Q(status=ProxyStatus.PROCESSING) & Q(claim_token__isnull=True)),
            ),
            models.CheckConstraint(
                name="proxy_ready_iff_file",
                condition=(Q(status=ProxyStatus.READY) & ~Q(file_key=""))
                | (~Q(status=ProxyStatus.READY) & Q(file_key="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The video's title."""
        return self.video.title

    @property
    def stage_text(self) -> str:
        """Empty: it is made in one stage."""
        return ""

    @property
    def is_ready(self) -> bool:
        """Whether it can be played."""
        return self.status == ProxyStatus.READY

    @property
    def is_active(self) -> bool:
        """Whether it is pending or being made."""
        return self.status in {ProxyStatus.PENDING, ProxyStatus.PROCESSING}
