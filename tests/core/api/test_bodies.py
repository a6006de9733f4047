"""Bodies that are too much or hold what is not known: one error shape, by every way of sending them."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AccessToken
from exports.models import Export
from tests.factories import SceneFactory, VideoFactory
from videos.models import Scene

pytestmark = pytest.mark.django_db
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def scene() -> Scene:
    return SceneFactory()


@pytest.fixture(params=["token", "session"])
def sender(request, scene: Scene) -> Client:
    owner = scene.video.owner
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    if request.param == "token":
        _, plain = AccessToken.make(user=owner, name="script")
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
        return client
    client.force_login(owner)
    client.get("/upload")
    client.defaults["HTTP_X_CSRFTOKEN"] = client.cookies["csrftoken"].value
    return client


def paths(scene: Scene) -> list[str]:
    return [
        f"/v1/scenes/{scene.pk}/export-short",
        "/v1/videos",
        "/v1/videos/import",
        f"/v1/videos/{scene.video_id}/captions",
        "/v1/caption-presets",
        "/v1/logos",
    ]


def assert_refused(answer, *statuses: int) -> None:
    body = answer.json()
    assert answer.status_code in statuses, body
    assert set(body) == {"error_code", "message", "details"}
    assert body["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"items": [{}] * 1_001},
        {"items": [{"ranges": [{"start_s": 1, "end_s": 2}] * 400}] * 100},
        {f"name{number}": number for number in range(1_001)},
        [[0] * 1_000] * 101,
    ],
)
def test_json_of_many_items_is_refused_before_any_is_looked_at(sender: Client, scene: Scene, body):
    for path in ("/v1/batches", *paths(scene)):
        answer = sender.post(path, json.dumps(body), content_type=JSON)
        assert_refused(answer, 413, 415)
        assert len(answer.content) < 1_000
    assert not Export.objects.exists()


def test_twenty_megabytes_of_json(sender: Client, scene: Scene):
    large = json.dumps({"title": "x" * 20_000_000})

    for path in paths(scene):
        assert_refused(sender.post(path, large, content_type=JSON), 413, 415, 422)
    patched = sender.patch(f"/v1/videos/{scene.video_id}", large, content_type=JSON)
    assert_refused(patched, 413)


def test_a_thousand_and_one_fields(sender: Client, scene: Scene):
    fields = {f"f{number}": "1" for number in range(1_001)}
    encoded = "&".join(f"{name}=1" for name in fields)

    for path in paths(scene):
        assert_refused(sender.post(path, fields), 413, 422)
        assert_refused(sender.post(path, encoded, content_type=FORM), 413, 415, 422)


def test_a_hundred_and_one_files(sender: Client, scene: Scene):
    for path in paths(scene):
        files = {f"f{number}": SimpleUploadedFile("a.txt", b"x") for number in range(101)}
        assert_refused(sender.post(path, files), 413, 422)


@pytest.mark.parametrize(
    ("body", "fields", "name"),
    [
        ({"strategy": "blur"}, {"strategy"}, "strategy"),
        ({"caption_style": {"colour": "#ffffff", "size": 60}}, {"caption_style"}, "colour"),
        ({"framing": {"shots": [{"at_s": 1, "layout": "crop", "zoom": 2}]}}, {"framing"}, "zoom"),
        ({"start": 1, "end": 2}, {"start", "end"}, "start"),
    ],
)
def test_unknown_fields_are_refused_by_name(scene: Scene, body, fields, name):
    client = Client()
    client.force_login(scene.video.owner)

    answer = client.post(f"/v1/scenes/{scene.pk}/export-short", body, content_type=JSON)

    assert_refused(answer, 422)
    assert set(answer.json()["details"]["fields"]) == fields
    assert answer.json()["message"] == f"{name}: There is no field of this name."
    assert not Export.objects.exists()


def test_an_unknown_field_of_a_form_is_refused_too():
    video = VideoFactory()
    client = Client()
    client.force_login(video.owner)
    captions = SimpleUploadedFile("a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nHello\n")

    answer = client.post(
        f"/v1/videos/{video.pk}/captions", {"file": captions, "lang": "en", "encoding": "utf-8"}
    )

    assert_refused(answer, 422)
    assert answer.json()["message"] == "lang: There is no field of this name."


def test_unknown_parameters_of_a_search_and_a_list_are_ignored():
    video = VideoFactory()
    client = Client()
    client.force_login(video.owner)

    assert client.get("/v1/search?q=word&utm_source=mail&page=1").status_code == 200
    assert client.get("/v1/videos?utm_source=mail").status_code == 200
