"""What the small jobs beside a video's own processing share: reading its screen, ranking, word times."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from videos.choices import ACTIVE_SIDE_JOB, SideJobStatus


class SideJob(Job):
    """A job for one video that nobody waits for. It is made in one stage; the owner is the video's, for a fair order.

    A model of it adds `video`, or a property of that name, and `side_job_constraints`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("owner")
    )
    status = models.CharField(
        _("status"),
        max_length=16,
        choices=SideJobStatus,
        default=SideJobStatus.PENDING,
        editable=False,
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The video's title."""
        return str(self.video.title)  # type: ignore[attr-defined]

    @property
    def stage_text(self) -> str:
        """Empty: it is made in one stage."""
        return ""

    @property
    def is_active(self) -> bool:
        """Whether it is pending or under way."""
        return self.status in ACTIVE_SIDE_JOB


def side_job_constraints(*, known: str, claimed: str) -> list[models.BaseConstraint]:
    """Return the constraints of a side job, by these names: its status is one, and it is claimed while processing."""
    return [
        models.CheckConstraint(name=known, condition=Q(status__in=SideJobStatus.values)),
        models.CheckConstraint(
            name=claimed,
            condition=Q(status=SideJobStatus.PROCESSING, claim_token__isnull=False)
            | (~Q(status=SideJobStatus.PROCESSING) & Q(claim_token__isnull=True)),
        ),
    ]
