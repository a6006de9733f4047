"""An upload that becomes a video."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


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
            models.Index(fields=["owner"], condition=Q(finished_at=None), name="upload_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(
                name="upload_offset_inside", condition=Q(offset_bytes__lte=F("size_bytes"))
            )
        ]

    def __str__(self) -> str:
        return self.filename
