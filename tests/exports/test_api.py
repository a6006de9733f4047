"""The export API as scripts written for the earlier system know it."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from exports import lifecycle
from exports.choices import ExportStatus
from exports.models import Export
from tests.factories import ExportFactory, SceneFactory, UserFactory, VideoFactory

pytestmark = pytest.mark.django_db

FIELDS = {
    *("export_id", "scene_id", "status", "progress", "aspect_ratio_strategy", "output_quality"),
    *("download_url", "file_size_bytes", "duration_s", "resolution", "error_message"),
    *("created_at", "completed_at", "expires_at"),
    *("audio_track", "reduce_noise"),
    *(
        "video_id",
        "scene_number",
        "title",
        "start_s",
        "end_s",
        "stage",
        "error_code",
        "expired",
        "captions",
    ),
}


@pytest.fixture
def scene(person):
    return SceneFactory(video__owner=person, video__duration_ms=400_000)


def ask(api, scene, body=None, **headers):
    return api.post(
        f"/v1/scenes/{scene.pk}/export-short", body or {}, format="json", headers=headers
    )


def refused(answer, status: int, code: str) -> dict:
    """The one error shape; returns the details."""
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"error_code", "message", "details"}
    assert body["error_code"] == code
    assert body["message"]
    assert "…" not in body["message"]
    details: dict = body["details"]
    return details


def test_a_scene_is_accepted_as_it_is(api, scene, on_commit, woken):
    with on_commit():
        answer = ask(api, scene)

    assert answer.status_code == 202
    body = answer.json()
    assert set(body) == FIELDS
    assert body["status"] == "pending"
    assert body["progress"] == 0
    assert body["aspect_ratio_strategy"] == "smart_crop"
    assert body["output_quality"] == "high"
    assert (body["scene_id"], body["scene_number"]) == (str(scene.pk), 1)
    assert (body["start_s"], body["end_s"]) == (0.0, 30.0)
    assert body["video_id"] == str(scene.video.pk)
    empty = ("download_url", "file_size_bytes", "duration_s", "resolution", "completed_at")
    assert [body[name] for name in (*empty, "error_message", "error_code")] == [None] * 7
    assert body["expired"] is False
    assert woken == [body["export_id"]]


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
            "aspect_ratio_strategy": "blur",
            "output_quality": "medium",
            "start_s": 12.3456,
            "end_s": "40.5",
        },
    ).json()

    export = Export.objects.get(pk=body["export_id"])
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

    assert tracks == TRACKS
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


def test_somebody_elses_things_do_not_exist(api):
    export = ExportFactory(completed=True)
    url = f"/v1/exports/{export.pk}"

    refused(ask(api, SceneFactory()), 404, "SCENE_NOT_FOUND")
    refused(api.get(url), 404, "EXPORT_NOT_FOUND")
    refused(api.delete(url), 404, "EXPORT_NOT_FOUND")
    refused(api.post(f"{url}/cancel"), 404, "EXPORT_NOT_FOUND")
    refused(api.post(f"{url}/retry"), 404, "EXPORT_NOT_FOUND")
    refused(api.get("/v1/exports/not-an-id"), 404, "EXPORT_NOT_FOUND")
    assert api.get("/v1/exports").json()["results"] == []


def test_nobody_is_told_to_log_in():
    for method, url in (
        ("get", "/v1/me"),
        ("get", "/v1/exports"),
        ("get", f"/v1/exports/{uuid.uuid4()}"),
        ("post", f"/v1/scenes/{uuid.uuid4()}/export-short"),
    ):
        refused(getattr(APIClient(), method)(url), 401, "UNAUTHENTICATED")


def test_a_running_export_shows_how_far_it_is(api, person):
    export = ExportFactory(video__owner=person, processing=True)

    body = api.get(f"/v1/exports/{export.pk}").json()

    assert (body["status"], body["stage"], body["progress"]) == ("processing", "encode", 40)
    assert body["download_url"] is None


def test_a_completed_export_shows_what_was_measured(api, person):
    export = ExportFactory(video__owner=person, completed=True)

    body = api.get(f"/v1/exports/{export.pk}").json()

    assert body["status"] == "completed"
    assert body["download_url"].startswith("http://testserver/d/")
    assert (body["file_size_bytes"], body["duration_s"]) == (5_000_000, 30.0)
    assert body["resolution"] == "1080x1920"


def test_a_failed_export_says_why(api, person):
    export = ExportFactory(video__owner=person, failed=True)

    body = api.get(f"/v1/exports/{export.pk}").json()

    assert body["error_code"] == "TOOL_FAILED"
    assert body["error_message"].startswith("The video tool stopped")


def test_an_expired_export_is_gone_but_still_listed(api, person):
    export = ExportFactory(video__owner=person, expired=True)

    refused(api.get(f"/v1/exports/{export.pk}"), 404, "EXPORT_EXPIRED")
    (listed,) = api.get("/v1/exports").json()["results"]
    assert (listed["status"], listed["expired"]) == ("completed", True)
    assert listed["download_url"] is None


def test_the_receipt_of_a_finished_export(api, person):
    export = ExportFactory(owner=person, completed=True)

    answer = api.get(f"/v1/exports/{export.pk}/receipt", headers={"Accept-Language": "ko"})

    assert answer.status_code == 200
    assert (answer.data["export_id"], answer.data["passed"]) == (str(export.pk), True)
    assert (answer.data["warnings"], answer.data["frozen_s"]) == (1, [[2.0, 5.4]])
    assert (answer.data["picture_s"], answer.data["frames"]) == (29.997, 899)
    keyframes, freeze = answer.data["rules"]
    assert (keyframes["code"], keyframes["ok"], keyframes["hard"]) == ("keyframes", True, True)
    assert keyframes["label"] == "0.5초마다 키프레임"
    assert (freeze["expected"], freeze["measured"]) == ("none", "2–5.4 s")


def test_a_receipt_of_before_has_empty_fields(api, person):
    rule = {"name": "sync", "ok": False, "hard": True, "expected": "a", "measured": "b"}
    export = ExportFactory(owner=person, failed=True, receipt={"size_bytes": 7, "rules": [rule]})

    answer = api.get(f"/v1/exports/{export.pk}/receipt")

    assert (answer.status_code, answer.data["passed"]) == (200, False)
    assert (answer.data["size_bytes"], answer.data["frames"]) == (7, None)


def test_no_receipt_yet_none_at_all_and_somebody_elses(api, person):
    running, failed = ExportFactory(owner=person), ExportFactory(owner=person, failed=True)
    other = ExportFactory(completed=True)

    def told(export):
        answer = api.get(f"/v1/exports/{export.pk}/receipt")
        return answer.status_code, answer.data["error_code"]

    assert told(running) == (409, "CONFLICT")
    assert told(failed) == (404, "RECEIPT_NOT_FOUND")
    assert told(other) == (404, "EXPORT_NOT_FOUND")


def test_the_list_is_newest_first_in_pages_and_by_status(api, person):
    video = VideoFactory(owner=person)
    for age in range(3):
        ExportFactory(video=video, created_at=timezone.now() - timedelta(minutes=age), start_ms=age)
    ExportFactory(
        video=video, failed=True, created_at=timezone.now() - timedelta(hours=1), start_ms=3
    )

    page = api.get("/v1/exports?page_size=3").json()

    assert page["count"] == 4
    assert [one["start_s"] for one in page["results"]] == [0.0, 0.001, 0.002]
    assert page["next"].endswith("page=2&page_size=3")
    (failed,) = api.get("/v1/exports?status=failed").json()["results"]
    assert failed["status"] == "failed"
    assert api.get(f"/v1/exports?video={video.pk}").json()["count"] == 4
    refused(api.get("/v1/exports?status=lost"), 422, "INVALID_INPUT")
    refused(api.get("/v1/exports?page=9"), 404, "NOT_FOUND")


def test_the_list_asks_no_more_questions_for_more_rows(api, person, django_assert_max_num_queries):
    video = VideoFactory(owner=person)
    for _ in range(12):
        ExportFactory(video=video, completed=True)

    with django_assert_max_num_queries(3):
        assert api.get("/v1/exports").json()["count"] == 12


def test_cancel(api, person):
    export = ExportFactory(video__owner=person, processing=True)

    answer = api.post(f"/v1/exports/{export.pk}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    again = api.post(f"/v1/exports/{export.pk}/cancel")
    assert refused(again, 409, "CONFLICT")["reason"] == "EXPORT_NOT_CANCELLABLE"


def test_retry(api, person, on_commit, woken):
    export = ExportFactory(video__owner=person, failed=True)

    with on_commit():
        answer = api.post(f"/v1/exports/{export.pk}/retry")

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.json()["error_code"] is None
    assert woken == [str(export.pk)]
    again = api.post(f"/v1/exports/{export.pk}/retry")
    assert refused(again, 409, "CONFLICT")["reason"] == "EXPORT_NOT_RETRYABLE"


def test_delete_cancels_first(api, person):
    export = ExportFactory(video__owner=person, processing=True)

    assert api.delete(f"/v1/exports/{export.pk}").status_code == 204

    export.refresh_from_db()
    assert export.status == ExportStatus.CANCELLED
    refused(api.get(f"/v1/exports/{export.pk}"), 404, "EXPORT_NOT_FOUND")
    refused(api.delete(f"/v1/exports/{export.pk}"), 404, "EXPORT_NOT_FOUND")


def test_me(api, person, settings):
    settings.EXPORT_LIMIT = 2
    export = ExportFactory(video__owner=person)

    assert api.get("/v1/me").json() == {
        "id": person.pk,
        "username": person.username,
        "language": "",
        "limit": 2,
        "used": 1,
        "free": 1,
        "next_free_at": None,
    }
    ExportFactory(video__owner=person)
    full = api.get("/v1/me").json()
    assert full["free"] == 0
    assert parse_datetime(full["next_free_at"]) == export.place_taken_at + timedelta(hours=24)


def test_an_unexpected_error_has_the_same_shape(person, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("a bug")

    monkeypatch.setattr(lifecycle, "cancel", broken)
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(person)
    export = ExportFactory(video__owner=person)

    refused(client.post(f"/v1/exports/{export.pk}/cancel"), 500, "INTERNAL_ERROR")


def test_somebody_elses_limit_is_not_mine(api, scene):
    other = UserFactory()
    for _ in range(12):
        ExportFactory(video__owner=other)

    assert ask(api, scene).status_code == 202


def test_the_api_describes_itself_without_a_warning():
    generator = SchemaGenerator()
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        schema = generator.get_schema(request=None, public=True)
        complaints = [
            text
            for text in [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
            if "exports" in text
        ]

    assert complaints == []
    created = schema["paths"]["/v1/scenes/{scene_id}/export-short"]["post"]
    assert set(created["responses"]) == {"202", "404", "409", "422", "429"}
    assert set(schema["components"]["schemas"]["Export"]["properties"]) == FIELDS
