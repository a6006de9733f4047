"""Pages of exports: the list, one export and what can be done to it, and what a video's page shows of them."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from exports.choices import ExportStatus
from exports.models import Export
from storage import files
from tests.factories import ExportFactory, SceneFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ACTIONS = ("cancel", "retry", "delete")


def url(name: str, row, **query: object) -> str:
    address = reverse(f"exports:{name}", args=[row.pk])
    return address + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def polled(response) -> str:
    """The address that a part of a page asks for again."""
    match = re.search(r'hx-get="([^"]+seen=[^"]+)"', response.content.decode())
    assert match
    return match[1].replace("&amp;", "&")


def words(response) -> str:
    """The page's text without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize("name", ["detail", "for_video", "dialog", "dialog_for_range", *ACTIONS])
def test_every_page_needs_a_login(client, name):
    address = reverse(f"exports:{name}", args=[uuid.uuid4()])

    answer = client.post(address) if name in ACTIONS else client.get(address)

    assert answer.url == f"{reverse('accounts:login')}?next={address}"


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("name", ["detail", *ACTIONS])
def test_another_users_export_is_like_a_missing_one(client, me, name, headers):
    theirs = ExportFactory.create(processing=True)
    ask = client.post if name in ACTIONS else client.get

    answers = [
        ask(url(name, theirs), headers=headers),
        ask(reverse(f"exports:{name}", args=[uuid.uuid4()]), headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "does not exist, or it is not yours" in words(answers[0])
    assert words(answers[0]) == words(answers[1])
    theirs.refresh_from_db()
    assert theirs.status == ExportStatus.PROCESSING


@pytest.mark.parametrize("name", ACTIONS)
def test_actions_need_a_post(client, me, name):
    mine = ExportFactory.create(owner=me, processing=True)

    assert client.get(url(name, mine)).status_code == 405


# One export


@pytest.mark.parametrize(
    ("trait", "said"),
    [
        ({}, "Waiting for its turn"),
        ({"started_at": datetime(2026, 11, 29, tzinfo=UTC), "attempts": 1}, "Waiting again"),
        ({"processing": True}, "Making the Short"),
        ({"completed": True}, "Your Short is ready"),
        ({"expired": True}, "This Short has expired"),
        ({"failed": True}, "The video tool stopped with an error."),
        ({"cancelled": True}, "This export is cancelled"),
    ],
)
def test_every_state_has_a_page_and_a_panel(client, video, trait, said):
    export = ExportFactory.create(video=video, **trait)

    page = client.get(url("detail", export))
    panel = client.get(url("detail", export), headers=HTMX)

    assert said in words(page)
    assert said in words(panel)
    assert b"<!DOCTYPE" in page.content
    assert b"<!DOCTYPE" not in panel.content
    assert page.headers["Vary"].count("HX-Request") == 1


def test_a_finished_short_plays_and_downloads_with_its_numbers(client, video):
    export = ExportFactory.create(
        video=video,
        completed=True,
        expires_at=timezone.now() + timedelta(hours=23, minutes=59, seconds=30),
        receipt={"loudness_lufs": -14.1, "rules": [{"name": "sync", "ok": True}]},
    )

    page = client.get(url("detail", export))

    shown = page.content.decode()
    assert f'src="{url("play", export)}"' in shown
    assert f'href="{url("download", export)}"' in shown
    for said in ("5.0 MB", "30.0 s", "1080 × 1920", "−14.1 LUFS", "Picture and sound in step"):
        assert said in shown
    assert "expires in 23 h 59 min" in shown


def test_a_failure_says_why_with_its_code_folded_away(client, video):
    export = ExportFactory.create(
        video=video, failed=True, error_code="SOURCE_MISSING", stage="prepare"
    )

    shown = client.get(url("detail", export)).content.decode()

    assert "The video&#x27;s file is gone" in shown
    assert "SOURCE_MISSING" in shown
    assert url("retry", export) in shown


def test_an_expired_short_can_be_asked_for_again_as_it_was(client, video):
    scene = SceneFactory.create(video=video)
    export = ExportFactory.create(
        video=video,
        expired=True,
        scene_id=scene.pk,
        start_ms=1_000,
        end_ms=31_000,
        aspect_ratio_strategy="blur",
        output_quality="medium",
    )

    page = client.get(url("detail", export))

    assert f'href="{url("dialog_again", export)}"' in page.content.decode()
    dialog = client.get(url("dialog_again", export))
    form = dialog.context["form"]
    assert [form[name].value() for name in ("start", "end", "strategy", "quality")] == [
        "0:01.000",
        "0:31.000",
        "blur",
        "medium",
    ]
    assert "Scene 1 of" in words(dialog)
    assert url("play", export) not in page.content.decode()


def test_titles_are_text(client, video):
    export = ExportFactory.create(video=video, title="<script>alert(1)</script>")

    for address in (url("detail", export), reverse("exports:list")):
        assert b"<script>alert" not in client.get(address).content


# Polling


def test_a_poll_that_has_seen_everything_touches_nothing(client, video):
    export = ExportFactory.create(video=video, processing=True)
    first = client.get(url("detail", export, part="live"), headers=HTMX)
    again = polled(first)

    answer = client.get(again, headers=HTMX)

    assert (answer.status_code, answer.content) == (204, b"")
    Export.objects.filter(pk=export.pk).update(progress=41)
    changed = client.get(again, headers=HTMX)
    assert 'value="41"' in changed.content.decode()
    assert 'id="export-panel"' not in changed.content.decode()


def test_the_poll_that_meets_the_end_brings_the_whole_panel_and_is_the_last(client, video):
    export = ExportFactory.create(video=video, completed=True)

    answer = client.get(url("detail", export, part="live", seen="old"), headers=HTMX)

    assert answer.headers["HX-Retarget"] == "#export-panel"
    assert answer.headers["HX-Trigger"] == "exports-changed"
    assert "Your Short is ready" in words(answer)
    assert "every 1s" not in answer.content.decode()


def test_the_poll_of_a_deleted_export_says_so_and_ends(client, video):
    export = ExportFactory.create(video=video, processing=True, deleted_at=timezone.now())

    answer = client.get(url("detail", export, part="live"), headers=HTMX)

    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#export-panel"
    assert "every 1s" not in answer.content.decode()


def test_a_rows_poll_brings_the_row_until_it_ends(client, video):
    export = ExportFactory.create(video=video, processing=True)

    going = client.get(url("detail", export, part="row"), headers=HTMX)
    Export.objects.filter(pk=export.pk).update(status="failed", claim_token=None)
    ended = client.get(url("detail", export, part="row"), headers=HTMX)
    Export.objects.filter(pk=export.pk).delete()
    gone = client.get(url("detail", export, part="row"), headers=HTMX)

    assert f'id="row-{export.pk}"' in going.content.decode()
    assert [ended.status_code, gone.status_code] == [204, 204]
    assert ended.headers["HX-Trigger"] == gone.headers["HX-Trigger"] == "exports-changed"


# Cancel, retry, delete


def test_cancelling_in_the_dialog_and_without_scripts(client, video):
    first, second = ExportFactory.create_batch(2, video=video, processing=True)

    in_place = client.post(url("cancel", first), headers=HTMX)
    plain = client.post(url("cancel", second), follow=True)

    assert "This export is cancelled" in words(in_place)
    assert in_place.headers["HX-Trigger"] == "exports-changed"
    assert plain.redirect_chain == [(url("detail", second), 302)]
    assert set(Export.objects.values_list("status", flat=True)) == {"cancelled"}


def test_retrying_queues_it_again(client, video, sent_messages, on_commit):
    export = ExportFactory.create(video=video, failed=True)

    with on_commit():
        answer = client.post(url("retry", export), headers=HTMX)

    assert "Waiting for its turn" in words(answer)
    assert sent_messages == [str(export.pk)]


@pytest.mark.parametrize(
    ("name", "trait", "said"),
    [
        ("cancel", {"completed": True}, "This export has ended already."),
        ("retry", {"completed": True}, "Only a failed or cancelled export can be retried."),
    ],
)
def test_what_cannot_be_done_is_said_where_it_was_asked_for(client, video, name, trait, said):
    export = ExportFactory.create(video=video, **trait)

    panel = client.post(url(name, export), headers=HTMX)
    row = client.post(url(name, export), {"part": "row"}, headers=HTMX)
    plain = client.post(url(name, export), follow=True)

    assert panel.status_code == row.status_code == 409
    assert said in words(panel)
    assert "Your Short is ready" in words(panel)
    assert row.json()["message"] == said
    assert said in words(plain)


def test_a_retry_over_the_limit_says_when_the_next_place_is_free(client, me, video):
    User.objects.filter(pk=me.pk).update(export_limit=1)
    ExportFactory.create(video=video, completed=True)
    failed = ExportFactory.create(video=video, failed=True)

    answer = client.post(url("retry", failed), headers=HTMX)

    assert answer.status_code == 429
    assert "The next place is free in" in words(answer)
    assert int(answer.headers["Retry-After"]) > 0


def test_deleting_removes_the_file_and_the_row_from_sight(client, video, tmp_path):
    shown = []
    for headers in ({}, HTMX):
        export = ExportFactory.create(video=video, completed=True)
        file = tmp_path / "short.mp4"
        file.write_bytes(b"short")
        files.save_file(export.file_key, file, content_type="video/mp4")

        shown.append(words(client.post(url("delete", export), headers=headers, follow=True)))

        assert files.size(export.file_key) is None
        assert client.get(url("detail", export)).status_code == 404
    assert "The export is deleted." in shown[0]
    assert "The export is deleted" in shown[1]
