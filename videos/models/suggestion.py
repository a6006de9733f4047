"""Suggested clips of a video, as they were found when it was processed."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from videos.choices import SuggestionBasis, SuggestionReason, SuggestionState
from videos.models.video import Video


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Reads of suggestions."""

    def visible_to(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """The suggestions of the user's own videos."""
        return self.filter(video__owner_id=user.pk, video__deleted_at=None)


class Suggestion(models.Model):
    """A range of a video that stands on its own, and what its owner answered.

    Title, description, `hashtags` and the carrying `sentence` are made from its words, and empty without any. `rank`
    orders the suggestions of a video from 0, the best. They are made again with the video's scenes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    video = models.ForeignKey(
        Video, models.CASCADE, related_name="suggestions", verbose_name=_("video")
    )
    rank = models.PositiveSmallIntegerField(_("rank"))
    start_ms = models.PositiveIntegerField(_("start (ms)"))
    end_ms = models.PositiveIntegerField(_("end (ms)"))
    score = models.FloatField(_("score"))
    basis = models.CharField(_("made from"), max_length=8, choices=SuggestionBasis)
    reasons = models.JSONField(_("reasons"), default=list)
    # What each signal adds to the score, by its code; empty without words.
    signals = models.JSONField(_("signals"), default=dict, editable=False)
    title = models.CharField(_("title"), max_length=255, blank=True)
    sentence = models.TextField(_("carrying sentence"), blank=True)
    description = models.TextField(_("description"), blank=True)
    hashtags = models.JSONField(_("hashtags"), default=list)
    state = models.CharField(
        _("answer"), max_length=16, choices=SuggestionState, default=SuggestionState.OPEN
    )
    # The clip that keeping it made; it may have been deleted since.
    clip_id = models.UUIDField(_("clip"), null=True, editable=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["video", "rank"]
        constraints = [
            models.UniqueConstraint(name="suggestion_rank_once", fields=["video", "rank"]),
            models.CheckConstraint(
                name="suggestion_span_ordered", condition=Q(end_ms__gt=F("start_ms"))
            ),
            models.CheckConstraint(
                name="suggestion_state_known", condition=Q(state__in=SuggestionState.values)
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.video_id} {self.start_ms}-{self.end_ms} ms"

    @property
    def duration_ms(self) -> int:
        """Its length in ms."""
        return self.end_ms - self.start_ms

    @property
    def sentence_beside_title(self) -> str:
        """The carrying sentence, empty where the title is that sentence but for its end."""
        return "" if self.sentence.rstrip(".。") == self.title else self.sentence

    @property
    def reasons_in_words(self) -> list[str]:
        """The reasons in the reader's language, the strongest first; those of another release are left out."""
        return [
            str(SuggestionReason(code).label) for code in self.reasons if code in SuggestionReason
        ]
