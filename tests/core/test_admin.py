"""Lists and actions of the admin cost no more for more rows."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.urls import reverse

from core import admin as core_admin
from tests.factories import ExportFactory, UserFactory, VideoFactory
from videos.models import Video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("templates_as_deployed")]

VIDEOS = reverse("admin:videos_video_changelist")
EXPORTS = reverse("admin:exports_export_changelist")
PER_PAGE = 50


def on_all(staff_client, url: str, action: str, selected, **more: str) -> str:
    """Run an action on all rows of a list, as the link "select all" does."""
    form = {"action": action, "select_across": "1", "index": "0", "_selected_action": selected}
    return staff_client.post(url, form | more, follow=True).content.decode()


def test_a_list_ends_with_its_last_page_and_says_so(staff_client, monkeypatch):
    monkeypatch.setattr(core_admin, "MAX_PAGES", 1)
    VideoFactory.create_batch(PER_PAGE)
    assert "rows are listed" not in staff_client.get(VIDEOS).content.decode()

    VideoFactory(title="One too many")

    assert "The first 50 rows are listed" in staff_client.get(VIDEOS).content.decode()
    assert "One too many" in staff_client.get(VIDEOS, {"q": "too many"}).content.decode()
    beyond = staff_client.get(VIDEOS, {"p": "2"})
    assert (beyond.status_code, beyond["Location"]) == (302, f"{VIDEOS}?e=1")


def test_an_action_on_all_rows_is_refused_for_too_many(staff_client, monkeypatch):
    monkeypatch.setattr(core_admin, "MAX_ACTION_ROWS", 3)
    videos = VideoFactory.create_batch(4, failed=True)

    page = on_all(staff_client, VIDEOS, "delete_selected", videos[0].pk, post="yes")

    assert "At most 3 rows at once" in page
    assert Video.objects.count() == 4

    videos[0].delete()
    page = on_all(staff_client, VIDEOS, "delete_selected", videos[1].pk, post="yes")
    assert "3 rows: deleted." in page
    assert not Video.objects.exists()


def test_an_action_that_takes_long_ends_and_says_how_many_are_left(staff_client, monkeypatch):
    exports = ExportFactory.create_batch(3)
    clock = iter([0.0, 1.0, core_admin.MAX_ACTION_S, core_admin.MAX_ACTION_S + 1.0])
    monkeypatch.setattr(core_admin, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    form = {"action": "cancel", "_selected_action": [export.pk for export in exports]}
    page = staff_client.post(EXPORTS, form, follow=True).content.decode()

    for export in exports:
        export.refresh_from_db()
    assert sorted(export.status for export in exports) == ["cancelled", "pending", "pending"]
    assert "1 row: cancelled." in page
    assert "2 rows are left" in page


class FormNesting(HTMLParser):
    """Notes the deepest nesting of forms: a browser ends the outer form at an inner one, and its fields are lost."""

    depth = deepest = 0

    def handle_starttag(self, tag: str, _attrs) -> None:
        """Count a form that begins."""
        self.depth += tag == "form"
        self.deepest = max(self.deepest, self.depth)

    def handle_endtag(self, tag: str) -> None:
        """Count a form that ends."""
        self.depth -= tag == "form"


@pytest.mark.parametrize("factory", [UserFactory, VideoFactory, ExportFactory])
def test_the_buttons_of_a_page_lie_outside_its_form(staff_client, factory):
    row = factory()
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    parser = FormNesting()

    parser.feed(staff_client.get(url).content.decode())

    assert (parser.deepest, parser.depth) == (1, 0)
