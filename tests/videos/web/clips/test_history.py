"""The history of a clip: what each change did, and back to any state."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS as SOURCES
from videos.clips import services
from videos.clips.services import ClipState
from videos.models import Clip

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(person) -> Clip:
    probe = SOURCES["25"].to_json()
    video = VideoFactory(owner=person, probe=probe, duration_ms=probe["duration_ms"])
    made = services.create_clip(person, video, ClipState("First", [(1_000, 5_000)]))
    changes = [
        ClipState("Second", [(1_000, 3_000), (4_000, 4_960)]),
        ClipState(ranges=[(1_000, 3_000), (4_000, 5_000)]),
        ClipState(ranges=[(2_000, 5_000)], options={"captions": "karaoke"}),
    ]
    for version, state in enumerate(changes, 1):
        services.change_clip(person, made.pk, state, based_on=version)
    return made


def test_each_change_says_what_it_did(browser, clip):
    page = browser.get(reverse("videos:clip_history", args=[clip.pk]), headers=HTMX)

    entries = page.context["entries"]
    assert [entry.what for entry in entries] == [
        ("other parts of the same length", "framing, captions or sound"),
        ("0.04 s longer",),
        ("renamed: “Second”", "1.0 s shorter"),
        (),
    ]
    assert [entry.is_now for entry in entries] == [True, False, False, False]
    assert page.content.decode().count("Bring back") == 3


def test_any_state_comes_back_as_the_newest_one(browser, clip):
    url = reverse("videos:restore_clip", args=[clip.pk])

    answer = browser.post(url, {"to": 1, "version": 4}, headers=HTMX)

    clip.refresh_from_db()
    assert (clip.title, clip.ranges, clip.version) == ("First", [[1_000, 5_000]], 5)
    assert "clips-changed" in answer["HX-Trigger"]
    assert answer.context["entries"][0].change.action == "restored"

    late = browser.post(url, {"to": 2, "version": 4}, headers=HTMX)
    assert "changed elsewhere" in late.content.decode()
    assert browser.post(url, {"to": "x"}, headers=HTMX).status_code == 200
    clip.refresh_from_db()
    assert clip.version == 5


def test_other_peoples_clips_have_no_history(client, clip):
    client.force_login(UserFactory())
    for name in ("clip_history", "restore_clip"):
        assert client.post(reverse(f"videos:{name}", args=[clip.pk])).status_code in {404, 405}
    assert client.get(reverse("videos:clip_history", args=[clip.pk])).status_code == 404
