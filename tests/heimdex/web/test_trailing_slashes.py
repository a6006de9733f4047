"""An address with a slash too many leads to the one without, by any method."""

import pytest
from django.test import Client

from tests.factories import VideoFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/v1/videos/", "/v1/videos"),
        ("/v1/exports/?page=2&status=a%20b", "/v1/exports?page=2&status=a%20b"),
        ("/v1/videos/1/export-short/", "/v1/videos/1/export-short"),
        ("/uploads/", "/uploads"),
        ("/upload/", "/upload"),
        ("/health/ready/", "/health/ready"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "patch"])
def test_it_leads_to_the_address_without(client: Client, path: str, target: str, method: str):
    answer = getattr(client, method)(path)

    assert (answer.status_code, answer["Location"]) == (308, target)


def test_a_page_of_an_object_too(client: Client):
    video = VideoFactory()

    assert client.get(f"/videos/{video.pk}/")["Location"] == f"/videos/{video.pk}"


@pytest.mark.parametrize("path", ["/nothing/", "/v1/nothing/here/", "//evil.example/", "/v1//"])
def test_where_nothing_is_stays_a_404(client: Client, path: str):
    answer = client.get("/", PATH_INFO=path)

    assert (answer.status_code, answer.get("Location")) == (404, None)


def test_addresses_that_end_in_a_slash_are_left_alone(client: Client):
    assert client.get("/").status_code == 302
    assert client.get("/admin/").status_code == 302
    assert "/admin/login/" in client.get("/admin/")["Location"]
