"""The library's page and the form that uploads into it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.errors import HeimdexError
from tests.factories import SceneFactory, VideoFactory
from tests.videos.web.test_views import HTMX, page, url
from videos.errors import VideoCode
from videos.models import Video

pytestmark = pytest.mark.django_db


def test_the_upload_page_says_how_much_room_is_taken(browser, person):
    person.storage_limit_gib = 2
    person.save()
    VideoFactory(owner=person, size_bytes=1_500_000_000)
    VideoFactory(size_bytes=7_000_000_000)

    assert "Your videos take 1.5 GB of 2.1 GB." in page(browser.get("/upload"))


class TestLibrary:
    def test_an_empty_one_says_what_to_do(self, browser):
        found = page(browser.get("/"))

        assert "Put in your first video" in found
        assert f'href="{reverse("videos:upload")}"' in found

    def test_a_search_without_hits_offers_the_way_back(self, browser, person):
        VideoFactory(owner=person)

        found = page(browser.get("/", {"q": "zebra"}))

        assert "No video matches" in found
        assert 'value="zebra"' in found

    def test_a_ready_card_is_not_polled_and_a_working_one_is(self, browser, person):
        ready, working = VideoFactory(owner=person), VideoFactory(owner=person, processing=True)

        found = page(browser.get("/"))

        assert f'hx-get="{url("card", working)}"' in found
        assert f'hx-get="{url("card", ready)}"' not in found

    def test_a_card_stops_asking_once_the_work_has_ended(self, browser, person):
        video = VideoFactory(owner=person, processing=True)
        before = page(browser.get(url("card", video), headers=HTMX))
        Video.objects.filter(pk=video.pk).update(status="ready", claim_token=None)
        SceneFactory.create_batch(3, video=video)

        after = page(browser.get(url("card", video), headers=HTMX))

        assert "Writing the transcript" in before
        assert "40%" in before
        assert "hx-trigger" in before
        assert "hx-trigger" not in after
        assert "3 scenes" in after

    def test_a_failed_card_says_why(self, browser, person):
        VideoFactory(owner=person, failed=True)

        assert "The file is damaged or incomplete" in page(browser.get("/"))

    def test_pages_keep_the_question(self, browser, person):
        VideoFactory.create_batch(49, owner=person)

        found = page(browser.get("/", {"sort": "title"}))

        assert 'href="/?sort=title&amp;page=2"' in found
        assert len(browser.get("/", {"page": "2"}).context["videos"]) == 1
        assert browser.get("/", {"page": "99"}).context["videos"].number == 2

    def test_queries_do_not_grow_with_videos(self, browser, person, django_assert_num_queries):
        VideoFactory.create_batch(3, owner=person)
        with django_assert_num_queries(
            8
        ):  # session, person, how many, which, their rows, their tags, their scenes, all tags
            browser.get("/")
        VideoFactory.create_batch(15, owner=person)
        with django_assert_num_queries(8):
            browser.get("/")

    def test_titles_are_text(self, browser, person):
        VideoFactory(owner=person, title="<b>bold</b>")

        assert "&lt;b&gt;bold&lt;/b&gt;" in page(browser.get("/"))


class TestUpload:
    def test_the_plain_form_hands_everything_to_the_service(self, browser, person, service_calls):
        file = SimpleUploadedFile("talk.mp4", b"bytes")
        captions = SimpleUploadedFile("talk.srt", b"text")

        response = browser.post(
            "/upload", {"file": file, "title": "My talk", "language": "ko", "captions": captions}
        )

        ((_name, _args, given),) = service_calls
        assert response["Location"].startswith("/videos/")
        assert (given["owner"], given["title"], given["language"]) == (person, "My talk", "ko")
        assert (given["file"].name, given["captions"].name) == ("talk.mp4", "talk.srt")

    @pytest.mark.parametrize(
        ("code", "field"),
        [(VideoCode.NOT_A_VIDEO, "file"), (VideoCode.CAPTIONS_UNSUPPORTED, "captions")],
    )
    def test_a_refusal_is_said_at_its_field(self, browser, service_calls, code, field):
        service_calls.refuse = HeimdexError(code)

        response = browser.post("/upload", {"file": SimpleUploadedFile("a.mp4", b"x")})

        assert response.status_code == 422
        assert response.context["form"].errors[field] == [service_calls.refuse.message]
        assert service_calls.refuse.message in page(response)

    def test_an_empty_file_is_left_to_the_service(self, browser, service_calls):
        browser.post("/upload", {"file": SimpleUploadedFile("a.mp4", b"")})

        assert len(service_calls) == 1

    def test_no_file_is_a_missing_field(self, browser, service_calls):
        response = browser.post("/upload", {"title": "Nothing"})

        assert (response.status_code, service_calls) == (422, [])
