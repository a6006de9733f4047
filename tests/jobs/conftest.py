"""Jobs are tested with real commits on both databases."""

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def database(request: pytest.FixtureRequest) -> str:
    """The test runs once on SQLite and once on PostgreSQL; it also needs `django_db(transaction=True)`."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
    return str(request.param)
