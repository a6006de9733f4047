"""Pages of the videos app as a person meets them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from heimdex.errors import HeimdexError
from tests.factories import CueFactory, SceneFactory, UserFactory, VideoFactory
from videos import services
from videos.models import Video

HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def client(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def asked(monkeypatch):
    """What a service was asked, in place of doing it; put an error into `asked.refuse` to have it refuse."""

    class Asked(list):
        refuse = None

        def stand_in(self, name):
            def service(*args, **kwargs):
                self.append((name, args, kwargs))
                if self.refuse:
                    raise self.refuse
                return args[0] if args else VideoFactory(owner=kwargs["owner"])

            monkeypatch.setattr(services, name, service)

    asked = Asked()
    for name in ("create_video", "set_captions", "request_reprocess", "delete_video"):
        asked.stand_in(name)
    return asked


def url(name, video, **asked):
    return reverse(f"videos:{name}", args=[video.pk], query=asked or None)


def page(response):
    return response.content.decode()


def said(response):
    return [str(message) for message in response.context["messages"]]


def read_page(client, video):
    return page(client.get(url("page", video)))


class TestEveryPage:
    @pytest.mark.parametrize("path", ["/", "/upload"])
    def test_strangers_are_asked_to_log_in(self, client, path):
        client.logout()

        assert client.get(path)["Location"].startswith("/account/login")

    @pytest.mark.parametrize("name", ["page", "progress", "card"])
    def test_somebody_elses_video_is_a_missing_page(self, client, name):
        response = client.get(url(name, VideoFactory()))

        assert response.status_code == 404
        assert "This page is not here" in page(response)

    @pytest.mark.parametrize("name", ["rename", "add_captions", "reprocess", "delete"])
    def test_somebody_elses_video_cannot_be_changed(self, client, asked, name):
        video = VideoFactory()

        assert client.post(url(name, video), {"title": "Mine now"}).status_code == 404
        assert asked == []

    @pytest.mark.parametrize("name", ["rename", "add_captions", "reprocess", "delete"])
    def test_changes_are_posted(self, client, user, name):
        assert client.get(url(name, VideoFactory(owner=user))).status_code == 405

    def test_no_page_has_inline_style_or_script(self, client, user):
        video = VideoFactory(owner=user)
        SceneFactory(video=video)
        CueFactory(video=video)
        failed, working = (
            VideoFactory(owner=user, failed=True),
            VideoFactory(owner=user, processing=True),
        )

        for path in ("/", "/upload", *(url("page", v) for v in (video, failed, working))):
            found = page(client.get(path))
            assert not re.search(r"<[^>]+\s(style|on\w+)=", found)
            assert not re.search(r"<script(?![^>]*\bsrc=)", found)
            assert "<style" not in found

    def test_pages_speak_korean(self, client, user):
        user.language = "ko"
        user.save(update_fields=["language"])

        assert '<html lang="ko">' in page(client.get("/"))


class TestLibrary:
    def test_an_empty_one_says_what_to_do(self, client):
        found = page(client.get("/"))

        assert "Put in your first video" in found
        assert f'href="{reverse("videos:upload")}"' in found

    def test_a_search_without_hits_offers_the_way_back(self, client, user):
        VideoFactory(owner=user)

        found = page(client.get("/", {"q": "zebra"}))

        assert "No video matches" in found
        assert 'value="zebra"' in found

    def test_a_ready_card_is_not_polled_and_a_working_one_is(self, client, user):
        ready, working = VideoFactory(owner=user), VideoFactory(owner=user, processing=True)

        found = page(client.get("/"))

        assert f'hx-get="{url("card", working)}"' in found
        assert f'hx-get="{url("card", ready)}"' not in found

    def test_a_card_stops_asking_once_the_work_has_ended(self, client, user):
        video = VideoFactory(owner=user, processing=True)
        before = page(client.get(url("card", video), headers=HTMX))
        Video.objects.filter(pk=video.pk).update(status="ready", claim_token=None)
        SceneFactory.create_batch(3, video=video)

        after = page(client.get(url("card", video), headers=HTMX))

        assert "Writing the transcript" in before
        assert "40%" in before
        assert "hx-trigger" in before
        assert "hx-trigger" not in after
        assert "3 scenes" in after

    def test_a_failed_card_says_why(self, client, user):
        VideoFactory(owner=user, failed=True)

        assert "The file is damaged or incomplete" in page(client.get("/"))

    def test_pages_keep_the_question(self, client, user):
        VideoFactory.create_batch(25, owner=user)

        found = page(client.get("/", {"sort": "title"}))

        assert 'href="?sort=title&amp;page=2"' in found
        assert len(client.get("/", {"page": "2"}).context["videos"]) == 1
        assert client.get("/", {"page": "99"}).context["videos"].number == 2

    def test_queries_do_not_grow_with_videos(self, client, user, django_assert_num_queries):
        VideoFactory.create_batch(3, owner=user)
        with django_assert_num_queries(4):  # session, user, how many, which
            client.get("/")
        VideoFactory.create_batch(15, owner=user)
        with django_assert_num_queries(4):
            client.get("/")

    def test_titles_are_text(self, client, user):
        VideoFactory(owner=user, title="<b>bold</b>")

        assert "&lt;b&gt;bold&lt;/b&gt;" in page(client.get("/"))


class TestUpload:
    def test_the_plain_form_hands_everything_to_the_service(self, client, user, asked):
        file = SimpleUploadedFile("talk.mp4", b"bytes")
        captions = SimpleUploadedFile("talk.srt", b"text")

        response = client.post(
            "/upload", {"file": file, "title": "My talk", "language": "ko", "captions": captions}
        )

        ((_name, _args, given),) = asked
        assert response["Location"].startswith("/videos/")
        assert (given["owner"], given["title"], given["language"]) == (user, "My talk", "ko")
        assert (given["file"].name, given["captions"].name) == ("talk.mp4", "talk.srt")

    @pytest.mark.parametrize(
        ("code", "field"), [("NOT_A_VIDEO", "file"), ("CAPTIONS_UNSUPPORTED", "captions")]
    )
    def test_a_refusal_is_said_at_its_field(self, client, asked, code, field):
        asked.refuse = HeimdexError(code)

        response = client.post("/upload", {"file": SimpleUploadedFile("a.mp4", b"x")})

        assert response.status_code == 422
        assert response.context["form"].errors[field] == [asked.refuse.message]
        assert asked.refuse.message in page(response)

    def test_an_empty_file_is_left_to_the_service(self, client, asked):
        client.post("/upload", {"file": SimpleUploadedFile("a.mp4", b"")})

        assert len(asked) == 1

    def test_no_file_is_a_missing_field(self, client, asked):
        response = client.post("/upload", {"title": "Nothing"})

        assert (response.status_code, asked) == (422, [])


class TestVideoPage:
    def test_scenes_cues_and_exports_are_there(self, client, user):
        video = VideoFactory(owner=user)
        scene = SceneFactory(video=video, tags=["lamp"])
        CueFactory(video=video)

        found = read_page(client, video)

        assert f'src="{url("source", video)}"' in found
        assert 'data-cue="0 3000"' in found
        assert 'data-words="0,0,5 1000,6,5 2000,12,6"' in found
        assert f'hx-get="{reverse("exports:dialog", args=[scene.pk])}"' in found
        assert f'hx-get="{reverse("exports:for_video", args=[video.pk])}"' in found
        assert 'data-tag="lamp"' in found
        assert '<track kind="captions"' in found

    def test_words_are_text(self, client, user):
        video = VideoFactory(owner=user)
        SceneFactory(video=video)
        CueFactory(video=video, text="{\\b1}<i>Hi</i>", words=[])

        assert ">{\\b1}&lt;i&gt;Hi&lt;/i&gt;</span>" in read_page(client, video)

    def test_queries_do_not_grow_with_scenes_and_cues(
        self, client, user, django_assert_num_queries
    ):
        video = VideoFactory(owner=user)
        SceneFactory.create_batch(2, video=video)
        with django_assert_num_queries(5):  # session, user, video, scenes, cues
            read_page(client, video)
        SceneFactory.create_batch(10, video=video)
        CueFactory.create_batch(30, video=video)
        with django_assert_num_queries(5):
            read_page(client, video)

    def test_without_words_it_says_how_to_get_them(self, client, user):
        video = VideoFactory(owner=user, transcript_note="SPEECH_MODEL_MISSING")
        SceneFactory(video=video)

        found = read_page(client, video)

        assert "No speech model is installed." in found
        assert "Add a captions file" in found
        assert "Scene 1" in found
        assert "data-find-words" not in found

    def test_a_scene_that_is_too_long_says_so_instead_of_its_button(self, client, user):
        video = VideoFactory(owner=user)
        SceneFactory(video=video, start_ms=0, end_ms=180_001)

        found = read_page(client, video)

        assert "Longer than 180 s" in found
        assert "data-export\n" not in found

    def test_while_it_is_processed_again_its_old_words_stay_and_exports_wait(self, client, user):
        video = VideoFactory(owner=user, processing=True)
        SceneFactory(video=video)
        CueFactory(video=video)

        found = read_page(client, video)

        assert "Three small words." in found
        assert "Exports wait until processing has ended." in found
        assert f'hx-get="{url("progress", video, beside=1)}"' in found

    def test_before_there_is_anything_it_shows_the_work(self, client, user):
        found = read_page(client, VideoFactory(owner=user, processing=True))

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
    def test_a_failed_one_says_what_to_do(self, client, user, code, advice):
        video = VideoFactory(owner=user, failed=True, error_code=code, tool_output="secret lines")

        found = read_page(client, video)

        assert video.error_message in found.replace("&#x27;", "'")
        assert advice in found
        assert "secret lines" not in found


class TestProgress:
    def test_it_asks_again_only_while_work_goes_on(self, client, user):
        video = VideoFactory(owner=user, processing=True)
        working = page(client.get(url("progress", video), headers=HTMX))
        Video.objects.filter(pk=video.pk).update(
            status="failed", claim_token=None, error_code="TOOL_FAILED"
        )

        failed = page(client.get(url("progress", video), headers=HTMX))

        assert "every 1500ms" in working
        assert "hx-trigger" not in failed
        assert "<html" not in working

    def test_a_ready_one_opens_its_page(self, client, user):
        video = VideoFactory(owner=user)

        found = page(client.get(url("progress", video), headers=HTMX))

        assert f'hx-get="{url("page", video)}"' in found
        assert 'hx-select="#main"' in found

    def test_beside_a_transcript_it_offers_the_new_one_and_loads_nothing(self, client, user):
        video = VideoFactory(owner=user)

        found = page(client.get(url("progress", video, beside=1), headers=HTMX))

        assert "The new transcript and scenes are ready." in found
        assert "hx-get" not in found

    def test_opened_by_address_it_is_the_page(self, client, user):
        video = VideoFactory(owner=user, processing=True)

        assert client.get(url("progress", video))["Location"] == url("page", video)


class TestRename:
    def test_in_the_page_only_the_title_is_answered(self, client, user):
        video = VideoFactory(owner=user)

        response = client.post(url("rename", video), {"title": "Better"}, headers=HTMX)

        video.refresh_from_db()
        assert video.title == "Better"
        assert "Better" in page(response)
        assert "<video" not in page(response)

    def test_without_scripts_it_goes_back_to_the_page(self, client, user):
        video = VideoFactory(owner=user)

        assert client.post(url("rename", video), {"title": "B"})["Location"] == url("page", video)

    def test_an_empty_title_changes_nothing(self, client, user):
        video = VideoFactory(owner=user, title="Kept")

        response = client.post(url("rename", video), {"title": ""}, follow=True)

        video.refresh_from_db()
        assert video.title == "Kept"
        assert said(response) == ["A title has 1 to 255 characters."]


class TestActions:
    def test_captions(self, client, user, asked):
        video = VideoFactory(owner=user)

        response = client.post(
            url("add_captions", video), {"file": SimpleUploadedFile("a.srt", b"1")}, follow=True
        )

        assert asked[0][0] == "set_captions"
        assert said(response) == ["The captions are here. The transcript is being made from them."]

    def test_a_refusal_is_said_on_the_page(self, client, user, asked):
        video = VideoFactory(owner=user)
        asked.refuse = HeimdexError("CAPTIONS_INVALID", {"line": 7, "reason": "no time"})

        response = client.post(
            url("add_captions", video), {"file": SimpleUploadedFile("a.srt", b"1")}, follow=True
        )

        assert said(response) == ["The captions file cannot be read: line 7: no time"]

    def test_reprocess_passes_both_wishes_on(self, client, user, asked):
        video = VideoFactory(owner=user)

        client.post(url("reprocess", video), {"transcript": "speech", "language": "ko"})

        assert asked == [
            ("request_reprocess", (video,), {"language": "ko", "transcript": "speech"})
        ]

    def test_reprocess_refuses_what_is_not_offered(self, client, user, asked):
        video = VideoFactory(owner=user)

        response = client.post(url("reprocess", video), {"transcript": "magic"}, follow=True)

        assert asked == []
        assert "magic" in said(response)[0]

    def test_delete_says_what_is_gone(self, client, user, asked):
        video = VideoFactory(owner=user, title="Old")

        response = client.post(url("delete", video), follow=True)

        assert asked == [("delete_video", (video,), {})]
        assert said(response) == ["“Old” is deleted."]
        assert response.request["PATH_INFO"] == "/"


class TestErrorPages:
    def test_a_missing_page_is_designed(self, client):
        response = client.get("/nothing-here")

        assert response.status_code == 404
        assert "Go to the library" in page(response)

    def test_a_crash_is_a_page_without_details(self, client, user, monkeypatch):
        client.raise_request_exception = False

        def broken(*_args):
            raise RuntimeError("the details")

        monkeypatch.setattr("videos.views.pages.library", broken)

        response = client.get("/")

        assert response.status_code == 500
        assert "Something went wrong on our side" in page(response)
        assert "the details" not in page(response)
