"""What a search is narrowed by, as the scope of a query."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from core.days import end_of, start_of
from mediakit.search_text.folding import fold
from videos.models import Video
from videos.search.candidates import Scope
from videos.search.entries import screen_label, speaker_label, tag_label

# What `Filters.where` may be, besides "" for both.
SAID, SCREEN = "said", "screen"


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions of videos and scenes; what is empty or None narrows nothing.

    `after` and `before` are days in the current time zone on which the video was added, both included. Lengths are
    those of the video, in ms. `language` is a code of the transcript; "en" includes "en-GB". `tag` is a key term
    of the scene, `video_tag` a tag that the person gave to the video. `where` is SAID or SCREEN.
    """

    video_id: UUID | None = None
    after: date | None = None
    before: date | None = None
    shortest_ms: int | None = None
    longest_ms: int | None = None
    language: str = ""
    speaker: str = ""
    tag: str = ""
    video_tag: str = ""
    where: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is narrowed."""
        return self != Filters()

    def scope(self, owner_id: int) -> Scope:
        """Return the scope of a query of this user."""
        labels = [speaker_label(self.speaker)] if self.speaker else []
        labels += [tag_label(self.tag)] if self.tag else []
        labels += [screen_label()] if self.where == SCREEN else []
        condition = self._of_videos()
        videos = Video.objects.filter(condition, owner_id=owner_id) if condition else None
        return Scope(owner_id, self.video_id, videos, tuple(labels), is_said=self.where == SAID)

    def _of_videos(self) -> Q:
        condition = Q()
        if self.after:
            condition &= Q(created_at__gte=start_of(self.after))
        if self.before:
            condition &= Q(created_at__lt=end_of(self.before))
        if self.shortest_ms is not None:
            condition &= Q(duration_ms__gte=self.shortest_ms)
        if self.longest_ms is not None:
            condition &= Q(duration_ms__lte=self.longest_ms)
        if self.language:
            code = self.language
            condition &= Q(transcript_language=code) | Q(transcript_language__startswith=f"{code}-")
        if self.video_tag:
            condition &= Q(tags__key=fold(self.video_tag.strip()))
        return condition
