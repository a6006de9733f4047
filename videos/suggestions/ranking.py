"""Having a video's suggestions ranked and titled by a service, where its owner asks for it: what it costs, the job, and
what its answer changes. Besides `jobs.lease`, only this module writes `SuggestionRanking`.

pending -> processing -> completed | failed        completed | failed -> pending (asked for again)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import formats

from accounts.models import User
from core.errors import HeimdexError
from core.throttles import Throttle
from jobs import lease
from jobs.lease import Claim
from mediakit.remote.clip_ranking import MAX_CLIPS, RankedClip, Tokens, needed_tokens, rank_clips
from mediakit.text.transcript import Word
from videos.choices import SideJobStatus, SuggestionBasis, SuggestionState
from videos.errors import VideoCode
from videos.models import Suggestion, SuggestionRanking, Video
from videos.transcripts.suggestion_titles import Span, title_of, words_in

DAY_S = 24 * 3600
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class RankingOffer:
    """What a ranking would send, to whom, and what it costs; `price` is None where no prices are set."""

    model: str
    host: str
    clip_count: int
    request_tokens: int
    answer_tokens: int
    price: Decimal | None
    currency: str

    @property
    def request_text(self) -> str:
        """The request's tokens as a number with grouped digits."""
        return formats.number_format(self.request_tokens, force_grouping=True)

    @property
    def answer_text(self) -> str:
        """The answer's tokens as a number with grouped digits."""
        return formats.number_format(self.answer_tokens, force_grouping=True)

    @property
    def price_text(self) -> str:
        """The price with its currency, rounded up to 1/1000."""
        if self.price is None:
            return ""
        rounded = self.price.quantize(Decimal("0.001"), rounding=ROUND_UP)
        return f"{formats.number_format(rounded)} {self.currency}"


@dataclass(frozen=True, slots=True)
class ClipWords:
    """A suggestion and its words, with times from its start in ms."""

    row: Suggestion
    words: Sequence[Word]

    @property
    def texts(self) -> list[str]:
        """The words alone."""
        return [word.text for word in self.words]


def is_on() -> bool:
    """Whether a service that ranks suggestions is set up."""
    return bool(settings.RANKING_API_URL)


def ranking_offer(video: Video) -> RankingOffer | None:
    """What having the video's suggestions ranked would take; None where that is not possible."""
    clips = _clips_of(video) if is_on() else []
    if len(clips) < 2:
        return None
    tokens = needed_tokens([clip.texts for clip in clips])
    return RankingOffer(
        model=settings.RANKING_API_MODEL,
        host=urlsplit(settings.RANKING_API_URL).hostname or "",
        clip_count=len(clips),
        request_tokens=tokens.request,
        answer_tokens=tokens.answer,
        price=_price(tokens),
        currency=settings.RANKING_CURRENCY,
    )


def _price(tokens: Tokens) -> Decimal | None:
    request, answer = settings.RANKING_REQUEST_PRICE, settings.RANKING_ANSWER_PRICE
    if request is None or answer is None:
        return None
    return (request * tokens.request + answer * tokens.answer) / MILLION


def _clips_of(video: Video) -> list[ClipWords]:
    """The first MAX_CLIPS suggestions with words that were not dismissed, in the order of the rules."""
    rows = video.suggestions.filter(basis=SuggestionBasis.WORDS)
    found = list(rows.exclude(state=SuggestionState.DISMISSED).order_by("rank")[:MAX_CLIPS])
    words = words_in(video.pk, [(row.start_ms, row.end_ms) for row in found])
    clips = (ClipWords(row, words[row.start_ms, row.end_ms]) for row in found)
    return [clip for clip in clips if clip.words]


def ranking_of(video: Video, rows: Iterable[Suggestion]) -> SuggestionRanking | None:
    """The ranking of a video with these suggestions; not looked for where there can be none."""
    if not is_on() and all(row.ranked_place is None for row in rows):
        return None
    return SuggestionRanking.objects.filter(video=video).first()


def request_ranking(user: User, video: Video) -> SuggestionRanking:
    """Queue a ranking of the user's video; the one that is under way is returned again.

    Raises RANKING_OFF, RANKING_EMPTY, and THROTTLED beyond so many a day, since each may cost money.
    """
    if not is_on():
        raise HeimdexError(VideoCode.RANKING_OFF)
    if len(_clips_of(video)) < 2:
        raise HeimdexError(VideoCode.RANKING_EMPTY)
    with transaction.atomic():
        Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
        values = {"owner_id": video.owner_id, "queued_at": Now()}
        row, is_new = SuggestionRanking.objects.get_or_create(video=video, defaults=values)
        if row.is_active and not is_new:
            return row
        Throttle("rankings", limit=settings.RANKINGS_PER_DAY, window_s=DAY_S).check(user.pk)
        SuggestionRanking.objects.filter(pk=row.pk).update(
            status=SideJobStatus.PENDING,
            queued_at=Now(),
            model=settings.RANKING_API_MODEL,
            attempts=0,
            progress=0,
            error_code="",
            error_params={},
            tool_output="",
        )
    row.refresh_from_db()
    return row


def ask_service(
    claim: Claim[SuggestionRanking], *, should_stop: Callable[[], bool]
) -> list[tuple[ClipWords, RankedClip]]:
    """Ask about the claimed row's video; no row is written. Raises RankingServiceError and StoppedError."""
    clips = _clips_of(claim.row.video)
    if len(clips) < 2 or not is_on():
        return []
    ranked = rank_clips(
        [clip.texts for clip in clips],
        url=settings.RANKING_API_URL,
        key=settings.RANKING_API_KEY,
        model=settings.RANKING_API_MODEL,
        timeout_s=settings.REMOTE_TIMEOUT_S,
        should_stop=should_stop,
    )
    return [(clips[each.clip], each) for each in ranked]


@transaction.atomic
def finish(claim: Claim[SuggestionRanking], ranked: Sequence[tuple[ClipWords, RankedClip]]) -> None:
    """Save order and titles. LeaseLostError changes nothing: also where the suggestions were made again meanwhile."""
    video_id = claim.row.video_id
    # Locked first, in the order in which processing locks them.
    Video.objects.select_for_update(no_key=True).filter(pk=video_id).first()
    lease.write(claim, status=SideJobStatus.COMPLETED, claim_token=None, progress=100)
    _clear(video_id)
    spans = [_title_span(clip, choice) for clip, choice in ranked]
    words = words_in(video_id, [span for span in spans if span])
    for place, ((clip, _), span) in enumerate(zip(ranked, spans, strict=True)):
        Suggestion.objects.filter(pk=clip.row.pk).update(
            ranked_place=place,
            ranked_title_ms=list(span) if span else None,
            ranked_title=title_of(words[span]) if span else "",
        )


def _title_span(clip: ClipWords, choice: RankedClip) -> Span | None:
    """When the title's words are said, in ms of the video; None without a title."""
    if choice.title is None:
        return None
    first, last = (clip.words[at] for at in choice.title)
    return clip.row.start_ms + first.start_ms, clip.row.start_ms + last.end_ms


@transaction.atomic
def remove_ranking(video: Video) -> None:
    """Go back to order and titles by the rules; a ranking that is under way ends without an effect."""
    Video.objects.select_for_update(no_key=True).filter(pk=video.pk).first()
    SuggestionRanking.objects.filter(video=video).delete()
    _clear(video.pk)


def _clear(video_id: UUID) -> None:
    none: Mapping[str, object] = {"ranked_place": None, "ranked_title": "", "ranked_title_ms": None}
    Suggestion.objects.filter(video_id=video_id).update(**none)
