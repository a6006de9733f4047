"""Storage tests run on local files and on a real S3 server."""

import pytest


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.services)])
def anywhere(request: pytest.FixtureRequest) -> str:
    """The test runs once on local files and once on S3."""
    if request.param == "s3":
        request.getfixturevalue("on_s3")
    return str(request.param)
