"""What is heard is stored when it is heard, for whoever goes on."""

import uuid

import pytest

from jobs import killpoints, lease
from jobs.lease import LeaseLostError
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.transcript import Word
from tests.factories import VideoFactory
from videos import lifecycle
from videos.choices import VideoStatus
from videos.models import TranscriptPiece, Video
from videos.transcripts.piece_store import PieceStore

pytestmark = pytest.mark.django_db

WORDS = (
    Word(0, 400, "Sure\0", probability=0.9),
    Word(400, 800, "guessed", estimated=True),
    Word(800, 900, "written"),
)
FIRST = HeardPiece(0, 10_000, "en", WORDS)
SECOND = HeardPiece(10_000, 21_000, "", ())


@pytest.fixture
def claim() -> lease.Claim[Video]:
    VideoFactory(pending=True)
    claim = lease.claim_next(Video)
    assert claim is not None
    return claim


def test_pieces_come_back_in_order_as_they_were_heard(claim):
    store = PieceStore(claim)
    assert store.add(SECOND)
    assert store.add(FIRST)
    first, second = PieceStore(claim).load()
    assert first.words == (Word(0, 400, "Sure", probability=0.9), *WORDS[1:])
    assert (first.start_ms, first.end_ms, first.language) == (0, 10_000, "en")
    assert second == SECOND


def test_the_row_says_how_far_it_was_heard(claim):
    PieceStore(claim).add(FIRST)
    claim.row.refresh_from_db()
    assert claim.row.heard_ms == 10_000


def test_a_piece_is_there_before_the_worker_may_die(claim, monkeypatch):
    seen: list[int] = []
    monkeypatch.setattr(
        killpoints, "hooks", [lambda _point: seen.append(TranscriptPiece.objects.count())]
    )
    PieceStore(claim).add(FIRST)
    assert seen == [1]


def test_a_piece_that_is_stored_twice_is_there_once(claim):
    PieceStore(claim).add(FIRST)
    PieceStore(claim).add(FIRST)
    assert TranscriptPiece.objects.count() == 1


def test_a_worker_that_lost_its_claim_stores_nothing(claim):
    Video.objects.filter(pk=claim.row.pk).update(claim_token=uuid.uuid4())
    with pytest.raises(LeaseLostError):
        PieceStore(claim).add(FIRST)
    assert not TranscriptPiece.objects.exists()


def test_a_person_can_end_the_hearing(claim):
    store = PieceStore(claim)
    assert store.add(FIRST) is True
    Video.objects.filter(pk=claim.row.pk).update(hearing_stopped=True)
    assert store.add(SECOND) is False
    assert TranscriptPiece.objects.count() == 2  # it was heard, so it is kept


def fail(claim: lease.Claim[Video]) -> Video:
    lease.write(claim, status="failed", claim_token=None, hearing_stopped=True)
    return Video.objects.get(pk=claim.row.pk)


def test_after_a_failure_the_next_run_goes_on(claim):
    PieceStore(claim).add(FIRST)
    video = fail(claim)
    assert lifecycle.restart(video, language_wanted=video.language_wanted)
    video.refresh_from_db()
    assert (video.heard_ms, video.hearing_stopped) == (10_000, False)
    assert video.pieces.count() == 1


@pytest.mark.parametrize("columns", [{"language_wanted": "fr"}, {"transcript_wanted": "service"}])
def test_what_was_heard_otherwise_is_forgotten(claim, columns):
    PieceStore(claim).add(FIRST)
    video = fail(claim)
    assert lifecycle.restart(video, **columns)
    video.refresh_from_db()
    assert video.heard_ms is None
    assert not video.pieces.exists()


def test_what_was_heard_of_a_range_is_not_taken_for_the_whole(claim):
    lease.write(claim, range_to_hear={"start_ms": 60_000, "end_ms": 90_000, "language": ""})
    PieceStore(claim).add(HeardPiece(59_000, 70_000, "en", ()))
    video = fail(claim)
    assert lifecycle.restart(video)  # the range is heard on
    assert TranscriptPiece.objects.exists()
    Video.objects.update(status=VideoStatus.FAILED)
    video.refresh_from_db()
    assert lifecycle.restart(video, range_to_hear=None)
    assert not TranscriptPiece.objects.exists()
