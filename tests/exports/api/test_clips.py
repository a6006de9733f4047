"""Clips through the API: kept, changed without losing a change, brought back, exported."""

import uuid

import pytest

from exports.models import Export
from tests.exports.api_requests import refused
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from videos.clips import services
from videos.models import Clip, ClipChange, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person, clip_info) -> Video:
    made = VideoFactory(owner=person, probe={**clip_info.to_json(), "duration_ms": 120_000})
    CueFactory(video=made, start_ms=1_000, end_ms=4_000, text="Three small words.")
    return made


def ranges(*spans: tuple[float, float]) -> list[dict[str, float]]:
    return [{"start_s": start, "end_s": end} for start, end in spans]


def make(api, video, **more):
    body = {"video_id": str(video.pk), "ranges": ranges((1, 4), (6, 9)), **more}
    return api.post("/v1/clips", body, format="json")


def change(api, clip_id, **body):
    return api.patch(f"/v1/clips/{clip_id}", body, format="json")


def test_a_clip_is_kept_with_its_options(api, video):
    answer = make(api, video, captions="karaoke", aspect_ratio_strategy="blur")

    body = answer.json()
    assert (answer.status_code, answer["Location"].rpartition("/")[2]) == (201, body["id"])
    assert body["title"] == "Three small words."
    assert (body["version"], body["position"], body["duration_s"]) == (1, 0, 6)
    assert (body["captions"], body["aspect_ratio_strategy"]) == ("karaoke", "blur")
    assert "output_quality" not in body
    assert api.get(f"/v1/clips/{body['id']}").json() == body
    assert api.get("/v1/clips").json()["results"] == [body]


def test_a_clip_of_a_scene(api, video):
    scene = SceneFactory(video=video)

    body = make(api, video, scene_id=str(scene.pk), title="  My  cut ").json()

    assert (body["scene_id"], body["title"]) == (str(scene.pk), "My cut")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (ranges((4, 1)), "RANGE_REVERSED"),
        (ranges((1, 4), (3, 9)), "RANGES_OVERLAP"),
        (ranges((1, 4), (119, 121)), "RANGE_OUTSIDE_VIDEO"),
        (ranges((1, 4), (5, 5.05)), "RANGE_TOO_SHORT"),
        (ranges(*((at / 2, at / 2 + 0.05) for at in range(200))), "RANGE_TOO_SHORT"),
        (ranges(*((at / 2, at / 2 + 0.2) for at in range(201))), "RANGES_TOO_MANY"),
        (ranges((1, 1.2), (2, 2.2)), "CLIP_TOO_SHORT"),
        ([], "RANGES_TOO_MANY"),
    ],
)
def test_ranges_that_make_no_clip(api, video, given, reason):
    assert refused(make(api, video, ranges=given), 422, "INVALID_INPUT")["reason"] == reason
    body = make(api, video).json()
    answer = change(api, body["id"], version=1, ranges=given)
    assert refused(answer, 422, "INVALID_INPUT")["reason"] == reason


@pytest.mark.parametrize(
    "more",
    [
        {"aspect_ratio_strategy": "stretch"},
        {"framing": {"shots": [{"at_s": 3}]}},
        {"title": "x" * 300},
        {"unknown": 1},
        {"ranges": "1-2"},
        {"overlays": {"hook": "x" * 60_000}},
    ],
)
def test_what_no_export_could_be_made_of_is_refused_at_once(api, video, more):
    refused(make(api, video, **more), 422, "INVALID_INPUT")
    refused(make(api, video, captions="no such preset"), 404, "PRESET_NOT_FOUND")
    assert not Clip.objects.exists()


def test_a_change_says_what_it_is_based_on(api, video):
    clip = make(api, video).json()

    first = change(api, clip["id"], version=1, ranges=ranges((2, 5)))
    late = change(api, clip["id"], version=1, title="Mine")

    assert (first.status_code, first.json()["version"]) == (200, 2)
    newer = refused(late, 409, "CLIP_CHANGED")["clip"]
    assert (newer["version"], newer["ranges"]) == (2, ranges((2, 5)))
    assert change(api, clip["id"], version=2, title="Mine").json()["version"] == 3
    refused(change(api, clip["id"], title="Whose"), 422, "INVALID_INPUT")


def test_a_change_to_the_same_makes_no_version(api, video):
    clip = make(api, video, captions="plain").json()

    same = change(api, clip["id"], version=1, title=clip["title"], ranges=clip["ranges"])

    assert same.json()["version"] == 1
    assert ClipChange.objects.count() == 1


def test_options_change_one_by_one(api, video):
    clip = make(api, video, captions="plain", reduce_noise=True).json()

    body = change(api, clip["id"], version=1, captions="off", output_quality="medium").json()

    assert body["captions"] == "off"
    assert (body["reduce_noise"], body["output_quality"]) == (True, "medium")


def test_every_state_can_be_brought_back_and_that_be_undone(api, person, video):
    clip = make(api, video, title="First").json()
    url = f"/v1/clips/{clip['id']}"
    change(api, clip["id"], version=1, title="Second", ranges=ranges((2, 5)))

    back = api.post(f"{url}/restore", {"to": 1, "version": 2}, format="json").json()
    again = api.post(f"{url}/restore", {"to": 2, "version": 3}, format="json").json()

    assert (back["title"], back["ranges"], back["version"]) == ("First", clip["ranges"], 3)
    assert (again["title"], again["version"]) == ("Second", 4)
    history = api.get(f"{url}/history").json()["results"]
    assert [(row["version"], row["action"], row["title"]) for row in history] == [
        (4, "restored", "Second"),
        (3, "restored", "First"),
        (2, "changed", "Second"),
        (1, "created", "First"),
    ]
    assert {row["changed_by"] for row in history} == {person.username}
    refused(
        api.post(f"{url}/restore", {"to": 9, "version": 4}, format="json"),
        404,
        "CLIP_VERSION_NOT_FOUND",
    )
    refused(api.post(f"{url}/restore", {"to": 1, "version": 1}, format="json"), 409, "CLIP_CHANGED")


def test_history_is_bounded(api, video, monkeypatch):
    monkeypatch.setattr(services, "MAX_CHANGES", 3)
    clip = make(api, video).json()
    for version in range(1, 6):
        change(api, clip["id"], version=version, title=f"Title {version}")

    versions = ClipChange.objects.order_by("version").values_list("version", flat=True)
    assert list(versions) == [4, 5, 6]


def titles(api, video) -> list[str]:
    rows = api.get("/v1/clips", {"video": str(video.pk)}).json()["results"]
    return [row["title"] for row in rows]


def test_clips_are_ordered_moved_copied_and_deleted(api, video, person):
    ids = {name: make(api, video, title=name).json()["id"] for name in "abc"}
    make(api, VideoFactory(owner=person, probe=video.probe), title="other")

    assert titles(api, video) == ["a", "b", "c"]
    assert change(api, ids["c"], position=0).json()["version"] == 1
    assert titles(api, video) == ["c", "a", "b"]
    copy = api.post(f"/v1/clips/{ids['c']}/duplicate").json()
    assert (copy["title"], copy["position"], copy["version"]) == ("c", 1, 1)
    change(api, ids["a"], position=99)
    assert titles(api, video) == ["c", "c", "b", "a"]
    assert api.delete(f"/v1/clips/{ids['b']}").status_code == 204
    assert titles(api, video) == ["c", "c", "a"]


def test_a_video_has_room_for_so_many(api, video, monkeypatch):
    monkeypatch.setattr(services, "MAX_CLIPS", 1)
    clip = make(api, video).json()

    assert refused(make(api, video), 409, "CLIP_LIMIT")["limit"] == 1
    refused(api.post(f"/v1/clips/{clip['id']}/duplicate"), 409, "CLIP_LIMIT")


def test_a_clip_is_exported_as_it_is_now(api, video):
    clip = make(api, video, captions="karaoke", reduce_noise=True, title="A cut").json()
    url = f"/v1/clips/{clip['id']}/export"

    first = api.post(url, {"output_quality": "medium"}, format="json")
    change(api, clip["id"], version=1, ranges=ranges((2, 4)))
    second = api.post(url)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["ranges"] == clip["ranges"]
    assert second.json()["ranges"] == ranges((2, 4))
    assert (first.json()["output_quality"], second.json()["output_quality"]) == ("medium", "high")
    assert first.json()["captions"] == second.json()["captions"] == "karaoke"
    api.delete(f"/v1/clips/{clip['id']}")
    assert Export.objects.count() == 2


def test_other_peoples_clips_do_not_exist(api, video):
    theirs = VideoFactory(owner=UserFactory(), probe=video.probe)
    clip = services.create_clip(
        theirs.owner, theirs, services.ClipState("Theirs", [(1_000, 4_000)])
    )
    refused(make(api, theirs), 404, "VIDEO_NOT_FOUND")
    for key in (clip.pk, uuid.uuid4(), "nothing"):
        url = f"/v1/clips/{key}"
        refused(api.get(url), 404, "CLIP_NOT_FOUND")
        refused(change(api, key, version=1, title="Mine"), 404, "CLIP_NOT_FOUND")
        refused(change(api, key, position=1), 404, "CLIP_NOT_FOUND")
        refused(api.delete(url), 404, "CLIP_NOT_FOUND")
        refused(api.get(f"{url}/history"), 404, "CLIP_NOT_FOUND")
        for verb in ("export", "duplicate"):
            refused(api.post(f"{url}/{verb}"), 404, "CLIP_NOT_FOUND")
        answer = api.post(f"{url}/restore", {"to": 1, "version": 1}, format="json")
        refused(answer, 404, "CLIP_NOT_FOUND")
    assert api.get("/v1/clips").json()["results"] == []
    clip.refresh_from_db()
    assert (clip.title, clip.version) == ("Theirs", 1)


def test_a_list_is_no_body(api, video):
    clip = make(api, video).json()

    refused(api.post(f"/v1/clips/{clip['id']}/export", [1], format="json"), 422, "INVALID_INPUT")
    refused(api.patch(f"/v1/clips/{clip['id']}", [1], format="json"), 422, "INVALID_INPUT")
