"""Days as ranges of time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from core.days import end_of, start_of


def test_a_day_is_that_of_the_current_time_zone():
    with timezone.override(ZoneInfo("Asia/Seoul")):
        assert start_of(date(2026, 5, 4)) == datetime(2026, 5, 3, 15, tzinfo=UTC)
        assert end_of(date(2026, 5, 4)) == datetime(2026, 5, 4, 15, tzinfo=UTC)


def test_days_at_the_ends_of_the_calendar_are_moments_in_every_time_zone():
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        with timezone.override(ZoneInfo(zone)):
            assert start_of(date.min).astimezone(UTC) < end_of(date.max).astimezone(UTC)
