"""Locks by name, held until the transaction ends. On SQLite write transactions are serial, so they are free."""

from django.db import connection


def try_advisory_lock(name: str) -> bool:
    """Try to take the lock of that name; false when another process holds it."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])


def advisory_lock(name: str) -> None:
    """Take the lock of that name, after whoever holds it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
