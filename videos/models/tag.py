"""The tags that a person gives to videos."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from videos.models.video import Video

MAX_TAG_CHARS = 50


class VideoTag(models.Model):
    """One tag of one video. A person's tags are those that their videos have.

    Not to be confused with `Scene.tags`, the key terms of a scene, which are found in its words. `key` is the name
    without case and accents: two names with the same key are the same tag.
    """

    video = models.ForeignKey(Video, models.CASCADE, related_name="tags", verbose_name=_("video"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(_("tag"), max_length=MAX_TAG_CHARS)
    key = models.CharField(max_length=4 * MAX_TAG_CHARS)  # folding may make a letter longer

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["key"]
        indexes = [models.Index(fields=["owner", "key", "video"], name="video_tag_owner")]
        constraints = [models.UniqueConstraint(name="video_tag_once", fields=["video", "key"])]

    def __str__(self) -> str:
        return self.name
