"""The admin of exports: why one failed, the clip itself, and actions that call the services."""

import uuid

import pytest
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from exports.choices import ExportStatus
from exports.models import CaptionPreset
from tests.factories import CaptionPresetFactory, ExportFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]

LIST = "admin:exports_export_changelist"


def page_of(staff_client, export):
    return staff_client.get(
        reverse("admin:exports_export_change", args=[export.pk])
    ).content.decode()


def run_action(staff_client, action, *exports):
    """Run an action on the list; the page that follows."""
    chosen = {"action": action, "_selected_action": [export.pk for export in exports]}
    return staff_client.post(reverse(LIST), {**chosen, "index": "0"}, follow=True).content.decode()


def completed_with_file():
    export = ExportFactory(completed=True)
    default_storage.save(export.file_key, ContentFile(b"0123456789"))
    return export


def test_a_failed_export_says_why(staff_client):
    export = ExportFactory(
        failed=True, title="<script>alert(1)</script>", tool_output="x264 <error>\nlast line"
    )

    page = page_of(staff_client, export)

    assert "The video tool stopped with an error." in page
    assert "x264 &lt;error&gt;\nlast line" in page
    assert "<script>alert(1)</script>" not in page
    assert "<script>alert(1)</script>" not in staff_client.get(reverse(LIST)).content.decode()


def test_the_history_of_attempts_says_why_each_ended(staff_client):
    export = ExportFactory(failed=True)
    reason = {"error_code": "STORAGE_UNAVAILABLE", "tool_output": "<no route>"}
    export.attempt_history.create(
        pk=uuid.uuid4(), number=1, worker="exports@one", outcome="retried", **reason
    )

    page = page_of(staff_client, export)

    assert "exports@one" in page
    assert "Failed, tried again" in page
    assert "(STORAGE_UNAVAILABLE)" in page
    assert "&lt;no route&gt;" in page


def test_a_running_export_shows_its_progress(staff_client):
    framing = {"pair": "fit", "shots": []}
    ExportFactory(processing=True, attempts=2, aspect_ratio_strategy="blur", framing=framing)

    page = staff_client.get(reverse(LIST)).content.decode()

    assert "Blur, High" in page
    assert "Making the Short 40%, attempt 2" in page


def test_a_completed_export_shows_receipt_and_clip(staff_client):
    export = ExportFactory(completed=True)

    page = page_of(staff_client, export)

    assert "&quot;loudness_lufs&quot;: -14.1" in page
    assert "A keyframe every half second" in page
    assert "2–5.4 s (wanted none)" in page
    assert f'<source src="{reverse("admin:exports_export_play", args=[export.pk])}"' in page


def test_the_clip_plays_in_parts_for_staff_only(staff_client, client):
    export = completed_with_file()
    url = reverse("admin:exports_export_play", args=[export.pk])

    part = staff_client.get(url, headers={"Range": "bytes=2-4"})
    assert (part.status_code, b"".join(part)) == (206, b"234")
    gone = reverse("admin:exports_export_play", args=[ExportFactory(expired=True).pk])
    assert staff_client.get(gone).status_code == 404

    default_storage.delete(export.file_key)
    assert staff_client.get(url).json()["error_code"] == "SOURCE_MISSING"

    client.force_login(export.owner)
    assert client.get(url).status_code == 302


def test_the_status_is_one_word(staff_client):
    page = page_of(staff_client, ExportFactory(cancelled=True))

    assert "Cancelled" in page
    assert "(&#x27;cancelled&#x27;" not in page


def test_staff_without_permission_sees_nothing(client):
    export = completed_with_file()
    client.force_login(UserFactory(is_staff=True))

    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse("admin:exports_export_play", args=[export.pk])).status_code == 404


def test_staff_with_view_permission_only_get_no_actions(client):
    export = ExportFactory(processing=True)
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_export"))
    client.force_login(viewer)

    assert 'value="cancel"' not in page_of(client, export)
    run_action(client, "cancel", export)

    export.refresh_from_db()
    assert export.status == ExportStatus.PROCESSING


def test_cancel_stops_what_runs_and_reports_what_has_ended(staff_client):
    running, done = ExportFactory(processing=True), ExportFactory(completed=True, title="Old one")

    answer = run_action(staff_client, "cancel", running, done)

    running.refresh_from_db()
    assert running.status == ExportStatus.CANCELLED
    assert "1 row: cancelled." in answer
    assert "Old one" in answer
    assert "This export has ended already." in answer


def test_retry_queues_again_within_the_limit(staff_client):
    failed = ExportFactory(failed=True)
    broke = ExportFactory(failed=True, owner=UserFactory(export_limit=0))

    answer = run_action(staff_client, "retry", failed, broke)

    failed.refresh_from_db()
    assert failed.status == ExportStatus.PENDING
    assert "1 row: queued again." in answer
    assert "Your account may not start exports." in answer


def test_expire_now_removes_the_file(staff_client):
    export = completed_with_file()

    answer = run_action(staff_client, "expire_now", export)

    assert "1 row: expired." in answer
    assert not default_storage.exists(export.file_key)
    export.refresh_from_db()
    assert export.file_key == ""


def test_delete_hides_the_row_and_removes_the_file(staff_client):
    export = completed_with_file()

    run_action(staff_client, "remove", export)

    assert not default_storage.exists(export.file_key)
    export.refresh_from_db()
    assert export.deleted_at is not None


def test_many_refusals_are_summarised(staff_client):
    answer = run_action(staff_client, "cancel", *ExportFactory.create_batch(22, completed=True))

    assert answer.count("This export has ended already.") == 20
    assert "and 2 more that were refused." in answer


def test_nothing_can_be_edited_added_or_dropped(staff_client):
    export = ExportFactory()
    change = reverse("admin:exports_export_change", args=[export.pk])

    assert staff_client.post(change, {"status": "completed"}).status_code == 403
    assert staff_client.get(reverse("admin:exports_export_add")).status_code == 403
    delete = reverse("admin:exports_export_delete", args=[export.pk])
    assert staff_client.post(delete, {"post": "yes"}).status_code == 403


def test_search_and_filters_work(staff_client):
    export = ExportFactory(title="Needle")
    ExportFactory(failed=True)

    for query in ({"q": "Needle"}, {"q": str(export.pk)}, {"status__exact": "failed"}):
        assert staff_client.get(reverse(LIST), query).context["cl"].result_count == 1


def test_a_list_takes_no_more_queries_for_more_rows(staff_client, count_queries):
    ExportFactory()
    one = count_queries(lambda: staff_client.get(reverse(LIST)))
    ExportFactory.create_batch(5)

    assert count_queries(lambda: staff_client.get(reverse(LIST))) == one


def test_saved_presets_can_be_seen_and_deleted_but_not_changed(staff_client):
    preset = CaptionPresetFactory(
        name="<b>Talks</b>", style={"preset": "karaoke"}, overlays={"progress": True}
    )
    page = reverse("admin:exports_captionpreset_change", args=[preset.pk])

    shown = staff_client.get(reverse("admin:exports_captionpreset_changelist")).content.decode()
    for words in ("&lt;b&gt;Talks&lt;/b&gt;", preset.owner.username, "Karaoke", "Progress bar"):
        assert words in shown
    assert "&quot;preset&quot;: &quot;karaoke&quot;" in staff_client.get(page).content.decode()
    assert staff_client.post(page, {"name": "mine"}).status_code == 403
    deleted = reverse("admin:exports_captionpreset_delete", args=[preset.pk])
    assert staff_client.post(deleted, {"post": "yes"}).status_code == 302
    assert not CaptionPreset.objects.exists()


def test_the_filter_offers_the_error_codes_that_occurred(staff_client):
    ExportFactory(completed=True)
    ExportFactory.create_batch(2, failed=True)
    ExportFactory(failed=True, error_code="WORKER_LOST")

    page = staff_client.get(reverse(LIST)).content.decode()
    found = staff_client.get(reverse(LIST), {"error_code": "TOOL_FAILED"}).context["cl"]

    offered = [code for code in ("TOOL_FAILED", "WORKER_LOST", "STORAGE_FULL") if code in page]
    assert offered == ["TOOL_FAILED", "WORKER_LOST"]
    assert found.result_count == 2
