"""Every test of search runs with real commits on SQLite and on PostgreSQL."""

import pytest


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)], autouse=True
)
def database(request: pytest.FixtureRequest) -> str:
    """The database of the test, which also needs `django_db(transaction=True)`."""
    if request.param == "postgresql":
        request.getfixturevalue("on_postgres")
    return str(request.param)
