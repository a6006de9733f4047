"""The rows of a video's suggestions: making them from what is known of the video, and keeping what was answered."""

import math
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.suggestions import preferences
from mediakit.suggestions.material import VERSION, FaceSighting, Material, Reason
from mediakit.suggestions.preferences import Answer
from mediakit.suggestions.selection import overlap
from mediakit.suggestions.suggest import Look, suggest, suggest_by_openings
from videos.choices import SuggestionState, VideoStatus
from videos.models import Cue, ShotAnalysis, SoundLevels, Suggestion, SuggestionRanking, Video
from videos.policy import storable
from videos.transcripts.rows import timed_cue

# A new suggestion that shares this much with one that was answered is the same one.
SAME_SHARE = 0.7
MAX_ANSWERS = 500  # that are learned from


def new_rows(
    video: Video,
    cues: Iterable[Cue],
    *,
    duration_ms: int,
    language: str,
    shots_ms: Sequence[int],
    levels: LoudnessIndex,
    dark_ms: Sequence[int] = (),
    still_ms: Sequence[tuple[int, int]] = (),
    look: Look | None = None,
) -> tuple[Suggestion, ...]:
    """Return the suggestions of a video, not saved. `dark_ms` and `still_ms` are as in `Material`.

    `look` says what times open on, as in `suggest_by_openings`; without it only these tell.
    """
    material = Material(
        duration_ms=duration_ms,
        cues=[timed_cue(cue) for cue in cues],
        language=language,
        shots_ms=shots_ms,
        levels=levels,
        faces=_known_faces(video),
        dark_ms=dark_ms,
        still_ms=still_ms,
    )
    max_ms = settings.SUGGESTION_MAX_S * 1000
    found = (
        suggest_by_openings(material, look, max_ms=max_ms)
        if look
        else suggest(material, max_ms=max_ms)
    )
    return tuple(
        Suggestion(
            video=video,
            rank=rank,
            start_ms=each.start_ms,
            end_ms=each.end_ms,
            score=each.score,
            basis=each.basis.value,
            reasons=[reason.value for reason in each.reasons],
            signals={reason.value: part for reason, part in each.signals.items()},
            title=storable(each.title)[:255],
            sentence=storable(each.sentence),
            description=storable(each.description),
            hashtags=[storable(tag) for tag in each.hashtags],
        )
        for rank, each in enumerate(found)
    )


def replace(video_id: UUID, rows: Sequence[Suggestion]) -> None:
    """Save the suggestions of a video in place of earlier ones, in the transaction of the change that calls for it.

    One that was answered before keeps its answer; a service's order and titles go.
    """
    present = Suggestion.objects.filter(video_id=video_id)
    answered = list(present.exclude(state=SuggestionState.OPEN))
    for row in rows:
        for before in answered:
            if _share(row, before) >= SAME_SHARE:
                row.state, row.clip_id = before.state, before.clip_id
    present.delete()
    SuggestionRanking.objects.filter(video_id=video_id).delete()
    Suggestion.objects.bulk_create(rows)


def learned_changes(owner: User) -> dict[Reason, float]:
    """By what share each signal changes for the owner, from their latest answers; empty where they switched it off."""
    if not owner.learns_suggestions:
        return {}
    rows = Suggestion.objects.visible_to(owner).exclude(state=SuggestionState.OPEN)
    latest = rows.order_by("-video__created_at", "rank").values_list("signals", "state")
    return preferences.learned_changes(
        [
            Answer(_by_reason(signals), is_kept=state == SuggestionState.ACCEPTED)
            for signals, state in latest[:MAX_ANSWERS]
            if signals
        ]
    )


def ordered(rows: Iterable[Suggestion], changes: Mapping[Reason, float]) -> list[Suggestion]:
    """Suggestions of one video, the best first, with the scores that they have for their owner.

    Those that a service ranked come first, in its order.
    """
    found = list(rows)
    for row in found:
        if row.signals and changes:
            row.score = preferences.adjusted_score(row.score, _by_reason(row.signals), changes)

    def place(row: Suggestion) -> tuple[float, float, int]:
        ranked = math.inf if row.ranked_place is None else row.ranked_place
        return ranked, -row.score if changes else 0, row.rank

    return sorted(found, key=place)


def _by_reason(signals: Mapping[str, float]) -> dict[Reason, float]:
    """Stored signals; those of another release are left out."""
    return {Reason(code): part for code, part in signals.items() if code in set(Reason)}


def without_suggestions() -> QuerySet[Video]:
    """Ready videos whose suggestions were never made, or by earlier rules, the newest first."""
    ready = Video.objects.filter(status=VideoStatus.READY, suggestions_version__lt=VERSION)
    return ready.order_by("-created_at")


def suggest_for_earlier(*, limit: int) -> int:
    """Make the suggestions of up to `limit` videos of an earlier release; returns how many videos there were.

    They are made before the transaction, and dropped if the video was processed again meanwhile.
    """
    videos = list(without_suggestions()[:limit])
    for video in videos:
        rows = _from_rows(video)
        with transaction.atomic():
            same = Video.objects.filter(
                pk=video.pk, status=VideoStatus.READY, ready_at=video.ready_at
            )
            if same.update(suggestions_version=VERSION):
                replace(video.pk, rows)
    return len(videos)


def _from_rows(video: Video) -> tuple[Suggestion, ...]:
    """Return the suggestions of a video from what its rows say."""
    levels = SoundLevels.objects.filter(video=video).first()
    return new_rows(
        video,
        Cue.objects.filter(video=video).order_by("index"),
        duration_ms=video.duration_ms or 0,
        language=video.transcript_language,
        shots_ms=video.shots_ms,
        levels=LoudnessIndex(bytes(levels.blocks), levels.track) if levels else LoudnessIndex(),
    )


def _known_faces(video: Video) -> list[FaceSighting]:
    """Return what the shot analyses of the video found, one sample for each time."""
    found: dict[int, bool] = {}
    rows = ShotAnalysis.objects.filter(video=video).exclude(detector="").order_by("pk")
    for samples in rows.values_list("data__samples", flat=True):
        found.update((time_ms, bool(faces)) for time_ms, faces in samples or ())
    return [FaceSighting(time_ms, seen=seen) for time_ms, seen in sorted(found.items())]


def _share(first: Suggestion, second: Suggestion) -> float:
    return overlap((first.start_ms, first.end_ms), (second.start_ms, second.end_ms))
