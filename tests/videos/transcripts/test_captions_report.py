"""How a captions file was read: the choice of its encoding, and what is said about it."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.errors import HeimdexError
from core.throttles import Throttle
from mediakit.subtitles.formats import read_captions
from storage import files as storage_files
from tests.clips import info_of
from tests.factories import SceneFactory, UserFactory, VideoFactory
from tests.videos.conftest import remux
from videos import policy, services, transcript_services
from videos.models import Upload
from videos.transcripts import transcription
from videos.transcripts.captions_report import preview_lines, report_of, report_sentences
from videos.transcripts.reading import SearchContext
from videos.web import captions_check

pytestmark = pytest.mark.django_db

POLISH = "1\n00:00:01,000 --> 00:00:02,000\nZażółć gęślą jaźń.\n"
BAD = (
    b"1\n-00:00:01,000 --> 00:00:01,000\nOne\n\n2\n00:00:02,000 --> soon\nTwo\n\n"
    b"3\n00:00:02,000 --> 00:00:02,500\nThree\n\n4\n00:00:09,000 --> 00:00:10,000\nFour\n"
)


@pytest.fixture
def read(tmp_path, clip):
    """Read a captions file as processing does; returns the transcript's text and the report."""

    def run(data: bytes, **columns):
        key = "captions/1/words.srt"
        storage_files.save_bytes(key, data, content_type="text/plain")
        video = VideoFactory(captions_key=key, captions_filename="words.srt", **columns)
        context = SearchContext(
            video=video,
            source=str(clip),
            info=info_of(clip),
            work_dir=tmp_path,
            should_stop=lambda: False,
            on_progress=lambda fraction: None,
        )
        search = transcription.TranscriptSearch(context)
        search.read_written()
        assert search.found is not None
        return search.found.transcript, context.report

    return run


def test_the_chosen_encoding_or_the_spoken_language_decides(read):
    text = POLISH.split("\n")[2]
    assert read(POLISH.encode("cp1250"))[0].cues[0].text == text
    assert read(POLISH.encode("cp1250"), captions_encoding="cp1257")[0].cues[0].text != text
    lithuanian = POLISH.replace(text, "ŠŽ").encode("cp1257")
    assert read(lithuanian, language_wanted="lt")[0].cues[0].text == "ŠŽ"


def test_frames_are_those_of_the_video(read, clip):
    rate = round(info_of(clip).video.frame_rate)
    stamps = POLISH.replace("00:00:01,000", "00:00:01:10").encode()
    assert read(stamps)[0].cues[0].start_ms == 1000 + round(10_000 / rate)


def test_a_clock_of_whole_hours_is_taken_off_and_said(read):
    transcript, report = read(POLISH.replace("00:00:0", "01:00:0").encode())
    assert (transcript.cues[0].start_ms, report["shift_ms"]) == (1000, 3_600_000)
    assert report_sentences(report) == [
        "The file's clock starts at 1:00:00: all captions were moved earlier by that."
    ]


def test_what_was_left_out_is_counted_and_said(read):
    transcript, report = read(BAD)
    assert [cue.text for cue in transcript.cues] == ["One", "Three"]
    assert report_sentences(report) == [
        "1 caption was left out (line 6: the time cannot be read).",
        "1 caption began before the video and was shortened.",
        "1 caption comes after the end of the video and was left out.",
    ]
    transcript, report = read("é".encode() * 20 + b"\xff" + POLISH.encode())
    assert report_sentences(report) == ["1 character could not be read and was left out."]


def test_a_file_without_faults_needs_no_sentence():
    reading = read_captions(POLISH.encode(), filename="a.srt")
    report = report_of(reading, reading.cues, shift_ms=0, duration_ms=9000)
    assert report_sentences(report) == []
    assert report["first_lines"] == ["Zażółć gęślą jaźń."]


@pytest.mark.parametrize(
    ("given", "known"), [("", ""), ("cp1250", "cp1250"), ("KOI8-R", "koi8-r"), ("utf8", "utf-8")]
)
def test_an_encoding_is_known_by_any_of_its_names(given, known):
    assert policy.clean_encoding(given) == known


@pytest.mark.parametrize("given", ["rot13", "idna", "zip", "no such", "a\0b", "ü" * 9])
def test_anything_else_is_no_encoding(given):
    with pytest.raises(HeimdexError, match="INVALID_INPUT"):
        policy.clean_encoding(given)


def test_the_choice_is_kept_with_upload_and_video(client, clip):
    file = SimpleUploadedFile("words.srt", POLISH.encode("cp1250"))
    video = transcript_services.set_captions(VideoFactory(), file=file, encoding="cp1250")
    assert video.captions_encoding == "cp1250"
    assert preview_lines(video, encoding="") == ["Zażółć gęślą jaźń."]
    assert preview_lines(video, encoding="cp1257") != ["Zażółć gęślą jaźń."]
    type(video).objects.filter(pk=video.pk).update(status="ready")
    assert services.request_reprocess(video, encoding="iso8859-2").captions_encoding == "iso8859-2"
    kept = services.store_captions(
        owner=video.owner, video_id=video.pk, file=file, encoding="cp1250"
    )
    assert kept.encoding == "cp1250"
    assert (Upload._meta.get_field("captions_encoding").max_length or 0) >= len(kept.encoding)


def test_the_page_shows_faults_encoding_and_first_lines(client):
    owner = UserFactory()
    client.force_login(owner)
    file = SimpleUploadedFile("words.srt", POLISH.encode("cp1250"))
    video = transcript_services.set_captions(VideoFactory(owner=owner), file=file)
    reading = read_captions(POLISH.encode("cp1250"), filename="a.srt")
    report = {**report_of(reading, reading.cues, shift_ms=0, duration_ms=9000), "dropped": 2}
    report |= {"first_fault_line": 7, "first_fault_reason": "bad_timing"}
    type(video).objects.filter(pk=video.pk).update(status="ready", captions_report=report)
    SceneFactory(video=video)

    page = client.get(reverse("videos:page", args=[video.pk])).content.decode()
    assert "2 captions were left out (the first in line 7: the time cannot be read)." in page
    assert "read as Windows-1250" in page
    assert "Zażółć gęślą jaźń." in page

    preview = reverse("videos:captions_preview", args=[video.pk])
    assert "Zażółć" in client.get(preview).content.decode()
    assert "Zażółć" not in client.get(preview, {"encoding": "cp1257"}).content.decode()
    assert "not known" in client.get(preview, {"encoding": "rot13"}).content.decode()
    client.force_login(UserFactory())
    assert client.get(preview).status_code == 404


def test_a_files_own_title_is_used_before_its_name(clip, tmp_path):
    tagged = remux(clip, tmp_path / "VID_0001.mp4", "-c", "copy", "-metadata", "title=My talk")
    owner = UserFactory()

    def made(**options):
        file = SimpleUploadedFile("VID_0001.mp4", tagged.read_bytes())
        return services.create_video(owner=owner, file=file, **options)

    assert made().title == "My talk"
    assert made(title="Given").title == "Given"


def check(client, data: bytes, **values: str) -> str:
    file = SimpleUploadedFile("words.srt", data)
    answer = client.post(reverse("videos:captions_check"), {"captions": file, **values})
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


class TestCheck:
    """A captions file is shown as it would be read, before it is sent for good."""

    @pytest.fixture
    def me(self, client):
        user = UserFactory()
        client.force_login(user)
        return user

    def test_encoding_and_first_lines_are_shown_and_nothing_is_stored(self, client, me, stored):
        data = "1\n00:00:01,000 --> 00:00:02,000\nDzień dobry, proszę państwa.\n".encode("cp1250")
        shown = check(client, data)
        assert "read as Windows-1250" in shown
        assert "Dzień dobry, proszę państwa." in shown
        assert "Dzieñ dobry" in check(client, data, encoding="cp1252")
        assert stored() == []

    def test_the_spoken_language_decides(self, client, me):
        data = "1\n00:00:01,000 --> 00:00:02,000\nđ\n".encode("cp1250")
        assert '<p class="small truncate" dir="auto">đ</p>' in check(client, data, language="hr")
        assert '<p class="small truncate" dir="auto">ğ</p>' in check(client, data, language="tr")

    def test_what_cannot_be_read_is_said(self, client, me):
        assert "cannot be read" in check(client, b"no captions at all")
        assert "not known" in check(client, b"1", encoding="latin-99")
        assert client.post(reverse("videos:captions_check")).content == b""

    def test_it_is_for_users_and_not_without_end(self, client, monkeypatch):
        address = reverse("videos:captions_check")
        assert client.post(address).status_code == 302
        client.force_login(UserFactory())
        monkeypatch.setattr(captions_check, "PER_USER", Throttle("few-checks", limit=1))
        check(client, b"no captions")
        assert "no captions" not in check(
            client, b"1\n00:00:01,000 --> 00:00:02,000\nno captions\n"
        )
