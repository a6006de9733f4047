"""How many Shorts a person may ask for, and which ranges make one."""

from datetime import timedelta

import pytest

from core.errors import HeimdexError
from exports import policy
from exports.errors import ExportCode
from tests.exports.conftest import NOON
from tests.factories import ExportFactory, UserFactory, VideoFactory
from videos.models import Video

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def taken(user, *hours_ago: float, **state):
    return [
        ExportFactory(video__owner=user, owner=user, place_taken_at=NOON - hours * HOUR, **state)
        for hours in hours_ago
    ]


def test_the_quota_counts_a_sliding_window(person, settings):
    settings.EXPORT_LIMIT = 3
    taken(person, 25, 24, 23, 2)

    now = policy.quota(person, at=NOON)

    assert (now.limit, now.used, now.free, now.next_free_at) == (3, 2, 1, None)


def test_the_next_slot_is_free_when_the_oldest_export_leaves_the_window(person, settings):
    settings.EXPORT_LIMIT = 2
    taken(person, 23, 5)

    now = policy.quota(person, at=NOON)

    assert (now.free, now.next_free_at) == (0, NOON + HOUR)


def test_a_lowered_limit_waits_for_more_than_one(settings):
    user = UserFactory(export_limit=1)
    taken(user, 23, 20, 5)

    now = policy.quota(user, at=NOON)

    assert (now.limit, now.used, now.free) == (1, 3, 0)
    assert now.next_free_at == NOON + 19 * HOUR
    policy.check_quota(user, at=NOON + 19 * HOUR)


@pytest.mark.parametrize("state", [{"failed": True}, {"cancelled": True}])
def test_failed_and_cancelled_exports_free_their_slot(person, settings, state):
    settings.EXPORT_LIMIT = 1
    taken(person, 1, **state)

    assert policy.quota(person, at=NOON).free == 1


@pytest.mark.parametrize(
    "state", [{}, {"processing": True}, {"completed": True}, {"expired": True}]
)
def test_exports_in_other_states_keep_their_slot(person, settings, state):
    settings.EXPORT_LIMIT = 1
    taken(person, 1, **state)

    assert policy.quota(person, at=NOON).free == 0


def test_a_deleted_finished_export_still_counts(person, settings):
    settings.EXPORT_LIMIT = 1
    taken(person, 1, completed=True, deleted_at=NOON)

    assert policy.quota(person, at=NOON).free == 0


def test_other_people_do_not_count(person):
    taken(UserFactory(), 1)

    assert policy.quota(person, at=NOON).used == 0


def test_refusal_says_how_long_to_wait(person, settings):
    settings.EXPORT_LIMIT = 1
    taken(person, 20.75)

    with pytest.raises(HeimdexError) as caught:
        policy.check_quota(person, at=NOON)

    error = caught.value
    assert (error.code, error.status) == (ExportCode.EXPORT_LIMIT_EXCEEDED, 429)
    assert error.details == {"limit": 1, "current_count": 1, "hours_until_reset": 3.25}
    assert error.headers == {"Retry-After": "11700"}
    assert "The next place is free in 3 hours 15 minutes." in error.message


def test_limit_zero_forbids_exports():
    user = UserFactory(export_limit=0)

    with pytest.raises(HeimdexError) as caught:
        policy.check_quota(user, at=NOON)

    assert caught.value.message == "Your account may not start exports."
    assert caught.value.details["hours_until_reset"] == 24
    assert policy.quota(user, at=NOON).next_free_at is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 minute"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (3660, "1 hour 1 minute"),
        (86_340, "23 hours 59 minutes"),
    ],
)
def test_waiting_time_in_words(seconds, text):
    assert policy.wait_text(seconds) == text


@pytest.mark.parametrize(
    ("start_ms", "end_ms", "code"),
    [
        (2_000, 1_000, "SPAN_REVERSED"),
        (1_000, 1_000, "SPAN_REVERSED"),
        (-1, 5_000, "SPAN_OUTSIDE_VIDEO"),
        (0, 300_001, "SPAN_OUTSIDE_VIDEO"),
        (400_000, 401_000, "SPAN_OUTSIDE_VIDEO"),
        (0, 180_001, "SCENE_TOO_LONG"),
        (0, 499, "SPAN_TOO_SHORT"),
    ],
)
def test_ranges_that_make_no_short(start_ms, end_ms, code):
    with pytest.raises(HeimdexError) as caught:
        policy.check_span(Video(duration_ms=300_000), start_ms, end_ms)

    assert caught.value.code.name == code
    assert "…" not in caught.value.message


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, 180_000), (120_000, 300_000), (7, 507)])
def test_ranges_at_the_bounds(start_ms, end_ms):
    policy.check_span(Video(duration_ms=300_000), start_ms, end_ms)


def test_too_long_says_how_long():
    with pytest.raises(HeimdexError) as caught:
        policy.check_span(Video(duration_ms=300_000), 0, 180_001)

    assert caught.value.details == {"scene_duration_s": 180.001, "max_duration_s": 180}
    assert "at most 180 seconds long; this range is 180.001 seconds" in caught.value.message


@pytest.mark.parametrize("state", ["pending", "processing", "failed"])
def test_only_a_ready_video_can_be_exported(state):
    with pytest.raises(HeimdexError, match="VIDEO_NOT_READY"):
        policy.check_video(VideoFactory(**{state: True}))
