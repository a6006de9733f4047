"""The transcripts of a video, as they were read or heard."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.choices import TranscriptSource
from videos.models.video import Video


class Transcript(models.Model):
    """The words of a video from one source. Nobody edits them: what was read or heard is never lost.

    `Video.transcript` is the one in use; the video's scenes and cues are made from it. `cues` is written and read by
    `mediakit.text.stored_cues`. One with a captions file (`file_key`) may have no cues yet: the file is read when the
    transcript is used, and again in another encoding when that is asked for.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.ForeignKey(
        Video, models.CASCADE, related_name="transcripts", verbose_name=_("video")
    )
    source = models.CharField(_("transcript source"), max_length=16, choices=TranscriptSource)
    language = models.CharField(_("language"), max_length=16, blank=True)
    # The name of the captions file.
    label = models.CharField(_("file name"), max_length=255, blank=True)
    file_key = models.CharField(max_length=512, blank=True, editable=False)
    encoding = models.CharField(max_length=32, blank=True, editable=False)
    # SHA-256 of the captions file, or of the cues: the same words are kept once.
    digest = models.CharField(max_length=64, editable=False)
    cue_count = models.PositiveIntegerField(_("lines"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    cues = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(name="transcript_once", fields=["video", "digest"]),
        ]

    def __str__(self) -> str:
        return self.label or str(self.get_source_display())
