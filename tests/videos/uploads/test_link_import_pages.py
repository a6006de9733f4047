"""Imports from links in pages and the API: the request, the refusal's text, the display."""

import uuid

import pytest
from django.test import Client

from tests.factories import VideoFactory
from videos.models import Upload, Video

pytestmark = pytest.mark.usefixtures("sent_messages")


@pytest.mark.django_db
class TestPages:
    def test_the_upload_page_offers_both_ways(self, browser):
        page = browser.get("/upload").content.decode()
        assert 'action="/upload/link"' in page
        assert 'name="link-url"' in page
        assert 'enctype="multipart/form-data"' in page

    def test_a_link_leads_to_the_videos_page(self, browser, person):
        answer = browser.post(
            "/upload/link",
            {"link-url": "https://media.example/a.mp4", "link-title": "A", "link-language": "ko"},
        )
        video = Video.objects.get(owner=person)
        assert answer["Location"] == f"/videos/{video.pk}"
        assert (video.title, video.language_wanted) == ("A", "ko")
        page = browser.get(answer["Location"]).content.decode()
        assert "media.example" in page
        assert "Fetching the file" in page
        assert "Uploaded" not in page

    def test_the_refusal_of_a_link_is_shown_beside_it(self, browser):
        answer = browser.post("/upload/link", {"link-url": "http://127.0.0.1/a.mp4"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "does not lead to a server on the public internet" in page
        assert 'value="http://127.0.0.1/a.mp4"' in page

    def test_an_empty_one_too(self, browser):
        answer = browser.post("/upload/link", {"link-url": ""})
        assert answer.status_code == 422
        assert "field__error" in answer.content.decode()

    def test_it_is_the_upload_page_on_request(self, browser):
        assert browser.get("/upload/link")["Location"] == "/upload"

    def test_anonymous_users_are_redirected_to_the_login(self):
        answer = Client().post("/upload/link", {"link-url": "https://media.example/a.mp4"})
        assert answer["Location"].startswith("/account/login")
        assert not Video.objects.exists()

    def test_a_form_without_the_token_is_refused(self, person):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(person)
        assert browser.post("/upload/link", {"link-url": "https://e.example/"}).status_code == 403

    def test_a_video_without_a_source_has_nothing_to_play(self, browser, person):
        video = VideoFactory(
            owner=person, processing=True, source_key="", source_url="https://e.example/a"
        )
        answer = browser.get(f"/videos/{video.pk}/source")
        assert (answer.status_code, answer.json()["error_code"]) == (409, "VIDEO_NOT_READY")

    def test_the_library_shows_it(self, browser, person):
        VideoFactory(
            owner=person,
            processing=True,
            stage="fetch",
            progress=12,
            source_key="",
            source_url="https://media.example/a.mp4",
            size_bytes=None,
            duration_ms=None,
        )
        page = browser.get("/").content.decode()
        assert "Fetching the file" in page
        assert "12%" in page

    def test_an_attempt_to_fetch_is_no_upload_of_a_browser(self, browser, person):
        upload = Upload.objects.create(
            owner=person, filename="a", size_bytes=5, storage_key="k", fetch_token=uuid.uuid4()
        )
        for method in (browser.head, browser.patch, browser.delete):
            answer = method(f"/uploads/{upload.pk}", headers={"Tus-Resumable": "1.0.0"})
            assert answer.status_code == 404
        assert Upload.objects.exists()


@pytest.mark.django_db
class TestApi:
    def test_a_script_can_import(self, browser):
        answer = browser.post(
            "/v1/videos/import",
            {"url": "https://media.example/a.mp4?sig=1", "title": "A", "language": "en"},
            content_type="application/json",
        )
        video = answer.json()
        assert answer.status_code == 202
        assert (video["status"], video["title"], video["size_bytes"]) == ("PENDING", "A", None)
        assert video["source_url"] == "https://media.example/a.mp4"
        assert browser.get(f"/v1/videos/{video['id']}").json() == video

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({}, 422, "INVALID_INPUT"),
            ({"url": ""}, 422, "INVALID_INPUT"),
            ({"url": "x" * 2049}, 422, "INVALID_INPUT"),
            ({"url": ["https://media.example"]}, 422, "INVALID_INPUT"),
            ({"url": "ftp://media.example/"}, 422, "IMPORT_LINK_INVALID"),
            ({"url": "http://10.0.0.1/"}, 422, "IMPORT_ADDRESS_REFUSED"),
            ({"url": "https://media.example/", "language": "not one"}, 422, "INVALID_INPUT"),
        ],
    )
    def test_refusals(self, browser, body, status, code):
        answer = browser.post("/v1/videos/import", body, content_type="application/json")
        assert (answer.status_code, answer.json()["error_code"]) == (status, code)
        assert not Video.objects.exists()

    def test_strangers_cannot(self):
        answer = Client().post("/v1/videos/import", {"url": "https://media.example/"})
        assert answer.status_code == 401

    def test_there_is_nothing_to_read_there(self, browser):
        assert browser.get("/v1/videos/import").status_code == 405

    def test_an_upload_has_no_link(self, browser, person):
        assert (
            browser.get(f"/v1/videos/{VideoFactory(owner=person).pk}").json()["source_url"] is None
        )
