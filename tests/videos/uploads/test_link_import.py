"""Imports from links: the request, its refusal, and the limit of pending ones."""

import threading

import pytest
from django.db import connection

from core.errors import HeimdexError
from tests.factories import UserFactory, VideoFactory
from videos import services
from videos.choices import VideoStatus
from videos.errors import VideoCode
from videos.models import Video

pytestmark = pytest.mark.usefixtures("sent_messages")


@pytest.mark.django_db
class TestAsking:
    def test_the_video_waits_and_has_no_source_yet(
        self, person, sent_messages, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            video = services.import_video(
                owner=person,
                url=" https://media.example/a/My%20Talk.mp4?sig=1#here ",
                title="",
                language="EN",
            )
        assert (video.status, video.source_key, video.size_bytes) == ("pending", "", None)
        assert (video.title, video.filename) == ("My Talk", "My Talk.mp4")
        assert video.source_url == "https://media.example/a/My%20Talk.mp4?sig=1"
        assert (video.link, video.link_host) == (
            "https://media.example/a/My%20Talk.mp4",
            "media.example",
        )
        assert video.language_wanted == "en"
        assert sent_messages == [video.pk]

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            ("", "video"),
            ("/", "video"),
            ("/a/..%2f..%2fetc%2fpasswd", "passwd"),
            ("/%00%01.mp4", ".mp4"),
            ("/" + "a" * 300 + ".mp4", "video"),
            ("/%ED%95%9C.mp4", "한.mp4"),
            ("/?x=/y.mp4", "video"),
        ],
    )
    def test_the_file_is_called_as_the_link_says(self, person, path, name):
        video = services.import_video(owner=person, url=f"https://media.example{path}")
        assert video.filename == name
        assert video.title

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("file:///etc/passwd", "IMPORT_LINK_INVALID"),
            ("gopher://media.example/", "IMPORT_LINK_INVALID"),
            ("http://user:word@media.example/", "IMPORT_LINK_INVALID"),
            ("http://media.example:6379/", "IMPORT_LINK_INVALID"),
            ("talk.mp4", "IMPORT_LINK_INVALID"),
            ("http://127.0.0.1/", "IMPORT_ADDRESS_REFUSED"),
            ("http://[::1]/", "IMPORT_ADDRESS_REFUSED"),
            ("http://169.254.169.254/latest/meta-data/", "IMPORT_ADDRESS_REFUSED"),
            ("http://[64:ff9b::7f00:1]/", "IMPORT_ADDRESS_REFUSED"),
        ],
    )
    def test_an_invalid_link_is_refused_at_the_request(self, person, url, code):
        with pytest.raises(HeimdexError) as caught:
            services.import_video(owner=person, url=url)
        assert caught.value.code.name == code
        assert not Video.objects.exists()

    def test_the_same_link_twice_is_one_video(self, person):
        url = "https://media.example/a.mp4?sig=1"
        first = services.import_video(owner=person, url=url)
        assert services.import_video(owner=person, url=url) == first
        assert services.import_video(owner=UserFactory(), url=url) != first
        VideoFactory._meta.model.objects.filter(pk=first.pk).update(status=VideoStatus.FAILED)
        assert services.import_video(owner=person, url=url) != first

    def test_only_so_many_may_wait(self, person, settings):
        settings.IMPORT_LIMIT = 2
        VideoFactory(owner=person, pending=True)  # an upload waits too, and does not count
        first = services.import_video(owner=person, url="https://media.example/1.mp4")
        services.import_video(owner=person, url="https://media.example/2.mp4")
        with pytest.raises(HeimdexError) as caught:
            services.import_video(owner=person, url="https://media.example/3.mp4")
        assert (caught.value.code, caught.value.status) == (VideoCode.IMPORT_LIMIT_EXCEEDED, 429)
        Video.objects.filter(pk=first.pk).update(status=VideoStatus.FAILED)
        services.import_video(owner=person, url="https://media.example/3.mp4")
        with pytest.raises(HeimdexError):
            services.request_reprocess(Video.objects.get(pk=first.pk))
        services.import_video(owner=UserFactory(), url="https://media.example/3.mp4")

    def test_it_can_be_switched_off(self, person, settings, browser):
        settings.IMPORT_LIMIT = 0
        with pytest.raises(HeimdexError) as caught:
            services.import_video(owner=person, url="https://media.example/3.mp4")
        assert (caught.value.code, caught.value.status) == (VideoCode.IMPORT_OFF, 403)
        assert "From a link" not in browser.get("/upload").content.decode()


@pytest.mark.services
def test_concurrent_imports_do_not_exceed_the_limit(on_postgres, settings):
    settings.IMPORT_LIMIT = 3
    person = UserFactory()
    gate = threading.Barrier(8)
    answers: list[str] = []

    def one(number: int) -> None:
        gate.wait(30)
        try:
            services.import_video(owner=person, url=f"https://media.example/{number}.mp4")
            answers.append("ok")
        except HeimdexError as error:
            answers.append(error.code.name)
        finally:
            connection.close()

    crowd = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(60)
    assert sorted(answers) == ["IMPORT_LIMIT_EXCEEDED"] * 5 + ["ok"] * 3
