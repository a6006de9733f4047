"""No stored text becomes anything but text: in pages, downloads, JSON, headers, the admin and logs."""

import contextlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from accounts.models import AccessToken, User
from core.errors import HeimdexError
from mediakit.errors import InputError
from mediakit.subtitles.formats import parse_captions
from storage import files
from storage.serving import content_disposition
from tests.factories import (
    CueFactory,
    ExportFactory,
    SceneFactory,
    UserFactory,
    VideoFactory,
)
from tests.security.strings import HOSTILE_NAMES, HOSTILE_TEXTS, MARK
from videos.models import Video
from videos.policy import clean_filename, clean_title

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.no_cover,
    pytest.mark.usefixtures("templates_as_deployed"),
]

EACH_TEXT = pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
HARMLESS = MARK
_ADDRESSES = {"href", "src", "action", "formaction", "srcset", "poster", "data", "xlink:href"}


class Structure(HTMLParser):
    """What a page is made of: elements with their attributes' names, and where the mark stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.suspicious: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        for name, value in attrs:
            address = name in _ADDRESSES and not (value or "").lstrip().lower().startswith(
                ("/", "#", "?")
            )
            if (
                MARK in tag
                or MARK in name
                or (MARK in (value or "") and (name.startswith("on") or address))
            ):
                self.suspicious.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._inside in {"script", "style"} and MARK in data:
            self.suspicious.append(f"in <{self._inside}>: {data!r}")

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self.suspicious.append(f"in a comment: {data!r}")


def fill(owner: User, text: str) -> tuple[Video, str, str]:
    """A video, a scene's and an export's id, with the text wherever text is stored."""
    video = VideoFactory.create(
        owner=owner,
        title=text,
        filename=text,
        captions_filename=text,
        source_url=f"https://example.invalid/{text}",
    )
    scene = SceneFactory.create(video=video, text=text, tags=[text], visual_summary=text)
    CueFactory.create(video=video, text=text, speaker=text, words=[[0, 3000, text]])
    export = ExportFactory.create(
        video=video, title=text, failed=True, tool_output=text, scene_id=scene.pk
    )
    return video, str(scene.pk), str(export.pk)


def pages_of(video: Video, scene: str, export: str) -> list[str]:
    """Where a person sees what is stored."""
    return [
        "/",
        f"/videos/{video.pk}",
        f"/videos/{video.pk}/card",
        f"/videos/{video.pk}/export?start_ms=0&end_ms=30000",
        f"/videos/{video.pk}/exports",
        f"/scenes/{scene}/export",
        "/exports",
        f"/exports/{export}",
    ]


def admin_pages_of(video: Video, export: str, person: User, token: AccessToken) -> list[str]:
    """Where staff see it."""
    return [
        "/admin/videos/video/",
        f"/admin/videos/video/{video.pk}/change/",
        f"/admin/videos/video/{video.pk}/delete/",
        "/admin/exports/export/",
        f"/admin/exports/export/{export}/change/",
        "/admin/accounts/user/",
        f"/admin/accounts/user/{person.pk}/change/",
        "/admin/accounts/accesstoken/",
        f"/admin/accounts/accesstoken/{token.pk}/change/",
    ]


def structures(client: Client, urls: list[str]) -> Iterator[Structure]:
    for url in urls:
        answer = client.get(url)
        assert answer.status_code == 200, url
        check_headers(answer)
        yield Structure(answer.getvalue().decode())


def check_headers(answer: Any) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name, value in answer.headers.items():
        assert not any(unicodedata.category(c) in {"Cc", "Zl", "Zp"} for c in value), name


@pytest.fixture(scope="module")
def harmless(django_db_blocker, django_db_setup) -> dict[str, list[Any]]:
    """Filled by the first test that needs it: the pages as rendered with a harmless text."""
    return {}


def expected(
    known: dict[str, list[Any]], owner: User, render: Callable[[str], list[Any]]
) -> list[Any]:
    if "pages" not in known:
        known["pages"] = render(HARMLESS)
        Video.objects.all().delete()
        owner.exports.all().delete()
    return known["pages"]


@EACH_TEXT
def test_pages_show_text_as_text(signed_in: Client, owner: User, harmless, text: str):
    def render(stored: str) -> list[Any]:
        found = list(structures(signed_in, pages_of(*fill(owner, stored))))
        assert [line for page in found for line in page.suspicious] == []
        return [page.elements for page in found]

    assert expected(harmless, owner, render) == render(text)


@EACH_TEXT
def test_settings_show_names_as_names(signed_in: Client, owner: User, text: str):
    def render(stored: str) -> list[Any]:
        User.objects.filter(pk=owner.pk).update(username=stored, first_name=stored)
        AccessToken.objects.filter(user=owner).delete()
        AccessToken.make(user=owner, name=stored)
        found = list(structures(signed_in, ["/account/settings", "/upload"]))
        assert [line for page in found for line in page.suspicious] == []
        return [page.elements for page in found]

    assert render(HARMLESS) == render(text)


def test_the_admin_shows_text_as_text(client: Client, boss: User):
    """All of them at once, one under another: what one opens another cannot hide, for both sides are compared."""
    client.force_login(boss)

    def render(stored: list[str]) -> list[Any]:
        User.objects.exclude(pk=boss.pk).delete()
        person = UserFactory.create(username=stored[0])
        User.objects.filter(pk=person.pk).update(first_name=stored[1], email=stored[2])
        for text in stored:
            made = fill(person, text)
            token, _ = AccessToken.make(user=person, name=text)
        found = list(structures(client, admin_pages_of(made[0], made[2], person, token)))
        assert [line for page in found for line in page.suspicious] == []
        return [page.elements for page in found]

    assert render([HARMLESS] * len(HOSTILE_TEXTS)) == render(list(HOSTILE_TEXTS))


@EACH_TEXT
def test_json_is_json_and_nothing_else(signed_in: Client, owner: User, text: str):
    video, scene, export = fill(owner, text)
    for url, field in (
        (f"/v1/videos/{video.pk}", "title"),
        (f"/v1/scenes/{scene}", "transcript_segment"),
        (f"/v1/exports/{export}", "title"),
        (f"/v1/videos/{video.pk}/details", "full_transcript"),
    ):
        answer = signed_in.get(url)
        check_headers(answer)
        assert answer.headers["Content-Type"] == "application/json"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert json.loads(answer.getvalue())[field] == text


@EACH_TEXT
@pytest.mark.parametrize("kind", ["vtt", "srt", "txt"])
def test_a_transcript_holds_one_cue_whatever_its_words(signed_in, owner, kind, text):
    video, *_ = fill(owner, text)

    answer = signed_in.get(f"/videos/{video.pk}/transcript.{kind}")
    body = answer.getvalue().decode()

    check_headers(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"].partition(";")[0] in {
        "text/vtt",
        "application/x-subrip",
        "text/plain",
    }
    if kind != "txt":
        shape = re.findall(r"^\d\d:\d\d:\d\d[.,]\d{3} --> .*$", body, re.MULTILINE)
        assert len(shape) == 1, shape
        with contextlib.suppress(
            InputError
        ):  # nothing was left of the text, or it is too long for our own reader
            assert len(parse_captions(body.encode(), filename=f"x.{kind}")) == 1
    assert not re.search(r"(^|\n\n)(STYLE|REGION|NOTE)", body)
    assert "\x00" not in body
    assert "\x1b" not in body


@EACH_TEXT
def test_captions_come_in_as_plain_text(text: str):
    """What is read from a captions file has no control characters, so every database and terminal can take it."""
    line = text.replace("-->", "->")
    data = f"1\n00:00:00,000 --> 00:00:02,000\nbefore {line}\n".encode()

    with contextlib.suppress(InputError):  # refused: too long, or a forged cue without a time
        for cue in parse_captions(data, filename="x.srt"):
            said = cue.text + cue.speaker + "".join(word.text for word in cue.words)
            assert not any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in said)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_file_name_becomes_a_name(name: str):
    """What is kept of a name is one part of a path, or it is refused; what is sent of it is one parameter."""
    kept = [name, clean_title("", filename=name)]
    with contextlib.suppress(
        HeimdexError
    ):  # FILE_NAME_INVALID: nothing is left, or more than 255 bytes
        kept.append(clean_filename(name))
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} or c in "/\\" for c in kept[-1])
        assert kept[-1] not in {"", ".", ".."}
    for text in kept:
        header = content_disposition(text, attachment=True)
        assert re.fullmatch(
            r"attachment; filename=\"[^\"\\]*\"(; filename\*=UTF-8''[A-Za-z0-9%_.~-]+)?", header
        )
        assert header.isascii()
        assert header.isprintable()


@EACH_TEXT
def test_a_download_is_named_by_one_header(signed_in, owner, text):
    export = ExportFactory(video__owner=owner, title=text, completed=True)
    files.save_bytes(export.file_key, b"bytes", content_type="video/mp4")

    answer = signed_in.get(f"/exports/{export.pk}/download")

    check_headers(answer)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert "owned" not in answer.cookies
    assert answer.getvalue() == b"bytes"


@EACH_TEXT
def test_a_title_that_is_sent_is_cleaned_or_refused(signed_in: Client, owner: User, text: str):
    video = VideoFactory.create(owner=owner)

    answer = signed_in.patch(
        f"/v1/videos/{video.pk}", {"title": text}, content_type="application/json"
    )

    assert answer.status_code in {200, 422}
    video.refresh_from_db()
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in video.title)


def test_halves_of_characters_are_refused_or_shown(signed_in: Client, owner: User):
    """A lone surrogate is no text that can be sent: JSON may bring one in, but never stores it, and never fails."""
    video, *_ = fill(owner, HARMLESS)
    body = json.dumps({"title": f"{MARK}\ud800"})

    sent = signed_in.patch(f"/v1/videos/{video.pk}", body, content_type="application/json")
    posted = signed_in.post(
        f"/videos/{video.pk}/rename",
        "title=%ED%A0%80",
        content_type="application/x-www-form-urlencoded",
    )

    assert sent.status_code in {200, 422}
    assert posted.status_code < 500
    assert signed_in.get(f"/videos/{video.pk}").status_code == 200
