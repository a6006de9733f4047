"""The database's clock, which decides leases, limits and expiry.

The clocks of web and worker machines differ; the rows that they share need one time.
"""

from datetime import datetime

from django.db import connection
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive


def database_now() -> datetime:
    """Return the database's current time, aware and in UTC.

    Costs one query, so a caller takes it once and passes it on as `at`.
    """
    if connection.vendor == "sqlite":
        sql = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
    else:
        sql = "SELECT statement_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        value = cursor.fetchone()[0]
    now = parse_datetime(value) if isinstance(value, str) else value
    if now is None or is_naive(now):
        raise TypeError(f"the database answered {value!r} to a query for the time")
    return now
