"""A saved preset's logo is deleted in the dialog, by its owner, after a question that names the presets."""

import pytest

from exports.captions import presets, styles
from tests.factories import (
    CaptionPresetFactory,
    ExportFactory,
    SceneFactory,
    UserFactory,
    VideoFactory,
)
from tests.mediakit.conftest import ffmpeg

pytestmark = pytest.mark.django_db

PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


@pytest.fixture
def picture(tmp_path) -> bytes:
    path = tmp_path / "logo.png"
    ffmpeg("-f", "lavfi", "-i", "color=0x00ff00:s=64x32", "-frames:v", 1, path)
    return path.read_bytes()


def test_the_question_names_the_presets_that_lose_it(signed_in, person, picture):
    scene = SceneFactory(video=VideoFactory(owner=person))
    name = presets.save_logo(person, picture)
    mine = CaptionPresetFactory(owner=person, name="Brand", overlays={"logo": name})
    page = signed_in.get(f"/scenes/{scene.pk}/export").content.decode()
    assert "“Brand” will have no logo" in page
    assert f'formaction="/logos/{name}/delete"' in page

    answer = signed_in.post(f"/logos/{name}/delete", {"captions": str(mine.pk)}, headers=PARTIAL)

    mine.refresh_from_db()
    assert (answer.status_code, mine.overlays["logo"]) == (200, "")
    assert "will have no logo" not in answer.content.decode()
    assert not styles.has_logo(person.pk, name)


def test_one_that_an_export_waits_for_stays_and_the_page_says_why(signed_in, person, picture):
    name = presets.save_logo(person, picture)
    CaptionPresetFactory(owner=person, overlays={"logo": name})
    look = styles.resolve_style(person.pk, "pop", overlays={"logo": name}).to_json()
    ExportFactory(video=VideoFactory(owner=person), owner=person, look=look)

    answer = signed_in.post(f"/logos/{name}/delete", headers=PARTIAL)

    assert (answer.status_code, styles.has_logo(person.pk, name)) == (422, True)
    assert "waits or runs" in answer.content.decode()


def test_a_strangers_cannot_be_deleted(signed_in, picture):
    other = UserFactory()
    name = presets.save_logo(other, picture)

    assert signed_in.post(f"/logos/{name}/delete", headers=PARTIAL).status_code == 404
    assert styles.has_logo(other.pk, name)
