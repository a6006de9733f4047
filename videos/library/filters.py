"""What a library is narrowed to: the same conditions for the page and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q

from core.days import end_of, start_of
from videos.choices import NO_TRANSCRIPT, VideoStatus
from videos.library.tags import tag_key
from videos.models import Video, VideoQuerySet, VideoTag

MAX_TAGS_ASKED = 5
SHORT_IS_READY = "completed"  # a value of exports.choices.ExportStatus, which lies above this app


@dataclass(frozen=True, slots=True)
class LibraryFilters:
    """Conditions of videos; what is empty or None narrows nothing.

    `words` are in the title. A video has all of `tags`. `after` and `before` are days in the current time zone on which
    it was added, both included. Lengths are in ms. `has_shorts` is about finished Shorts that its owner has not
    deleted; expired ones count.
    """

    words: str = ""
    statuses: Sequence[str] = ()
    tags: Sequence[str] = ()
    language: str = ""
    has_transcript: bool | None = None
    has_shorts: bool | None = None
    after: date | None = None
    before: date | None = None
    shortest_ms: int | None = None
    longest_ms: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything is narrowed."""
        return self != LibraryFilters()

    def apply(self, videos: VideoQuerySet) -> VideoQuerySet:
        """The videos to which all conditions apply."""
        for name in self.tags[:MAX_TAGS_ASKED]:
            having = VideoTag.objects.filter(video=OuterRef("pk"), key=tag_key(name))
            videos = videos.filter(Exists(having))
        if self.has_transcript is not None:
            has_words = ~Q(transcript_source__in=NO_TRANSCRIPT)
            videos = videos.filter(has_words if self.has_transcript else ~has_words)
            videos = videos.filter(status=VideoStatus.READY)
        if self.has_shorts is not None:
            having_some = Exists(
                Video.objects.filter(
                    pk=OuterRef("pk"), exports__status=SHORT_IS_READY, exports__deleted_at=None
                )
            )
            videos = videos.filter(having_some if self.has_shorts else ~having_some)
        return videos.filter(self._of_columns())

    def _of_columns(self) -> Q:
        condition = Q()
        if self.words:
            condition &= Q(title__icontains=self.words)
        if self.statuses:
            condition &= Q(status__in=self.statuses)
        if code := self.language:
            condition &= Q(transcript_language=code) | Q(transcript_language__startswith=f"{code}-")
        bounds = {
            "created_at__gte": self.after and start_of(self.after),
            "created_at__lt": self.before and end_of(self.before),
            "duration_ms__gte": self.shortest_ms,
            "duration_ms__lte": self.longest_ms,
        }
        for lookup, bound in bounds.items():
            if bound is not None:
                condition &= Q((lookup, bound))
        return condition
