"""Handing out files: the player's view, downloads with and without login, and what a dead link says."""

from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.link_grants import make_grant
from exports import services
from exports.downloads import filenames, signed_urls
from exports.models import Export
from jobs.clock import database_now
from storage import files
from tests.factories import ExportFactory, UserFactory

pytestmark = pytest.mark.django_db
BYTES = bytes(range(256)) * 8
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def export(person) -> Export:
    made = ExportFactory(
        video__owner=person,
        video__title="Talk about words",
        completed=True,
        scene_number=3,
        start_ms=252_000,
        end_ms=298_000,
    )
    files.save_bytes(made.file_key, BYTES, content_type="video/mp4")
    return made


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


def link_to(export: Export, *, age: timedelta = timedelta()) -> str:
    made = database_now() - age
    return signed_urls.download_url(export, grant=make_grant(export.owner), at=made)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_player_gets_the_bytes_in_parts(signed_in, export):
    url = f"/exports/{export.pk}/play"

    whole = signed_in.get(url)
    part = signed_in.get(url, headers={"range": "bytes=10-19"})

    assert (whole.status_code, body(whole)) == (200, BYTES)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Content-Disposition"] == "inline"
    assert (part.status_code, body(part)) == (206, BYTES[10:20])
    assert signed_in.get(url, headers={"range": "bytes=9999-"}).status_code == 416


def test_a_download_has_a_readable_name(signed_in, export):
    answer = signed_in.get(f"/exports/{export.pk}/download")

    assert body(answer) == BYTES
    name = "Talk about words - scene 3 - 4.12-4.58.mp4"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_needs_no_login(export):
    answer = Client().get(link_to(export))

    assert (answer.status_code, body(answer)) == (200, BYTES)
    assert "attachment" in answer.headers["Content-Disposition"]


def test_any_title_makes_a_name(export):
    Export.objects.filter(pk=export.pk).update(title='말의 "힘"/../🎤\u202e\n')

    answer = Client().get(link_to(export))

    header = answer.headers["Content-Disposition"]
    assert unquote(header.partition("UTF-8''")[2]) == "말의 힘 .. 🎤 - scene 3 - 4.12-4.58.mp4"
    assert body(answer) == BYTES


def test_a_link_lives_for_an_hour(export, settings):
    settings.EXPORT_KEEP_S = 10 * 3600
    fresh = Client().get(link_to(export, age=timedelta(minutes=59)))
    assert body(fresh) == BYTES
    stale = Client().get(link_to(export, age=timedelta(minutes=61)))

    assert stale.status_code == 404
    assert stale.json()["error_code"] == "EXPORT_EXPIRED"
    assert stale.json()["message"].startswith("This download link has expired.")
    assert stale.headers["Cache-Control"] == "no-store"


def test_a_machine_whose_clock_is_off_hands_out_links_all_the_same(export):
    with time_machine.travel(timezone.now() + timedelta(minutes=90)):
        url = link_to(export)
        assert body(Client().get(url)) == BYTES
    assert body(Client().get(url)) == BYTES


def test_a_link_dies_with_the_export(export):
    url = link_to(export)
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

    answer = Client().get(url)

    assert (answer.status_code, answer.json()["error_code"]) == (404, "EXPORT_EXPIRED")


def test_a_file_that_is_already_gone_is_an_expired_export(signed_in, export):
    files.delete(export.file_key)

    answer = signed_in.get(f"/exports/{export.pk}/download")

    assert (answer.status_code, answer.json()["error_code"]) == (404, "EXPORT_EXPIRED")


def test_a_link_dies_with_its_owners_account(export, person):
    url = link_to(export)
    person.is_active = False
    person.save(update_fields=["is_active"])

    assert Client().get(url).json()["error_code"] == "EXPORT_NOT_FOUND"


def test_a_link_dies_when_the_export_is_deleted(export):
    url = link_to(export)
    services.delete_export(export)

    assert Client().get(url).json()["error_code"] == "EXPORT_NOT_FOUND"


@pytest.mark.parametrize("forge", ["{url}~", "/d/hello", "/d/a:b:c"])
def test_a_forged_link_is_not_found(export, forge):
    answer = Client().get(forge.format(url=link_to(export)))

    assert (answer.status_code, answer.json()["error_code"]) == (404, "EXPORT_NOT_FOUND")


def test_an_unfinished_export_has_no_file(signed_in, person):
    export = ExportFactory(video__owner=person)

    for view in ("play", "download"):
        answer = signed_in.get(f"/exports/{export.pk}/{view}")
        assert (answer.status_code, answer.json()["error_code"]) == (409, "EXPORT_NOT_COMPLETED")


def test_a_browser_gets_a_page(signed_in, person):
    export = ExportFactory(video__owner=person, expired=True)
    url = f"/exports/{export.pk}/download"

    for client, address in ((signed_in, url), (Client(), link_to(export))):
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 404
        assert "text/html" in answer.headers["Content-Type"]
        assert "Export it again." in answer.content.decode()


def test_strangers_get_nothing(client, export):
    url = f"/exports/{export.pk}/download"

    assert client.get(url).status_code == 302
    client.force_login(UserFactory())
    assert client.get(url).json()["error_code"] == "EXPORT_NOT_FOUND"
    assert client.get(f"/exports/{export.pk}/play").status_code == 404


def test_files_are_only_read(signed_in, export):
    assert signed_in.post(f"/exports/{export.pk}/play").status_code == 405


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "Short - 0.00-0.30.mp4"),
        ("///", "Short - 0.00-0.30.mp4"),
        ("...", "Short - 0.00-0.30.mp4"),
        ("a\tb\x00c", "a b c - 0.00-0.30.mp4"),
        ("  CON: what?  ", "CON what - 0.00-0.30.mp4"),
        ("e\u0301t\u00e9", "été - 0.00-0.30.mp4"),
    ],
)
def test_names_are_safe(title, name):
    assert filenames.download_name(Export(title=title, start_ms=0, end_ms=30_000)) == name


@pytest.mark.parametrize("title", ["가" * 255, "👩‍👩‍👧" * 60, "a\u0323\u0308" * 85, "x" * 255])
def test_names_are_bounded_and_never_cut_a_character(title):
    name = filenames.download_name(
        Export(title=title, start_ms=0, end_ms=3_600_000, scene_number=12)
    )

    assert len(name.encode()) <= filenames.MAX_NAME_BYTES
    kept = name.removesuffix(" - scene 12 - 0.00-1.00.00.mp4")
    assert kept
    assert not kept.endswith("\u200d")


def test_a_letter_keeps_its_marks():
    assert filenames.safe_name("ab\u0323\u0308", max_bytes=4) == "a"
    assert filenames.safe_name("ab\u0323\u0308", max_bytes=2) == "a"
