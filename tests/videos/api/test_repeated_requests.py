"""Requests that are sent twice, and clients that poll: keys, locations, ETags."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import AccessToken, User
from core.idempotency import IdempotencyKey
from tests.factories import UserFactory, VideoFactory
from tests.videos.conftest import SRT
from videos import services
from videos.models import Upload, Video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sent_messages")]


@pytest.fixture
def api(person: User) -> APIClient:
    _, plain = AccessToken.make(user=person, name="script")
    return APIClient(headers={"authorization": f"Bearer {plain}"})


def send(api: APIClient, file, *, key: str = "upload-1", **fields: str):
    return api.post("/v1/videos", {"file": file, **fields}, headers={"Idempotency-Key": key})


def test_the_same_upload_with_its_key_is_the_same_video(api, clip, upload, stored):
    first = send(api, upload(clip), title="A talk")
    files = stored()
    second = send(api, upload(clip), title="A talk")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]
    assert (Video.objects.count(), stored()) == (1, files)
    assert not Upload.objects.exists()


@pytest.mark.parametrize("other", ["title", "name", "captions", "bytes", "last byte"])
def test_another_upload_with_its_key_is_refused(api, clip, upload, stored, other):
    send(api, upload(clip), title="A talk")
    files = stored()
    data = clip.read_bytes()
    changed = {
        "title": {"file": upload(clip), "title": "Another talk"},
        "name": {"file": upload(clip, "b.mp4"), "title": "A talk"},
        "captions": {
            "file": upload(clip),
            "title": "A talk",
            "captions": SimpleUploadedFile("a.srt", SRT.encode()),
        },
        "bytes": {"file": upload(data + b"x"), "title": "A talk"},
        "last byte": {"file": upload(data[:-1] + bytes([data[-1] ^ 1])), "title": "A talk"},
    }[other]

    refused = send(api, **changed)

    assert (refused.status_code, refused.json()["error_code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert refused.json()["details"] == {"idempotency_key": "upload-1"}
    assert (Video.objects.count(), stored()) == (1, files)


def test_a_key_is_one_persons_and_free_after_the_video(api, clip, upload, person):
    VideoFactory(owner=UserFactory(), idempotency_key="upload-1", request_fingerprint="another")
    first = send(api, upload(clip)).json()["id"]
    api.delete(f"/v1/videos/{first}")

    assert send(api, upload(clip)).json()["id"] != first


def test_two_at_the_same_time_make_one_video(person, clip, upload, stored, monkeypatch):
    """The second one is accepted while the first has checked its key and not yet inserted its row."""
    key = IdempotencyKey("upload-1", "the same")
    accept = services.accept_source
    faster: list[object] = []

    def accept_after_the_other(**arguments):
        if not faster:
            faster.append(None)
            faster[0] = services.create_video(
                owner=person, file=upload(clip), idempotency_key=key
            ).pk
        return accept(**arguments)

    monkeypatch.setattr(services, "accept_source", accept_after_the_other)

    slower = services.create_video(owner=person, file=upload(clip), idempotency_key=key)

    assert [slower.pk] == faster
    assert Video.objects.count() == 1
    assert len(stored()) == 1


def test_an_upload_without_a_key_is_always_a_new_video(api, clip, upload):
    ids = {api.post("/v1/videos", {"file": upload(clip)}).json()["id"] for _ in range(2)}

    assert len(ids) == 2


def test_a_new_video_says_where_it_is_and_when_to_ask(api, clip, upload):
    created = api.post("/v1/videos", {"file": upload(clip)})

    assert created["Location"] == f"http://testserver/v1/videos/{created.json()['id']}"
    assert created["Retry-After"] == "2"
    assert api.get(created["Location"])["Retry-After"] == "2"


def test_a_finished_video_is_not_asked_about_again(api, person):
    video = VideoFactory(owner=person)

    assert "Retry-After" not in api.get(f"/v1/videos/{video.pk}")


@pytest.mark.parametrize("path", ["", "/details"])
def test_what_did_not_change_is_not_sent_again(api, person, path):
    video = VideoFactory(owner=person, processing=True)
    address = f"/v1/videos/{video.pk}{path}"
    first = api.get(address)

    same = api.get(address, headers={"If-None-Match": first["ETag"]})
    Video.objects.filter(pk=video.pk).update(progress=video.progress + 1)
    changed = api.get(address, headers={"If-None-Match": first["ETag"]})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert (same["Retry-After"], same["Cache-Control"]) == ("2", "private, no-cache")
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
