"""Asking for an export through the API: what is accepted, what is refused and why."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.dateparse import parse_datetime

from exports import queries
from exports.models import Export
from tests.exports.api_requests import FIELDS, ask, refused
from tests.factories import ExportFactory, SceneFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(person):
    return SceneFactory(video__owner=person, video__duration_ms=400_000)


def test_a_scene_is_accepted_as_it_is(api, scene, on_commit, sent_messages):
    with on_commit():
        answer = ask(api, scene)

    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == FIELDS
    assert body["status"] == "pending"
    assert body["progress"] == 0
    assert (body["aspect_ratio"], body["aspect_ratio_strategy"]) == ("9:16", "smart_crop")
    assert body["output_quality"] == "high"
    assert (body["scene_id"], body["scene_number"]) == (str(scene.pk), 1)
    assert (body["start_s"], body["end_s"]) == (0.0, 30.0)
    assert body["video_id"] == str(scene.video.pk)
    empty = ("download_url", "file_size_bytes", "duration_s", "resolution", "completed_at")
    assert [body[name] for name in (*empty, "error_message", "error_code")] == [None] * 7
    assert body["expired"] is False
    assert sent_messages == [body["export_id"]]


def test_times_are_in_utc_with_offset(api, scene):
    body = ask(api, scene).json()

    created, expires = parse_datetime(body["created_at"]), parse_datetime(body["expires_at"])
    assert created is not None
    assert expires is not None
    assert created.utcoffset() == timedelta(0)
    assert expires - created == timedelta(hours=24)


def test_choices_and_a_range_to_the_millisecond(api, scene):
    body = ask(
        api,
        scene,
        {
            "aspect_ratio": "4:5",
            "aspect_ratio_strategy": "blur",
            "output_quality": "medium",
            "start_s": 12.3456,
            "end_s": "40.5",
        },
    ).json()

    export = Export.objects.get(pk=body["export_id"])
    assert export.aspect_ratio == "4:5"
    assert (export.aspect_ratio_strategy, export.output_quality) == ("blur", "medium")
    assert (export.start_ms, export.end_ms) == (12_346, 40_500)


def test_one_end_alone_moves_only_that_end(api, scene):
    assert ask(api, scene, {"end_s": 31.5}).json()["end_s"] == 31.5
    assert ask(api, scene, {"start_s": 2}).json()["end_s"] == 30.0


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"start_s": 20, "end_s": 10}, "SPAN_REVERSED"),
        ({"start_s": 500, "end_s": 510}, "SPAN_OUTSIDE_VIDEO"),
        ({"start_s": -1}, "SPAN_OUTSIDE_VIDEO"),
        ({"start_s": 1, "end_s": 1.2}, "SPAN_TOO_SHORT"),
        ({"end_s": 1e300}, "SPAN_OUTSIDE_VIDEO"),
    ],
)
def test_unusable_ranges_are_invalid_input(api, scene, body, reason):
    assert refused(ask(api, scene, body), 422, "INVALID_INPUT")["reason"] == reason


@pytest.mark.parametrize(
    "body",
    [
        {"start_s": "nan"},
        {"start_s": "inf"},
        {"end_s": 1e308},
        {"end_s": 10**400},
        {"end_s": True},
        {"end_s": "soon"},
        {"end_s": []},
        {"start_s": None},
        {"output_quality": "8k"},
        {"aspect_ratio_strategy": ["blur"]},
        ["a list"],
    ],
)
def test_unusable_values_are_invalid_input(api, scene, body):
    refused(ask(api, scene, body), 422, "INVALID_INPUT")


def test_an_unknown_framing_is_refused_with_what_there_is(api, scene):
    answer = ask(api, scene, {"aspect_ratio_strategy": "zoom"})

    refused(answer, 422, "INVALID_INPUT")
    assert "center_crop, letterbox, blur" in answer.json()["message"]


TRACKS = [
    {"index": 1, "codec": "aac", "channels": 2, "language": "en", "title": "", "is_default": True},
    {
        "index": 2,
        "codec": "ac3",
        "channels": 6,
        "language": "ko",
        "title": "Dub",
        "is_default": False,
    },
]


def test_the_sound_can_be_chosen(api, scene):
    scene.video.probe = {"audio": TRACKS}
    scene.video.save()
    address = f"/v1/scenes/{scene.pk}/export-short"

    tracks = api.get(f"/v1/videos/{scene.video_id}").data["audio_tracks"]
    chosen = api.post(address, {"audio_track": tracks[1]["index"], "reduce_noise": True})
    usual = api.post(address, {})
    none = api.post(address, {"audio_track": 3})

    said = {"role": "", "is_readable": True}
    assert tracks == [
        {**TRACKS[0], **said, "is_main": True},
        {**TRACKS[1], **said, "is_main": False},
    ]
    assert (chosen.data["audio_track"], chosen.data["reduce_noise"]) == (2, True)
    assert (usual.data["audio_track"], usual.data["reduce_noise"]) == (None, False)
    assert (none.status_code, none.data["error_code"]) == (422, "INVALID_INPUT")
    assert none.data["details"] == {"reason": "NO_SUCH_TRACK", "audio_track": 3}


def test_a_scene_of_180_seconds_is_allowed(api, person):
    scene = SceneFactory(video__owner=person, video__duration_ms=400_000, end_ms=180_000)

    assert ask(api, scene).status_code == 202


def test_one_millisecond_more_is_too_long(api, person):
    scene = SceneFactory(video__owner=person, video__duration_ms=400_000, end_ms=180_001)

    details = refused(ask(api, scene), 422, "SCENE_TOO_LONG")

    assert details == {"scene_duration_s": 180.001, "max_duration_s": 180}


def test_the_eleventh_export_says_when_to_come_back(api, scene, settings):
    for _ in range(settings.EXPORT_LIMIT):
        assert ask(api, scene).status_code == 202

    answer = ask(api, scene)

    details = refused(answer, 429, "EXPORT_LIMIT_EXCEEDED")
    assert (details["limit"], details["current_count"]) == (10, 10)
    assert 23.9 < details["hours_until_reset"] <= 24
    assert 86_000 < int(answer.headers["Retry-After"]) <= 86_400
    assert "24 hours" in answer.json()["message"]


def test_a_video_that_is_not_ready_is_a_conflict(api, person):
    scene = SceneFactory(video__owner=person, video__processing=True)

    assert refused(ask(api, scene), 409, "CONFLICT")["reason"] == "VIDEO_NOT_READY"


def test_the_same_idempotency_key_is_the_same_export(api, scene):
    first = ask(api, scene, **{"Idempotency-Key": "click-1"}).json()
    second = ask(api, scene, **{"Idempotency-Key": "click-1"})

    assert second.status_code == 202
    assert second.json()["export_id"] == first["export_id"]
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{"output_quality": "medium"}, {"start_s": 1}, {"captions": "karaoke"}]
)
def test_the_same_idempotency_key_with_another_body_is_refused(api, scene, body):
    ask(api, scene, **{"Idempotency-Key": "click-1"})

    answer = ask(api, scene, body, **{"Idempotency-Key": "click-1"})

    assert refused(answer, 409, "IDEMPOTENCY_KEY_REUSED") == {"idempotency_key": "click-1"}
    assert Export.objects.count() == 1


def test_the_same_idempotency_key_at_another_address_is_refused(api, scene):
    other = SceneFactory(video=scene.video, index=2)
    ask(api, scene, **{"Idempotency-Key": "click-1"})

    refused(ask(api, other, **{"Idempotency-Key": "click-1"}), 409, "IDEMPOTENCY_KEY_REUSED")


def test_defaults_and_the_order_of_fields_do_not_make_another_body(api, scene):
    first = {"aspect_ratio_strategy": "blur", "output_quality": "high"}
    second = {"output_quality": "high", "aspect_ratio_strategy": "blur", "reduce_noise": False}
    ids = {
        ask(api, scene, body, **{"Idempotency-Key": "click-1"}).json()["export_id"]
        for body in (first, second, {"aspect_ratio_strategy": "blur"})
    }

    assert len(ids) == 1


def test_a_key_from_before_fingerprints_is_still_known(api, scene, person):
    export = ExportFactory(video=scene.video, idempotency_key="click-1", request_fingerprint="")

    answer = ask(api, scene, **{"Idempotency-Key": "click-1"})

    assert answer.json()["export_id"] == str(export.pk)


def test_a_new_export_says_where_it_is_and_when_to_ask(api, scene):
    answer = ask(api, scene)

    assert answer["Location"] == f"http://testserver/v1/exports/{answer.json()['export_id']}"
    assert answer["Retry-After"] == api.get(answer["Location"])["Retry-After"] == "2"


def test_an_export_that_did_not_change_is_not_sent_again(api, person):
    export = ExportFactory(video__owner=person, completed=True)
    address = f"/v1/exports/{export.pk}"
    first = api.get(address)

    same = api.get(address, headers={"If-None-Match": first["ETag"]})
    Export.objects.filter(pk=export.pk).update(title="Renamed")
    changed = api.get(address, headers={"If-None-Match": first["ETag"]})

    assert (same.status_code, same.content) == (304, b"")
    assert "Retry-After" not in same
    assert (changed.status_code, changed.json()["title"]) == (200, "Renamed")


def test_a_kept_download_link_is_good_for_half_its_time_at_least(
    api, person, settings, monkeypatch
):
    settings.DOWNLOAD_LINK_S = 3_600
    export = ExportFactory(video__owner=person, completed=True)
    address = f"/v1/exports/{export.pk}"
    window_s = 1_800
    begin_s = int(export.created_at.timestamp()) // window_s * window_s

    def ask_at(second: int, etag: str = ""):
        moment = datetime.fromtimestamp(begin_s + second, UTC)
        monkeypatch.setattr(queries, "read_at", lambda _export: moment)
        return api.get(address, headers={"If-None-Match": etag})

    first = ask_at(1)
    soon, later = ask_at(window_s - 1, first["ETag"]), ask_at(window_s, first["ETag"])

    assert (soon.status_code, later.status_code) == (304, 200)
    assert later.json()["download_url"] != first.json()["download_url"]


def test_an_endless_idempotency_key_is_refused(api, scene):
    answer = ask(api, scene, **{"Idempotency-Key": "k" * 256})

    assert refused(answer, 422, "INVALID_INPUT")["reason"] == "IDEMPOTENCY_KEY_TOO_LONG"
    assert "at most 255 characters" in answer.json()["message"]


def test_any_range_of_a_video(api, scene):
    url = f"/v1/videos/{scene.video.pk}/export-short"

    body = api.post(url, {"start_s": 100, "end_s": 120.5}, format="json").json()

    assert (body["scene_id"], body["scene_number"]) == (None, None)
    assert (body["start_s"], body["end_s"]) == (100.0, 120.5)
    refused(api.post(url, {"start_s": 100}, format="json"), 422, "INVALID_INPUT")


@pytest.mark.parametrize("scene_id", [uuid.uuid4(), "not-an-id"])
def test_a_missing_scene(api, scene_id):
    refused(api.post(f"/v1/scenes/{scene_id}/export-short"), 404, "SCENE_NOT_FOUND")


def test_a_missing_video(api):
    body = {"start_s": 0, "end_s": 5}
    answer = api.post(f"/v1/videos/{uuid.uuid4()}/export-short", body, format="json")
    refused(answer, 404, "VIDEO_NOT_FOUND")


def test_limits_are_counted_per_user(api, scene):
    other = UserFactory()
    for _ in range(12):
        ExportFactory(video__owner=other)

    assert ask(api, scene).status_code == 202
