"""How the database is connected to."""

import select

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

TIMEOUT_S = 30


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
        is_readable, _, _ = select.select([connection.connection.fileno()], [], [], TIMEOUT_S)
        assert is_readable  # that it is over
        cursor.execute("SELECT 1")


@pytest.mark.services
@pytest.mark.usefixtures("on_postgres")
def test_a_migration_may_compute_for_longer_between_two_queries(monkeypatch: pytest.MonkeyPatch):
    options = {**connection.settings_dict["OPTIONS"]}
    options["options"] = "-c idle_in_transaction_session_timeout=50ms"
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    connection.close()
    computed = []

    @transaction.atomic
    def compute(*_args: object, **_more: object) -> ProjectState:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            ended, _, _ = select.select([connection.connection.fileno()], [], [], 0.5)
            computed.append(bool(ended))
            cursor.execute("SELECT 1")
        return ProjectState()

    monkeypatch.setattr(MigrationExecutor, "migrate", compute)
    call_command("migrate", "sessions", verbosity=0)

    assert computed == [False]
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("50ms",)
