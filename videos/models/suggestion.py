"""Suggested clips of a video, as they were found when it was processed."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from jobs.models import JobAttempt
from videos.choices import SuggestionBasis, SuggestionReason, SuggestionState
from videos.models.side_job import SideJob, side_job_constraints
from videos.models.video import Video

# The order of one video's suggestions.
BEST_FIRST = (F("ranked_place").asc(nulls_last=True), "rank")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    """Reads of suggestions."""

    def visible_to(self, user: User | AnonymousUser) -> "SuggestionQuerySet":
        """The suggestions of the user's own videos."""
        return self.filter(video__owner_id=user.pk, video__deleted_at=None)


class Suggestion(models.Model):
    """A range of a video that stands on its own, and what its owner answered.

    Title, description, `hashtags` and the carrying `sentence` are made from its words, and empty without any. `rank`
    orders the suggestions of a video from 0, the best. They are made again with the video's scenes. Where a service
    has ranked them (`SuggestionRanking`), its order goes before, and its title is the words of `ranked_title_ms`.
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
    ranked_place = models.PositiveSmallIntegerField(
        _("place in the service's order"), null=True, editable=False
    )
    ranked_title = models.CharField(
        _("title by the service"),
        max_length=255,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    # [start, end] of the title's words in ms, so that it follows what is corrected.
    ranked_title_ms = models.JSONField(null=True, editable=False)
    # The clip that keeping it made; it may have been deleted since.
    clip_id = models.UUIDField(_("clip"), null=True, editable=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering = ["video", *BEST_FIRST]
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
        return self.shown_title or f"{self.video_id} {self.start_ms}-{self.end_ms} ms"

    @property
    def shown_title(self) -> str:
        """The title in use; empty without words."""
        return self.ranked_title or self.title

    @property
    def duration_ms(self) -> int:
        """Its length in ms."""
        return self.end_ms - self.start_ms

    @property
    def sentence_beside_title(self) -> str:
        """The carrying sentence, empty where the title is that sentence but for its end."""
        return "" if self.sentence.rstrip(".。") == self.shown_title else self.sentence

    @property
    def reasons_in_words(self) -> list[str]:
        """The reasons in the reader's language, the strongest first; those of another release are left out."""
        return [
            str(SuggestionReason(code).label) for code in self.reasons if code in SuggestionReason
        ]


class SuggestionRanking(SideJob):
    """The job of having a video's suggestions ranked and titled by a service. Only `videos.suggestions.ranking` and
    `jobs.lease` write it. It ends with the suggestions that it ranks.
    """

    video = models.OneToOneField(
        Video, models.CASCADE, related_name="suggestion_ranking", verbose_name=_("video")
    )
    model = models.CharField(_("model"), max_length=100, editable=False)

    class Meta(SideJob.Meta):
        verbose_name = _("ranking of suggestions")
        verbose_name_plural = _("rankings of suggestions")
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="ranking_status")]
        constraints = side_job_constraints(
            known="ranking_status_known", claimed="ranking_claimed_iff_processing"
        )


class RankingAttempt(JobAttempt):
    """One attempt at having a video's suggestions ranked."""

    job = models.ForeignKey(SuggestionRanking, models.CASCADE, related_name="attempt_history")
