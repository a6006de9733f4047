"""The export dialog of a clip."""

import pytest

from exports.models import Export
from tests.exports.web.test_dialog import as_sent
from tests.exports.web.test_views import HTMX, url, words
from tests.factories import VideoFactory
from videos.clips.services import ClipState, create_clip

pytestmark = pytest.mark.django_db


def test_a_clip_is_exported_with_its_ranges_title_and_the_options_of_its_last_export(
    client, me, clip_info
):
    options = {"aspect_ratio_strategy": "blur", "captions": "karaoke", "overlays": {"hook": "Hi"}}
    ranges = [(60_000, 61_000), (62_000, 64_000)]
    video = VideoFactory.create(owner=me, title="A talk", probe=clip_info.to_json())
    clip = create_clip(me, video, ClipState("My clip", ranges, options))
    address = url("dialog_for_clip", clip)

    page = client.get(address)
    answer = client.post(address, as_sent(page) | {"quality": "medium"}, headers=HTMX)

    assert "“My clip” of A talk" in words(page)
    export = Export.objects.get()
    assert (export.title, export.ranges) == ("My clip", [list(part) for part in ranges])
    assert (export.aspect_ratio_strategy, export.output_quality) == ("blur", "medium")
    assert export.look is not None
    assert (export.captions, export.look["overlays"]["hook"]) == ("karaoke", "Hi")
    assert answer.headers["HX-Trigger"] == "exports-changed, clips-changed"
    clip.refresh_from_db()
    assert (clip.options["output_quality"], clip.version) == ("medium", 2)
    assert as_sent(client.get(address))["quality"] == "medium"
