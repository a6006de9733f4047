"""What people do with suggestions: keep, dismiss, take that back. Pages and API answer suggestions in no other way."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from accounts.models import User
from core.errors import HeimdexError
from videos.choices import SuggestionBasis, SuggestionState
from videos.clips.services import ClipState, create_clip
from videos.clips.word_edges import with_quiet_ends
from videos.errors import VideoCode
from videos.models import Clip, Suggestion, Video
from videos.queries import as_uuid


def get_suggestion(
    user: User | AnonymousUser, video_id: uuid.UUID | str, suggestion_id: uuid.UUID | str
) -> Suggestion:
    """A suggestion of the user's own video, with the video loaded; SUGGESTION_NOT_FOUND otherwise."""
    video, key = as_uuid(video_id), as_uuid(suggestion_id)
    rows = Suggestion.objects.visible_to(user).select_related("video")
    row = rows.filter(video=video, pk=key).first() if video and key else None
    if row is None:
        raise HeimdexError(VideoCode.SUGGESTION_NOT_FOUND)
    return row


@transaction.atomic
def accept(user: User, suggestion: Suggestion) -> tuple[Clip, bool]:
    """Make a clip of a suggestion; returns it, and whether it is new. The clip of an earlier call is returned again.

    Raises SUGGESTION_NOT_FOUND if it was replaced meanwhile, and what `create_clip` raises.
    """
    row = _locked(suggestion)
    if before := _clip_of(row):
        _answer(row, SuggestionState.ACCEPTED)
        return before, False
    ranges = [_span_of(row)]
    clip = create_clip(user, row.video, ClipState(row.shown_title, ranges))
    row.clip_id = clip.pk
    _answer(row, SuggestionState.ACCEPTED)
    return clip, True


@transaction.atomic
def dismiss(suggestion: Suggestion) -> Suggestion:
    """Put a suggestion aside; a clip that was made of it stays. Raises SUGGESTION_NOT_FOUND."""
    return _answer(_locked(suggestion), SuggestionState.DISMISSED)


@transaction.atomic
def restore(suggestion: Suggestion) -> Suggestion:
    """Take a dismissal back. Raises SUGGESTION_NOT_FOUND."""
    row = _locked(suggestion)
    return _answer(row, SuggestionState.ACCEPTED if _clip_of(row) else SuggestionState.OPEN)


def set_learning(user: User, *, learns: bool) -> None:
    """Say whether the user's suggestions are ordered by what they kept and dismissed."""
    User.objects.filter(pk=user.pk).update(learns_suggestions=learns)
    user.learns_suggestions = learns


def _locked(suggestion: Suggestion) -> Suggestion:
    """The row with its video locked first, in the order in which processing locks them."""
    Video.objects.select_for_update(no_key=True).filter(pk=suggestion.video_id).first()
    row = Suggestion.objects.select_related("video").filter(pk=suggestion.pk).first()
    if row is None:
        raise HeimdexError(VideoCode.SUGGESTION_NOT_FOUND)
    return row


def _span_of(row: Suggestion) -> tuple[int, int]:
    """Its span with the ends in the quiet beside its words; one without words stays as it is."""
    span = (row.start_ms, row.end_ms)
    return with_quiet_ends(row.video, span) if row.basis == SuggestionBasis.WORDS else span


def _clip_of(row: Suggestion) -> Clip | None:
    """The clip that was made of it, unless it was deleted."""
    return row.video.clips.not_deleted().filter(pk=row.clip_id).first() if row.clip_id else None


def _answer(row: Suggestion, state: SuggestionState) -> Suggestion:
    row.state = state
    row.save(update_fields=["state", "clip_id"])
    return row
