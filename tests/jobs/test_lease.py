"""Taking, keeping and giving back rows, with real threads and real commits on both databases."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction

from jobs import lease
from jobs.advisory_lock import try_advisory_lock
from jobs.clock import database_now
from jobs.lease import Claim, LeaseLostError, LeaseRenewer
from tests.factories import UserFactory, VideoFactory
from videos.choices import VideoStatus
from videos.models import Video

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("database")]

WAIT_S = 20


@pytest.fixture
def fast(settings) -> None:
    """Heartbeats as often as the renewer writes at all."""
    settings.JOB_HEARTBEAT_S = 0.05


@pytest.fixture(autouse=True)
def _not_stopping():
    lease.stopping.clear()
    yield
    lease.stopping.clear()


def _claimed() -> Claim[Video]:
    VideoFactory(pending=True)
    claim = lease.claim_next(Video)
    assert claim is not None
    return claim


def _in_threads(count: int, work: Callable[[], None]) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        try:
            barrier.wait(WAIT_S)
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
        assert not thread.is_alive()


def _until(check: Callable[[], bool]) -> None:
    """Wait for something another thread does; the test's own time limit ends it when it never happens."""
    pause = threading.Event()
    while not check():
        pause.wait(0.02)


def test_a_claim_takes_the_row_and_counts():
    VideoFactory(pending=True, stage="probe", progress=40, error_code="TOOL_FAILED")

    claim = lease.claim_next(Video)

    assert claim is not None
    row = Video.objects.get()
    assert (row.status, row.claim_token, row.attempts) == (VideoStatus.PROCESSING, claim.token, 1)
    assert (row.stage, row.progress, row.error_code) == ("", 0, "")
    assert row.heartbeat_at is not None
    assert abs(row.heartbeat_at - database_now()) < timedelta(minutes=1)
    assert claim.row.claim_token == claim.token


@pytest.mark.parametrize("state", [{"processing": True}, {"failed": True}, {}], ids=str)
def test_only_a_waiting_row_can_be_taken(state: dict[str, bool]):
    VideoFactory(**state)

    assert lease.claim_next(Video) is None


def test_of_many_workers_one_gets_the_row():
    VideoFactory(pending=True)
    claims: list[Claim[Video] | None] = []

    _in_threads(8, lambda: claims.append(lease.claim_next(Video)))

    winners = [claim for claim in claims if claim]
    assert len(claims) == 8
    assert len(winners) == 1
    row = Video.objects.get()
    assert (row.attempts, row.claim_token) == (1, winners[0].token)


def test_many_workers_share_many_rows():
    rows = [VideoFactory(pending=True).pk for _ in range(6)]
    taken: list[uuid.UUID] = []

    def work() -> None:
        while claim := lease.claim_next(Video):
            taken.append(claim.row.pk)

    _in_threads(3, work)

    assert Counter(taken) == dict.fromkeys(rows, 1)


def test_only_the_holder_writes():
    claim = _claimed()
    lease.write(claim, progress=50)
    assert Video.objects.get().progress == 50

    Video.objects.update(claim_token=uuid.uuid4())

    with pytest.raises(LeaseLostError):
        lease.write(claim, progress=60)
    assert Video.objects.get().progress == 50


def test_a_deleted_row_is_a_lost_lease():
    claim = _claimed()
    Video.objects.all().delete()

    with pytest.raises(LeaseLostError):
        lease.write(claim, progress=60)


def test_a_row_that_comes_back_keeps_its_place_in_the_line():
    first, _later = VideoFactory.create_batch(2, pending=True, owner=UserFactory())
    claim = lease.claim_next(Video)
    assert claim is not None
    lease.release(claim)

    again = lease.claim_next(Video)

    assert again is not None
    assert again.row.pk == first.pk


@pytest.mark.parametrize(("give_back", "attempts"), [(False, 1), (True, 0)])
def test_a_released_row_waits_again(give_back: bool, attempts: int):
    claim = _claimed()

    lease.release(claim, refund_attempt=give_back)

    row = Video.objects.get()
    assert (row.status, row.claim_token, row.attempts) == (VideoStatus.PENDING, None, attempts)
    with pytest.raises(LeaseLostError):
        lease.release(claim)
    again = lease.claim_next(Video)
    assert again is not None
    assert again.row.attempts == attempts + 1


def test_silent_rows(settings):
    at = database_now()
    long_ago, lately = at - timedelta(seconds=settings.JOB_LEASE_S + 1), at - timedelta(seconds=1)
    dead = VideoFactory(processing=True, heartbeat_at=long_ago)
    VideoFactory(pending=True, queued_at=long_ago)
    VideoFactory(processing=True, heartbeat_at=lately, queued_at=long_ago)
    VideoFactory(pending=True, queued_at=lately)
    VideoFactory(heartbeat_at=long_ago, queued_at=long_ago)
    VideoFactory(failed=True, heartbeat_at=long_ago, queued_at=long_ago)

    assert set(lease.expired_leases(Video, at=at)) == {dead}


def _silent_video(settings) -> Video:
    long_ago = database_now() - timedelta(seconds=settings.JOB_LEASE_S + 1)
    return VideoFactory(processing=True, heartbeat_at=long_ago, claim_token=uuid.uuid4())


def test_of_many_sweepers_one_takes_up_a_row(settings):
    video = _silent_video(settings)
    requeued: list[Video] = []

    _in_threads(4, lambda: requeued.extend(lease.sweep(Video).requeued))

    assert requeued == [video]
    assert Video.objects.get().status == VideoStatus.PENDING


def test_a_row_that_is_put_back_waits_again_without_its_old_stage(settings):
    """Whether its worker was lost or handed it back; a row that nobody has begun with only waits."""
    lost = _silent_video(settings)
    Video.objects.filter(pk=lost.pk).update(
        stage="scenes", progress=60, started_at=database_now(), attempts=1
    )
    lease.sweep(Video)
    lost.refresh_from_db()
    fresh = VideoFactory(pending=True)

    assert (lost.stage, lost.progress, lost.is_put_back) == ("", 0, True)
    assert not fresh.is_put_back

    claim = lease.claim_next(Video)
    assert claim is not None
    assert not claim.row.is_put_back
    lease.release(claim, refund_attempt=True)
    claim.row.refresh_from_db()
    assert (claim.row.stage, claim.row.is_put_back) == ("", True)


def test_the_sweep_skips_a_row_that_is_locked(settings, database):
    video = _silent_video(settings)
    swept: list[lease.SweepResult[Video]] = []
    if database == "sqlite":
        return  # there, a writer keeps everybody else waiting

    with transaction.atomic():
        Video.objects.select_for_update().get(pk=video.pk)
        _in_threads(1, lambda: swept.append(lease.sweep(Video)))

    assert swept == [lease.SweepResult()]


@pytest.mark.services
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_finds_another_sweeping_hears_it_and_can_ask_again(settings):
    video = _silent_video(settings)
    swept: list[lease.SweepResult[Video]] = []

    with transaction.atomic():
        assert try_advisory_lock("sweep Video")
        _in_threads(1, lambda: swept.append(lease.sweep(Video)))
    _in_threads(1, lambda: swept.append(lease.sweep(Video)))

    assert [(one.is_busy, one.requeued) for one in swept] == [(True, ()), (False, (video,))]


def test_a_drain_takes_every_waiting_row():
    rows = {VideoFactory(pending=True).pk for _ in range(3)}
    later = database_now() + timedelta(minutes=1)
    VideoFactory(pending=True, queued_at=later)
    done: list[uuid.UUID] = []

    assert lease.drain(Video, lambda claim: done.append(claim.row.pk)) == 3

    assert set(done) == rows


def test_a_drain_ends_when_the_process_stops():
    VideoFactory.create_batch(2, pending=True)

    assert lease.drain(Video, lambda _claim: lease.stopping.set()) == 1


def test_a_row_that_is_handed_back_for_later_is_not_due():
    claim = _claimed()

    lease.release(claim, after_s=30)

    assert lease.claim_next(Video) is None
    row = Video.objects.get()
    assert row.queued_at is not None
    assert timedelta(seconds=25) < row.queued_at - database_now() <= timedelta(seconds=30)


def test_many_rows_of_one_person_do_not_stand_before_the_first_of_another():
    busy, other = UserFactory(), UserFactory()
    VideoFactory.create_batch(6, pending=True, owner=busy)
    first = lease.claim_next(Video)
    VideoFactory(pending=True, owner=other, queued_at=database_now())

    assert first is not None
    assert first.row.owner_id == busy.pk
    order = [claim.row.owner_id for claim in iter(lambda: lease.claim_next(Video), None)]

    assert order == [other.pk, *[busy.pk] * 5]


def test_people_with_waiting_rows_take_turns():
    people = [UserFactory() for _ in range(3)]
    for person in people:
        VideoFactory.create_batch(3, pending=True, owner=person)
    order = []
    for _ in range(9):
        claim = lease.claim_next(Video)
        assert claim is not None
        order.append(claim.row.owner_id)
        lease.write(claim, status=VideoStatus.READY, claim_token=None)

    assert [set(order[at : at + 3]) for at in (0, 3, 6)] == [{p.pk for p in people}] * 3


@pytest.mark.usefixtures("fast")
def test_a_renewer_beats_and_tells_progress():
    claim = _claimed()
    first = Video.objects.get().heartbeat_at

    with LeaseRenewer(claim) as renewer:
        renewer.report("transcript", 41.7)
        _until(lambda: Video.objects.get().progress == 41)
        renewer.report("scenes", 250)
        _until(lambda: Video.objects.get().stage == "scenes")
        assert not renewer.should_stop()
        renewer.check()

    row = Video.objects.get()
    assert row.progress == 100
    assert row.heartbeat_at is not None
    assert first is not None
    assert row.heartbeat_at > first


@pytest.mark.usefixtures("fast")
def test_a_renewer_notices_a_lost_lease():
    claim = _claimed()

    with LeaseRenewer(claim) as renewer:
        Video.objects.update(status=VideoStatus.PENDING, claim_token=None)
        _until(renewer.should_stop)
        with pytest.raises(LeaseLostError):
            renewer.check()

    assert Video.objects.get().status == VideoStatus.PENDING


def test_a_process_that_stops_tells_its_work():
    with LeaseRenewer(_claimed()) as renewer:
        assert not renewer.should_stop()
        lease.stopping.set()
        assert renewer.should_stop()
        renewer.check()  # the lease itself still stands, so the row can be handed back


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_for_a_moment_costs_nothing(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
):
    claim = _claimed()
    failures = iter(range(2))
    write, failed = lease.write, threading.Event()

    def away(claim: Claim[Video], **changes: object) -> None:
        if next(failures, None) is not None:
            failed.set()
            raise error("the database is restarting")
        write(claim, **changes)

    monkeypatch.setattr(lease, "write", away)
    with LeaseRenewer(claim) as renewer:
        renewer.report("scenes", 70)
        assert failed.wait(WAIT_S)
        _until(lambda: Video.objects.get().progress == 70)
        assert not renewer.should_stop()


@pytest.mark.usefixtures("fast")
def test_a_renewer_ends_with_its_block_whatever_happens():
    renewer = LeaseRenewer(_claimed())

    def work() -> None:
        with renewer:
            raise RuntimeError("the work failed")

    with pytest.raises(RuntimeError, match="the work failed"):
        work()

    assert not renewer._thread.is_alive()
