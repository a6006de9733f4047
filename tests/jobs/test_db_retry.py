"""A database that is away for a moment."""

import pytest
from django.db import InterfaceError, OperationalError, transaction

from jobs import db_retry
from jobs.db_retry import retry_on_db_loss

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(db_retry, "RETRY_PAUSE_S", 0.01)


def _failing(times: int, error: type[Exception]):
    left = iter(range(times))
    calls = []

    def action() -> str:
        calls.append(1)
        if next(left, None) is not None:
            raise error("away")
        return "done"

    return action, calls


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_it_is_tried_until_the_database_is_back(error):
    action, calls = _failing(3, error)
    assert retry_on_db_loss(action) == "done"
    assert len(calls) == 4


def test_it_ends_with_the_lease(settings):
    settings.JOB_LEASE_S = 0.05
    action, _calls = _failing(1000, OperationalError)
    with pytest.raises(OperationalError):
        retry_on_db_loss(action)


def test_other_errors_are_not_the_databases():
    action, calls = _failing(1, ValueError)
    with pytest.raises(ValueError, match="away"):
        retry_on_db_loss(action)
    assert len(calls) == 1


def test_a_part_of_a_transaction_is_not_repeated():
    action, calls = _failing(1, OperationalError)
    with pytest.raises(OperationalError), transaction.atomic():
        retry_on_db_loss(action)
    assert len(calls) == 1
