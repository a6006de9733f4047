"""The video API as a script meets it: paths, fields, codes."""

import errno
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from accounts.models import AccessToken
from storage import files as storage_files
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from tests.videos.conftest import SRT
from videos.models import Video

pytestmark = pytest.mark.django_db

VIDEO_FIELDS = {
    "id",
    "title",
    "filename",
    "status",
    "processing_stage",
    "progress",
    "duration_s",
    "width",
    "height",
    "frame_rate",
    "thumbnail_url",
    "transcript_language",
    "error_message",
    "created_at",
    "updated_at",
}
SCENE_FIELDS = {
    "id",
    "video_id",
    "index",
    "start_s",
    "end_s",
    "transcript_segment",
    "visual_summary",
    "visual_description",
    "visual_entities",
    "visual_actions",
    "tags",
    "combined_text",
    "thumbnail_url",
    "created_at",
}


@pytest.fixture
def owner():
    """The person who asks."""
    return UserFactory()


@pytest.fixture
def api(owner) -> APIClient:
    """A script with the person's token."""
    _, plain = AccessToken.make(user=owner, name="script")
    return APIClient(headers={"authorization": f"Bearer {plain}"})


def assert_error(answer, status: int, code: str) -> dict:
    body: dict = answer.json()
    assert (answer.status_code, body["error_code"]) == (status, code)
    assert set(body) == {"error_code", "message", "details"}
    assert body["message"]
    return body


def test_a_script_puts_a_video_in(api, owner, clip, upload):
    answer = api.post(
        "/v1/videos",
        {
            "file": upload(clip, "강의 1.mp4"),
            "title": "A talk",
            "language": "ko",
            "captions": SimpleUploadedFile("words.srt", SRT.encode()),
        },
    )
    assert answer.status_code == 201
    shown = answer.json()
    assert set(shown) >= VIDEO_FIELDS
    assert (shown["title"], shown["filename"]) == ("A talk", "강의 1.mp4")
    assert (shown["status"], shown["progress"], shown["processing_stage"]) == ("PENDING", 0, None)
    assert (shown["width"], shown["height"], shown["frame_rate"]) == (160, 90, 25.0)
    assert 2.9 < shown["duration_s"] < 3.2
    assert shown["thumbnail_url"] is shown["error_message"] is shown["transcript_language"] is None
    created = parse_datetime(shown["created_at"])
    assert created is not None
    assert created.utcoffset() is not None
    video = Video.objects.get(pk=shown["id"])
    assert (video.owner, video.language_wanted, video.captions_filename) == (
        owner,
        "ko",
        "words.srt",
    )


@pytest.mark.parametrize("name", ["a." + "b" * 250, "가" * 83 + ".mp4", "clip." + "가" * 80])
def test_any_name_of_up_to_255_bytes_is_kept(api, clip, upload, name):
    answer = api.post("/v1/videos", {"file": upload(clip, name)})

    assert (answer.status_code, answer.json()["filename"]) == (201, name)


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "EMPTY_FILE"), (b"just words\n" * 99, "NOT_A_VIDEO")]
)
def test_what_is_no_video_is_refused(api, upload, stored, content, code):
    assert_error(api.post("/v1/videos", {"file": upload(content)}), 422, code)
    assert (stored(), Video.objects.count()) == ([], 0)


def test_too_large_is_said_before_the_body_is_read(api, settings, upload):
    settings.UPLOAD_MAX_BYTES = 1000
    answer = api.generic(
        "POST",
        "/v1/videos",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=9**9,
    )
    assert_error(answer, 413, "FILE_TOO_LARGE")
    assert_error(api.post("/v1/videos", {"file": upload(b"x" * 1001)}), 413, "FILE_TOO_LARGE")


@pytest.mark.parametrize(
    ("number", "status", "code"),
    [(errno.ENOSPC, 507, "STORAGE_FULL"), (errno.EIO, 500, "INTERNAL_ERROR")],
)
def test_a_disk_that_refuses_the_body_is_said_so(
    *, api, clip, upload, monkeypatch, number, status, code
):
    def refuse(handler, *_args):
        handler.file.close()
        raise OSError(number, "the disk refuses")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", refuse)
    answer = api.post("/v1/videos", {"file": upload(clip)})
    assert_error(answer, status, code)
    assert "disk" not in answer.content.decode()


def test_captions_that_do_not_parse_are_refused_with_the_line(api, clip, upload, stored):
    captions = SimpleUploadedFile("words.srt", b"1\n00:00:01,000 --> soon\nHi.\n")
    answer = api.post("/v1/videos", {"file": upload(clip), "captions": captions})
    assert assert_error(answer, 422, "CAPTIONS_INVALID")["details"]["line"] == 2
    assert stored() == []


@pytest.mark.parametrize(
    "sent",
    [{}, {"file": "a text"}, {"title": "no file"}, {"language": "e" * 99}],
)
def test_a_request_without_a_file_is_invalid(api, sent):
    details = assert_error(api.post("/v1/videos", sent), 422, "INVALID_INPUT")["details"]
    assert details["fields"]["file"]


def test_a_body_that_is_no_form_is_refused(api):
    assert_error(
        api.post("/v1/videos", {"file": "x"}, format="json"), 415, "UNSUPPORTED_MEDIA_TYPE"
    )
    broken = api.generic("POST", "/v1/videos", b"--", content_type="multipart/form-data")
    assert_error(broken, 422, "INVALID_INPUT")


def test_times_carry_their_offset(api, owner):
    video = VideoFactory(owner=owner)
    created_at = api.get(f"/v1/videos/{video.pk}").json()["created_at"]
    assert created_at.endswith("+00:00")
    assert parse_datetime(created_at) == video.created_at


def test_the_list_shows_only_mine_in_pages(api, owner):
    videos = VideoFactory.create_batch(3, owner=owner)
    VideoFactory()
    answer = api.get("/v1/videos", {"page_size": 2}).json()
    assert answer["count"] == 3
    assert [row["id"] for row in answer["results"]] == [str(v.pk) for v in videos[:0:-1]]
    assert answer["next"].startswith("http://")
    second = api.get(answer["next"]).json()
    assert [row["id"] for row in second["results"]] == [str(videos[0].pk)]


def test_the_list_can_be_narrowed_and_ordered(api, owner):
    long = VideoFactory(owner=owner, title="Beta garden", duration_ms=9_000)
    short = VideoFactory(owner=owner, title="Alpha", duration_ms=1_000)
    failed = VideoFactory(owner=owner, title="Gamma GARDEN", failed=True, duration_ms=5_000)

    def ids(**query):
        return [row["id"] for row in api.get("/v1/videos", query).json()["results"]]

    assert ids(status="FAILED") == [str(failed.pk)]
    assert ids(search="garden", ordering="title") == [str(long.pk), str(failed.pk)]
    assert ids(ordering="-duration_s") == [str(long.pk), str(failed.pk), str(short.pk)]
    assert ids(ordering="created_at")[0] == str(long.pk)
    # Without a parameter there is a default order; an unordered list would fail here, as its pages could repeat rows.
    assert ids(ordering=",") == ids() == [str(failed.pk), str(short.pk), str(long.pk)]


@pytest.mark.parametrize(
    "query", [{"status": "DONE"}, {"ordering": "password"}, {"search": "a\0b"}]
)
def test_a_filter_that_makes_no_sense_is_refused(api, query):
    assert_error(api.get("/v1/videos", query), 422, "INVALID_INPUT")


def test_a_page_that_is_not_there_is_not_found(api):
    assert_error(api.get("/v1/videos", {"page": 9}), 404, "NOT_FOUND")


def test_a_failed_video_says_why(api, owner):
    video = VideoFactory(owner=owner, failed=True, stage="probe")
    shown = api.get(f"/v1/videos/{video.pk}").json()
    assert (shown["status"], shown["processing_stage"]) == ("FAILED", "probe")
    assert shown["error_code"] == "TRUNCATED_FILE"
    assert "damaged" in shown["error_message"]


def test_a_video_can_be_renamed(api, owner):
    video = VideoFactory(owner=owner)
    answer = api.patch(f"/v1/videos/{video.pk}", {"title": " New "}, format="json")
    assert (answer.status_code, answer.json()["title"]) == (200, "New")
    assert api.patch(f"/v1/videos/{video.pk}", {}, format="json").json()["title"] == "New"
    for title in ("", "x" * 256, "a\0b", None):
        answer = api.patch(f"/v1/videos/{video.pk}", {"title": title}, format="json")
        assert_error(answer, 422, "INVALID_INPUT")


def test_a_video_can_be_deleted(api, owner):
    video = VideoFactory(owner=owner)
    assert api.delete(f"/v1/videos/{video.pk}").status_code == 204
    assert_error(api.get(f"/v1/videos/{video.pk}"), 404, "VIDEO_NOT_FOUND")


def test_cues_hold_words_with_how_sure_they_are(api, owner):
    video = VideoFactory(owner=owner)
    words = [[0, 400, "Heard", 0.42], [400, 900, "written"]]
    CueFactory(video=video, end_ms=900, text="Heard written", words=words)
    CueFactory(video=video)
    shown = api.get(f"/v1/videos/{video.pk}/cues?page_size=1").json()
    assert shown["count"] == 2
    assert shown["next"]
    (cue,) = shown["results"]
    assert (cue["start_s"], cue["end_s"], cue["text"]) == (0, 0.9, "Heard written")
    rest = {"heard": "", "correction": ""}
    assert cue["words"] == [
        {"start_s": 0, "end_s": 0.4, "text": "Heard", "probability": 0.42, **rest},
        {"start_s": 0.4, "end_s": 0.9, "text": "written", "probability": None, **rest},
    ]


def test_details_hold_the_transcript_and_the_scenes(api, owner):
    video = VideoFactory(owner=owner)
    SceneFactory(video=video, text="First words.", thumbnail_key="thumbnails/x/0.jpg")
    SceneFactory(video=video, text="")
    SceneFactory(video=video, text="Last words.")
    shown = api.get(f"/v1/videos/{video.pk}/details").json()
    assert set(shown) == {"video", "full_transcript", "scenes", "total_scenes"}
    assert shown["video"]["id"] == str(video.pk)
    assert shown["full_transcript"] == "First words.\nLast words."
    assert shown["total_scenes"] == 3
    assert [scene["index"] for scene in shown["scenes"]] == [0, 1, 2]
    assert shown["scenes"][0]["thumbnail_url"].startswith("http://testserver/v1/scenes/")


def test_a_scene_shows_what_is_said_and_seen(api, owner):
    scene = SceneFactory(
        video=VideoFactory(owner=owner),
        start_ms=1_500,
        end_ms=9_250,
        text="Words.",
        tags=["garden"],
        visual_summary="A garden.",
        visual_entities=["spade", "bean"],
    )
    shown = api.get(f"/v1/scenes/{scene.pk}").json()
    assert set(shown) >= SCENE_FIELDS
    assert (shown["video_id"], shown["index"]) == (str(scene.video_id), 0)
    assert (shown["start_s"], shown["end_s"]) == (1.5, 9.25)
    assert (shown["transcript_segment"], shown["tags"]) == ("Words.", ["garden"])
    assert shown["combined_text"] == "Words.\nA garden.\nspade, bean"
    assert shown["thumbnail_url"] is None


def test_a_video_can_be_processed_again(api, owner):
    video = VideoFactory(owner=owner)
    options = {"language": "ko", "transcript": "speech"}
    answer = api.post(f"/v1/videos/{video.pk}/reprocess", options, format="json")
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    video.refresh_from_db()
    assert (video.language_wanted, video.transcript_wanted) == ("ko", "speech")


@pytest.mark.parametrize("state", ["pending", "processing"])
def test_processing_again_while_busy_is_a_conflict(api, owner, state):
    video = VideoFactory(owner=owner, **{state: True})
    answer = api.post(f"/v1/videos/{video.pk}/reprocess")
    assert assert_error(answer, 409, "CONFLICT")["details"] == {"reason": "VIDEO_BUSY"}


@pytest.mark.parametrize(
    "options", [{"transcript": "guess"}, {"language": "??"}, {"language": "x" * 17}]
)
def test_an_invalid_option_is_refused(api, owner, options):
    video = VideoFactory(owner=owner)
    answer = api.post(f"/v1/videos/{video.pk}/reprocess", options, format="json")
    assert_error(answer, 422, "INVALID_INPUT")


def test_captions_can_be_added_later(api, owner):
    video = VideoFactory(owner=owner)
    file = SimpleUploadedFile("words.srt", SRT.encode())
    answer = api.post(f"/v1/videos/{video.pk}/captions", {"file": file})
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    again = SimpleUploadedFile("words.srt", SRT.encode())
    answer = api.post(f"/v1/videos/{video.pk}/captions", {"file": again})
    assert_error(answer, 409, "CONFLICT")


def test_thumbnails_are_pictures_for_their_owner_only(api, owner):
    storage_files.save_bytes("thumbnails/x/0.jpg", b"\xff\xd8picture", content_type="image/jpeg")
    video = VideoFactory(owner=owner, thumbnail_key="thumbnails/x/0.jpg")
    scene = SceneFactory(video=video, thumbnail_key="thumbnails/x/0.jpg")
    for path in (f"videos/{video.pk}", f"scenes/{scene.pk}"):
        shown = api.get(f"/v1/{path}").json()
        picture = api.get(shown["thumbnail_url"], headers={"accept": "image/*"})
        assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
        assert b"".join(picture.streaming_content) == b"\xff\xd8picture"
        assert APIClient().get(shown["thumbnail_url"]).status_code == 401
    bare = VideoFactory(owner=owner)
    assert_error(api.get(f"/v1/videos/{bare.pk}/thumbnail"), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("get", "videos/{video}", "VIDEO_NOT_FOUND"),
        ("patch", "videos/{video}", "VIDEO_NOT_FOUND"),
        ("delete", "videos/{video}", "VIDEO_NOT_FOUND"),
        ("get", "videos/{video}/details", "VIDEO_NOT_FOUND"),
        ("get", "videos/{video}/cues", "VIDEO_NOT_FOUND"),
        ("get", "videos/{video}/thumbnail", "VIDEO_NOT_FOUND"),
        ("post", "videos/{video}/reprocess", "VIDEO_NOT_FOUND"),
        ("post", "videos/{video}/captions", "VIDEO_NOT_FOUND"),
        ("get", "scenes/{scene}", "SCENE_NOT_FOUND"),
        ("get", "scenes/{scene}/thumbnail", "SCENE_NOT_FOUND"),
    ],
)
def test_other_users_rows_look_like_missing_ones(api, method, path, code):
    scene = SceneFactory()
    theirs = {"video": scene.video_id, "scene": scene.pk}
    missing = {"video": uuid.uuid4(), "scene": uuid.uuid4()}
    nonsense = {"video": "1; drop", "scene": "0x%00"}
    answers = [
        getattr(api, method)(f"/v1/{path.format(**ids)}") for ids in (theirs, missing, nonsense)
    ]
    bodies = [assert_error(answer, 404, code) for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert Video.objects.filter(pk=scene.video_id).exists()


@pytest.mark.parametrize(
    "path", ["videos", f"videos/{uuid.UUID(int=1)}", f"scenes/{uuid.UUID(int=1)}"]
)
def test_every_endpoint_needs_a_login(path):
    assert_error(APIClient().get(f"/v1/{path}"), 401, "UNAUTHENTICATED")


def test_a_method_that_does_not_work_is_said_so(api, owner):
    assert_error(api.put(f"/v1/videos/{VideoFactory(owner=owner).pk}"), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", ["/v1/videos", "/v1/videos/{video}/details"])
def test_queries_do_not_grow_with_rows(api, owner, path, django_assert_num_queries):
    video = VideoFactory(owner=owner)
    SceneFactory(video=video)
    address = path.format(video=video.pk)
    api.get(address)  # notes that the token was used
    with django_assert_num_queries(5, exact=False) as few:
        api.get(address)
    VideoFactory.create_batch(7, owner=owner, thumbnail_key="thumbnails/x.jpg")
    SceneFactory.create_batch(9, video=video, thumbnail_key="thumbnails/x.jpg")
    with django_assert_num_queries(len(few)):
        api.get(address)


def test_a_thumbnail_whose_file_is_gone_is_no_conflict(api, owner):
    video = VideoFactory(owner=owner, thumbnail_key=f"thumbnails/{owner.pk}/gone.jpg")

    answer = api.get(f"/v1/videos/{video.pk}/thumbnail")

    assert (answer.status_code, answer.json()["error_code"]) == (410, "SOURCE_MISSING")
