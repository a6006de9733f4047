"""Shapes in the export dialog: one is an export, several are a batch."""

import pytest
from django.urls import reverse

from exports.models import Batch, Export
from tests.exports.web.test_dialog import filled
from tests.exports.web.test_views import HTMX, url, words
from tests.factories import SceneFactory, VideoFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(me, clip_info):
    video = VideoFactory.create(
        owner=me, title="A talk", duration_ms=240_000, probe=clip_info.to_json()
    )
    return SceneFactory.create(video=video, index=2, start_ms=60_000, end_ms=105_740)


def test_a_short_in_several_shapes_is_a_batch(client, scene):
    page = client.get(url("dialog", scene), headers=HTMX).content.decode()
    for words_of in ('value="9:16"', "1080 × 1350 · Instagram, LinkedIn", "As the video"):
        assert words_of in page

    wanted = filled(framing='{"two_people": "crop"}') | {"aspect_ratios": ["9:16", "1:1", "source"]}
    answer = client.post(url("dialog", scene), wanted, headers=HTMX)
    again = client.post(url("dialog", scene), wanted)

    batch = Batch.objects.get()
    exports = list(batch.exports.order_by("batch_number"))
    assert [export.aspect_ratio for export in exports] == ["9:16", "1:1", "source"]
    assert {(export.framing or {})["pair"] for export in exports} == {"crop"}
    assert batch.name_template == "{nn} {title} {ratio}"
    assert "0 of 3 ready" in words(answer)
    assert again["Location"] == reverse("exports:batch", args=[batch.pk])
    one = client.post(url("dialog", scene), filled() | {"aspect_ratios": ["4:5"]}, headers=HTMX)
    assert "4:5" in words(one)
    assert Export.objects.filter(batch=None).get().aspect_ratio == "4:5"
    refused = client.post(url("dialog", scene), filled() | {"aspect_ratios": ["3:2"]})
    assert refused.status_code == 422
