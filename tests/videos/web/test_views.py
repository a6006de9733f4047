"""Pages of the videos app as a person meets them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.errors import HeimdexError
from tests.factories import CueFactory, SceneFactory, TranscriptFactory, VideoFactory
from videos.clips.services import ClipState, create_clip
from videos.errors import VideoCode
from videos.models import Video

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


def url(name, video, **service_calls):
    return reverse(f"videos:{name}", args=[video.pk], query=service_calls or None)


def page(response):
    return response.content.decode()


def said(response):
    return [str(message) for message in response.context["messages"]]


def read_page(browser, video):
    return page(browser.get(url("page", video)))


class TestEveryPage:
    @pytest.mark.parametrize("path", ["/", "/upload"])
    def test_anonymous_users_are_redirected_to_the_login(self, browser, path):
        browser.logout()

        assert browser.get(path)["Location"].startswith("/account/login")

    @pytest.mark.parametrize("name", ["page", "progress", "card"])
    def test_another_users_video_is_a_missing_page(self, browser, name):
        response = browser.get(url(name, VideoFactory()))

        assert response.status_code == 404
        assert "This page is not here" in page(response)

    @pytest.mark.parametrize("name", ["rename", "add_captions", "reprocess", "delete"])
    def test_another_users_video_cannot_be_changed(self, browser, service_calls, name):
        video = VideoFactory()

        assert browser.post(url(name, video), {"title": "Mine now"}).status_code == 404
        assert service_calls == []

    @pytest.mark.parametrize("name", ["rename", "add_captions", "reprocess", "delete"])
    def test_changes_are_posted(self, browser, person, name):
        assert browser.get(url(name, VideoFactory(owner=person))).status_code == 405

    def test_no_page_has_inline_style_or_script(self, browser, person):
        video = VideoFactory(owner=person)
        SceneFactory(video=video)
        CueFactory(video=video)
        failed, working = (
            VideoFactory(owner=person, failed=True),
            VideoFactory(owner=person, processing=True),
        )

        for path in ("/", "/upload", *(url("page", v) for v in (video, failed, working))):
            found = page(browser.get(path))
            assert not re.search(r"<[^>]+\s(style|on\w+)=", found)
            assert not re.search(r"<script(?![^>]*\bsrc=)", found)
            assert "<style" not in found

    def test_pages_speak_korean(self, browser, person):
        person.language = "ko"
        person.save(update_fields=["language"])

        assert '<html lang="ko">' in page(browser.get("/"))


class TestVideoPage:
    def test_scenes_cues_and_exports_are_there(self, browser, person):
        video = VideoFactory(owner=person)
        scene = SceneFactory(video=video, tags=["lamp"])
        CueFactory(video=video)

        found = read_page(browser, video)

        assert f'src="{url("source", video)}"' in found
        assert 'data-cue="0 3000"' in found
        assert 'data-words="0,0,5 1000,6,5 2000,12,6"' in found
        assert f'hx-get="{reverse("exports:dialog", args=[scene.pk])}"' in found
        assert f'hx-get="{reverse("exports:for_video", args=[video.pk])}"' in found
        assert 'data-tag="lamp"' in found
        assert '<track kind="captions"' in found

    def test_words_are_text(self, browser, person):
        video = VideoFactory(owner=person)
        SceneFactory(video=video)
        CueFactory(video=video, text="{\\b1}<i>Hi</i>", words=[])

        assert ">{\\b1}&lt;i&gt;Hi&lt;/i&gt;</span>" in read_page(browser, video)

    def test_queries_do_not_grow_with_scenes_and_cues(
        self, browser, person, django_assert_num_queries
    ):
        video = VideoFactory(owner=person)
        video.transcript = TranscriptFactory(video=video)
        video.save()
        SceneFactory.create_batch(2, video=video)
        with django_assert_num_queries(
            10
        ):  # session, person, video, scenes, cues, text on screen, transcripts, clips, tags
            read_page(browser, video)
        SceneFactory.create_batch(10, video=video)
        CueFactory.create_batch(30, video=video)
        TranscriptFactory(video=video, said="More.")
        for start_ms in range(0, 5000, 1000):
            create_clip(person, video, ClipState(ranges=[(start_ms, start_ms + 900)]))
        with django_assert_num_queries(11):  # and the first words of the clips
            read_page(browser, video)

    def test_without_words_it_says_how_to_get_them(self, browser, person):
        video = VideoFactory(owner=person, transcript_note="SPEECH_MODEL_MISSING")
        SceneFactory(video=video)

        found = read_page(browser, video)

        assert "No speech model is installed." in found
        assert "Add a captions file" in found
        assert "Scene 1" in found
        assert "data-find-words" not in found

    def test_a_scene_that_is_too_long_says_so_instead_of_its_button(self, browser, person):
        video = VideoFactory(owner=person)
        SceneFactory(video=video, start_ms=0, end_ms=180_001)

        found = read_page(browser, video)

        assert "Longer than 180 s" in found
        assert "data-export\n" not in found

    def test_while_it_is_processed_again_its_old_words_stay_and_exports_wait(self, browser, person):
        video = VideoFactory(owner=person, processing=True)
        SceneFactory(video=video)
        CueFactory(video=video)

        found = read_page(browser, video)

        assert "Three small words." in found
        assert "Exports wait until processing has ended." in found
        assert f'hx-get="{url("progress", video, beside=1)}"' in found

    def test_before_there_is_anything_it_shows_the_work(self, browser, person):
        found = read_page(browser, VideoFactory(owner=person, processing=True))

        assert "Writing the transcript" in found
        assert "You can leave this page" in found
        assert "http-equiv" in found

    @pytest.mark.parametrize(
        ("code", "advice"),
        [
            ("TRUNCATED_FILE", "Upload another file"),
            ("CAPTIONS_INVALID", "Correct the captions file"),
            ("WORKER_LOST", "tell whoever runs this server"),
        ],
    )
    def test_a_failed_one_says_what_to_do(self, browser, person, code, advice):
        video = VideoFactory(owner=person, failed=True, error_code=code, tool_output="secret lines")

        found = read_page(browser, video)

        assert video.error_message in found.replace("&#x27;", "'")
        assert advice in found
        assert "secret lines" not in found


class TestProgress:
    def test_it_asks_again_only_while_work_goes_on(self, browser, person):
        video = VideoFactory(owner=person, processing=True)
        working = page(browser.get(url("progress", video), headers=HTMX))
        Video.objects.filter(pk=video.pk).update(
            status="failed", claim_token=None, error_code="TOOL_FAILED"
        )

        failed = page(browser.get(url("progress", video), headers=HTMX))

        assert "every 1500ms" in working
        assert "hx-trigger" not in failed
        assert "<html" not in working

    def test_a_ready_one_opens_its_page(self, browser, person):
        video = VideoFactory(owner=person)

        found = page(browser.get(url("progress", video), headers=HTMX))

        assert f'hx-get="{url("page", video)}"' in found
        assert 'hx-select="#main"' in found

    def test_beside_a_transcript_it_offers_the_new_one_and_loads_nothing(self, browser, person):
        video = VideoFactory(owner=person)

        found = page(browser.get(url("progress", video, beside=1), headers=HTMX))

        assert "The new transcript and scenes are ready." in found
        assert "hx-get" not in found

    def test_opened_by_address_it_is_the_page(self, browser, person):
        video = VideoFactory(owner=person, processing=True)

        assert browser.get(url("progress", video))["Location"] == url("page", video)


class TestRename:
    def test_in_the_page_only_the_title_is_answered(self, browser, person):
        video = VideoFactory(owner=person)

        response = browser.post(url("rename", video), {"title": "Better"}, headers=HTMX)

        video.refresh_from_db()
        assert video.title == "Better"
        assert "Better" in page(response)
        assert "<video" not in page(response)

    def test_without_scripts_it_goes_back_to_the_page(self, browser, person):
        video = VideoFactory(owner=person)

        assert browser.post(url("rename", video), {"title": "B"})["Location"] == url("page", video)

    def test_an_empty_title_changes_nothing(self, browser, person):
        video = VideoFactory(owner=person, title="Kept")

        response = browser.post(url("rename", video), {"title": ""}, follow=True)

        video.refresh_from_db()
        assert video.title == "Kept"
        assert said(response) == ["A title has 1 to 255 characters."]


class TestActions:
    def test_captions(self, browser, person, service_calls):
        video = VideoFactory(owner=person)

        response = browser.post(
            url("add_captions", video),
            {"file": SimpleUploadedFile("a.srt", b"1"), "use": "on"},
            follow=True,
        )

        assert service_calls[0][0] == "set_captions"
        assert said(response) == ["The captions are here. The transcript is being made from them."]

    def test_a_refusal_is_said_on_the_page(self, browser, person, service_calls):
        video = VideoFactory(owner=person)
        service_calls.refuse = HeimdexError(
            VideoCode.CAPTIONS_INVALID, {"line": 7, "reason": "no time"}
        )

        values = {"file": SimpleUploadedFile("a.srt", b"1"), "use": "on"}
        response = browser.post(url("add_captions", video), values, follow=True)

        assert said(response) == ["The captions file cannot be read: line 7: no time"]

    def test_reprocess_passes_language_and_transcript_on(self, browser, person, service_calls):
        video = VideoFactory(owner=person)

        browser.post(url("reprocess", video), {"transcript": "speech", "language": "ko"})

        assert service_calls == [
            (
                "request_reprocess",
                (video,),
                {
                    "language": "ko",
                    "transcript": "speech",
                    "encoding": None,
                    "audio_track": None,
                },
            )
        ]

    def test_reprocess_refuses_what_is_not_offered(self, browser, person, service_calls):
        video = VideoFactory(owner=person)

        response = browser.post(url("reprocess", video), {"transcript": "magic"}, follow=True)

        assert service_calls == []
        assert "magic" in said(response)[0]

    def test_delete_says_what_is_gone(self, browser, person):
        video = VideoFactory(owner=person, title="Old")

        response = browser.post(url("delete", video), follow=True)

        assert not Video.objects.visible_to(person).exists()
        assert "“Old” is deleted." in page(response)
        assert response.request["PATH_INFO"] == "/"


class TestErrorPages:
    def test_a_missing_page_is_designed(self, browser):
        response = browser.get("/nothing-here")

        assert response.status_code == 404
        assert "Go to the library" in page(response)

    def test_a_crash_is_a_page_without_details(self, browser, person, monkeypatch):
        browser.raise_request_exception = False

        def broken(*_args):
            raise RuntimeError("the details")

        monkeypatch.setattr("videos.web.library.page._add_scene_counts", broken)

        response = browser.get("/")

        assert response.status_code == 500
        assert "Something went wrong on our side" in page(response)
        assert "the details" not in page(response)
