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
from tests.exports.api_requests import FIELDS, ask, refused
from tests.factories import ExportFactory, SceneFactory, UploadFactory, VideoFactory

pytestmark = pytest.mark.django_db


def test_another_users_rows_do_not_exist(api):
    export = ExportFactory(completed=True)
    url = f"/v1/exports/{export.pk}"

    refused(ask(api, SceneFactory()), 404, "SCENE_NOT_FOUND")
    refused(api.get(url), 404, "EXPORT_NOT_FOUND")
    refused(api.delete(url), 404, "EXPORT_NOT_FOUND")
    refused(api.post(f"{url}/cancel"), 404, "EXPORT_NOT_FOUND")
    refused(api.post(f"{url}/retry"), 404, "EXPORT_NOT_FOUND")
    refused(api.get("/v1/exports/not-an-id"), 404, "EXPORT_NOT_FOUND")
    assert api.get("/v1/exports").json()["results"] == []


def test_anonymous_requests_are_unauthenticated():
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


def test_receipts_that_are_pending_missing_or_of_another_user(api, person):
    running, failed = ExportFactory(owner=person), ExportFactory(owner=person, failed=True)
    other = ExportFactory(completed=True)

    def refusal(export):
        answer = api.get(f"/v1/exports/{export.pk}/receipt")
        return answer.status_code, answer.data["error_code"]

    assert refusal(running) == (409, "CONFLICT")
    assert refusal(failed) == (404, "RECEIPT_NOT_FOUND")
    assert refusal(other) == (404, "EXPORT_NOT_FOUND")


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


def test_the_list_of_a_video_tells_nothing_of_other_peoples(api):
    found = [api.get(f"/v1/exports?video={key}") for key in (VideoFactory().pk, uuid.uuid4())]

    assert [(answer.status_code, answer.json()["count"]) for answer in found] == [(200, 0)] * 2
    refused(api.get("/v1/exports?video=7"), 422, "INVALID_INPUT")


def test_the_list_asks_no_more_questions_for_more_rows(api, person, django_assert_max_num_queries):
    video = VideoFactory(owner=person)
    for _ in range(12):
        ExportFactory(video=video, completed=True)

    with django_assert_max_num_queries(3) as queries:
        assert api.get("/v1/exports").json()["count"] == 12

    words = " ".join(query["sql"] for query in queries.captured_queries)
    assert "caption_language" in words
    assert "caption_cues" not in words  # nor anything else that is large and not shown


def test_cancel(api, person):
    export = ExportFactory(video__owner=person, processing=True)

    answer = api.post(f"/v1/exports/{export.pk}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    again = api.post(f"/v1/exports/{export.pk}/cancel")
    assert refused(again, 409, "CONFLICT")["reason"] == "EXPORT_NOT_CANCELLABLE"


def test_retry(api, person, on_commit, sent_messages):
    export = ExportFactory(video__owner=person, failed=True)

    with on_commit():
        answer = api.post(f"/v1/exports/{export.pk}/retry")

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert answer.json()["error_code"] is None
    assert sent_messages == [str(export.pk)]
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
    settings.USER_MAX_BYTES = 1000
    export = ExportFactory(video__owner=person, video__size_bytes=600)
    UploadFactory(owner=person, size_bytes=30, offset_bytes=3)

    assert api.get("/v1/me").json() == {
        "id": person.pk,
        "username": person.username,
        "language": "",
        "limit": 2,
        "used": 1,
        "free": 1,
        "next_free_at": None,
        "storage_used_bytes": 630,
        "storage_limit_bytes": 1000,
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
    assert set(created["responses"]) == {"202", "404", "409", "422", "429", "default"}
    assert set(schema["components"]["schemas"]["Export"]["properties"]) == FIELDS
