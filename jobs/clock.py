"""One clock for leases, limits and expiry: the database's.

Web and worker machines disagree about the time; the rows they share must not.
"""

from datetime import datetime

from django.db import connection
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive


def database_now() -> datetime:
    """The database's time now, aware, in UTC. One query; take it once and pass it on as `at`."""
    if connection.vendor == "sqlite":
        sql = "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"
    else:
        sql = "SELECT statement_timestamp()"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        value = cursor.fetchone()[0]
    now = parse_datetime(value) if isinstance(value, str) else value
    if now is None or is_naive(now):
        raise TypeError(f"the database answered {value!r} when asked for the time")
    return now
