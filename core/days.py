"""Days of people as ranges of time, which indexes serve."""

from datetime import date, datetime, timedelta

from django.utils import timezone

# Nobody was here before and nobody will be after, and both have neighbours in every time zone.
FIRST, LAST = date(1900, 1, 1), date(9000, 1, 1)


def start_of(day: date) -> datetime:
    """The first moment of a day in the current time zone; of FIRST or LAST for a day beyond them."""
    day = min(max(day, FIRST), LAST)
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())


def end_of(day: date) -> datetime:
    """The first moment of the day after."""
    return start_of(min(day, LAST) + timedelta(days=1))
