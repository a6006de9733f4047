"""Pages of exports: the list, one export and what can be done to it, and what a video's page shows of them."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from exports.choices import ExportStatus
from exports.models import Export
from storage import files
from tests.factories import ExportFactory, SceneFactory, UserFactory, VideoFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ACTIONS = ("cancel", "retry", "delete")


@pytest.fixture
def me(client) -> User:
    user = UserFactory.create()
    client.force_login(user)
    return user


@pytest.fixture
def video(me):
    return VideoFactory.create(owner=me)


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
def test_somebody_elses_export_is_like_a_missing_one(client, me, name, headers):
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
    again = re.search(r'href="([^"]+start_ms=1000[^"]+)"', page.content.decode())

    assert again
    dialog = client.get(again[1].replace("&amp;", "&"))
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


def test_retrying_queues_it_again(client, video, woken, on_commit):
    export = ExportFactory.create(video=video, failed=True)

    with on_commit():
        answer = client.post(url("retry", export), headers=HTMX)

    assert "Waiting for its turn" in words(answer)
    assert woken == [str(export.pk)]


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


@pytest.mark.parametrize(
    ("name", "trait"), [("cancel", "processing"), ("retry", "failed"), ("delete", "failed")]
)
def test_the_list_refreshes_itself_after_an_action_in_a_row(client, video, name, trait):
    export = ExportFactory.create(video=video, **{trait: True})

    answer = client.post(url(name, export), {"part": "row"}, headers=HTMX)

    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "exports-changed")


# The list


def test_the_list_shows_ones_own_newest_first_by_state(client, me, video):
    ExportFactory.create(title="Theirs", completed=True)
    ExportFactory.create(video=video, title="Deleted", deleted_at=timezone.now())
    for age, (title, trait) in enumerate(
        [
            ("Made", "completed"),
            ("Going", "processing"),
            ("Broken", "failed"),
            ("Stopped", "cancelled"),
            ("Old", "expired"),
        ]
    ):
        ExportFactory.create(
            video=video,
            title=title,
            created_at=timezone.now() - timedelta(hours=age),
            **{trait: True},
        )

    def titles(**query: str) -> list[str]:
        page = client.get(reverse("exports:list"), query)
        return [card.export.title for card in page.context["cards"]]

    assert titles() == titles(state="nonsense") == ["Made", "Going", "Broken", "Stopped", "Old"]
    assert titles(state="ready") == ["Made"]
    assert titles(state="active") == ["Going"]
    assert titles(state="failed") == ["Broken"]
    assert titles(state="cancelled") == ["Stopped"]
    assert titles(state="expired") == ["Old"]


def test_an_empty_list_says_what_to_do(client, me):
    page = client.get(reverse("exports:list"))

    assert "No Shorts yet" in words(page)
    assert "10 of 10 exports left today" in words(page)


def test_long_lists_have_pages(client, video):
    ExportFactory.create_batch(21, video=video, cancelled=True)

    first = client.get(reverse("exports:list"), {"state": "cancelled"})
    last = client.get(reverse("exports:list"), {"state": "cancelled", "page": "99"})

    assert [len(first.context["cards"]), len(last.context["cards"])] == [20, 1]
    assert "Page 2 of 2" in words(last)
    assert 'href="?state=cancelled&amp;page=2"' in first.content.decode()


def test_htmx_gets_the_list_alone_and_boosted_links_the_page(client, me):
    address = reverse("exports:list")

    assert b"<!DOCTYPE" not in client.get(address, headers=HTMX).content
    assert b"<!DOCTYPE" in client.get(address, headers={**HTMX, "HX-Boosted": "true"}).content


def test_more_exports_do_not_cost_more_queries(client, video, django_assert_max_num_queries):
    scene = SceneFactory.create(video=video)
    ExportFactory.create_batch(15, video=video, completed=True, scene_id=scene.pk)

    for address in (reverse("exports:list"), url("for_video", video)):
        with django_assert_max_num_queries(7):
            client.get(address)


# What a video's page shows


def test_a_videos_exports_come_as_a_list_and_as_chips_of_their_scenes(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create(video=video, completed=True, scene_id=scene.pk, scene_number=1)
    ExportFactory.create(video=video, failed=True, start_ms=5_000, end_ms=65_000)
    ExportFactory.create(title="Another video")

    part = client.get(url("for_video", video), headers=HTMX)

    assert "Scene 1 · Ready" in words(part)
    assert "0:05–1:05 · Failed" in words(part)
    assert f'hx-swap-oob="innerHTML:#exports-of-{scene.pk}"' in part.content.decode()
    assert "every 1s" not in part.content.decode()
    assert "Scene 1 · Ready" in words(client.get(url("for_video", video)))


def test_it_is_polled_only_while_something_is_active_and_only_changes_are_sent(client, video):
    export = ExportFactory.create(video=video, processing=True)
    first = client.get(url("for_video", video), headers=HTMX)
    again = polled(first)

    assert "every 1s" in first.content.decode()
    assert client.get(again, headers=HTMX).status_code == 204
    Export.objects.filter(pk=export.pk).update(progress=77)
    assert "77%" in words(client.get(again, headers=HTMX))


def test_a_deleted_exports_chip_goes_away(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create(video=video, scene_id=scene.pk, cancelled=True, deleted_at=timezone.now())

    part = client.get(url("for_video", video), headers=HTMX).content.decode()

    assert f'<span hx-swap-oob="innerHTML:#exports-of-{scene.pk}"></span>' in part


def test_many_exports_are_counted_rather_than_listed(client, video):
    scene = SceneFactory.create(video=video)
    ExportFactory.create_batch(15, video=video, cancelled=True, scene_id=scene.pk)

    shown = words(client.get(url("for_video", video), headers=HTMX))

    assert "3 more" in shown
    assert "+13" in shown


def test_somebody_elses_video_has_no_exports_page(client, me):
    assert client.get(url("for_video", VideoFactory.create())).status_code == 404
