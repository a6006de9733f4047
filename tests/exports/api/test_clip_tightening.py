"""Tightening through the API: seen first, taken as a version, and brought back."""

import pytest

from exports.captions.styles import cues_for_ranges
from tests.factories import CueFactory, UserFactory, VideoFactory
from tests.mediakit.tightening.spoken_talk import flat_index
from videos.clips.first_words import first_words
from videos.clips.services import ClipState, create_clip
from videos.models import Clip, SpeechLevels

pytestmark = pytest.mark.django_db
LENGTH_MS = 120_000
# "today", a pause of a second, "um", "we", "we", "go": each 300 ms, 200 ms apart.
SAID_MS = [(1_000, 1_300), (2_300, 2_600), (2_800, 3_100), (3_300, 3_600), (3_800, 4_100)]


@pytest.fixture
def cut(person, clip_info) -> Clip:
    probe = {**clip_info.to_json(), "duration_ms": LENGTH_MS}
    video = VideoFactory(owner=person, probe=probe, transcript_language="en")
    words = [
        [*span, text] for span, text in zip(SAID_MS, ["today", "um", "we", "we", "go"], strict=True)
    ]
    CueFactory(video=video, start_ms=1_000, end_ms=4_100, text="today um we we go", words=words)
    SpeechLevels.objects.create(video=video, steps=flat_index(SAID_MS, LENGTH_MS).steps)
    return create_clip(person, video, ClipState("Mine", [(960, 4_140)]))


def address(cut: Clip) -> str:
    return f"/v1/clips/{cut.pk}/tighten"


def test_what_would_go_is_said_with_times_and_reasons(api, cut):
    body = api.get(address(cut)).json()
    found = [(cut["kind"], cut["start_s"], cut["end_s"], cut["text"]) for cut in body["cuts"]]
    assert found == [
        ("pause", 1.45, 2.15, ""),
        ("filler", 2.26, 2.76, "um"),
        ("repeat", 2.76, 3.26, "we"),
    ]
    assert body["totals"] == [
        {"kind": "pause", "count": 1, "saved_s": 0.7},
        {"kind": "filler", "count": 1, "saved_s": 0.5},
        {"kind": "repeat", "count": 1, "saved_s": 0.5},
    ]
    cut.refresh_from_db()
    assert (body["version"], cut.version) == (1, 1)
    assert len(api.get(f"{address(cut)}?speed=fast").json()["cuts"]) == 4
    assert api.get(f"{address(cut)}?speed=warp").status_code == 422


def test_it_is_taken_as_a_version_that_can_be_undone(api, cut):
    body = api.post(
        address(cut), {"version": 1, "kinds": ["pause", "filler"]}, format="json"
    ).json()
    kept = [(part["start_s"], part["end_s"]) for part in body["ranges"]]
    assert kept == [(0.96, 1.45), (2.15, 2.26), (2.76, 4.14)]
    history = api.get(f"/v1/clips/{cut.pk}/history").json()["results"]
    assert [change["action"] for change in history] == ["tightened", "created"]
    api.post(f"/v1/clips/{cut.pk}/restore", {"to": 1, "version": 2}, format="json")
    cut.refresh_from_db()
    assert cut.kept_ranges == ((960, 4_140),)
    stale = api.post(address(cut), {"version": 1}, format="json")
    assert (stale.status_code, stale.json()["error_code"]) == (409, "CLIP_CHANGED")


def test_a_word_that_is_said_to_last_through_a_pause_stays_in_the_captions(api, cut):
    cue = cut.video.cues.get()
    cue.words[0][1] = 2_300  # "today" until "um"
    cue.save()
    api.post(address(cut), {"version": 1}, format="json")
    cut.refresh_from_db()
    captions = cues_for_ranges(cut.video, cut.kept_ranges)
    assert [cue.text for cue in captions] == ["today we go"]
    assert first_words(cut.video, cut.kept_ranges) == "today we go"


def test_without_measured_sound_nothing_is_guessed(api, cut):
    SpeechLevels.objects.update(steps=b"")
    assert api.get(address(cut)).json()["error_code"] == "NO_SOUND"
    SpeechLevels.objects.all().delete()
    for answer in (api.get(address(cut)), api.post(address(cut), {"version": 1}, format="json")):
        assert (answer.status_code, answer.json()["error_code"]) == (409, "SOUND_NOT_MEASURED")


def test_another_persons_clip_is_missing(api, cut):
    cut.video.owner = UserFactory()
    cut.video.save()
    assert api.get(address(cut)).status_code == 404
    assert api.post(address(cut), {"version": 1}, format="json").status_code == 404
