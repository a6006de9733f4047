"""How the database is connected to."""

import select

import pytest
from django.db import InternalError, connection, transaction

PATIENCE_S = 30


@pytest.mark.services
@pytest.mark.usefixtures("on_postgres")
def test_a_process_that_halts_in_a_transaction_loses_its_locks():
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("10s",)
        cursor.execute("SET idle_in_transaction_session_timeout = '50ms'")

    with pytest.raises(InternalError, match="idle-in-transaction"):
        _halt_with_a_lock()


@transaction.atomic
def _halt_with_a_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        is_readable, _, _ = select.select([connection.connection.fileno()], [], [], PATIENCE_S)
        assert is_readable  # that it is over
        cursor.execute("SELECT 1")
