"""The short form of `tests.security.fuzz`: requests that the API's schema allows, and requests that it does not."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from tests.security.environment import make_api_seed
from tests.security.fuzz import fuzz


@pytest.mark.no_cover
@pytest.mark.django_db(transaction=True)
def test_no_request_made_from_the_description_breaks_it():
    seed = make_api_seed()

    report = fuzz(WSGIHandler(), token=seed.plain_token, ids=seed.path_ids, examples=4)

    assert not report.wrong, "\n".join(report.wrong)
    assert report.cases > 100, report
    assert {200, 404} <= set(report.statuses), report
