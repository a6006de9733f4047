"""A person's cards and music: kept, listed, chosen for a Short, deleted; and nobody else's."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.errors import HeimdexError
from exports.captions import styles
from exports.captions.styles import ShortStyle
from exports.choices import ExportStatus, FinishKind
from exports.finish import files as finish_files
from exports.models import Batch, Export, FinishFile
from exports.previews import covers
from exports.retention import files as retention
from storage import files
from tests.exports.render_runs import real_commits, run
from tests.factories import (
    ExportFactory,
    SceneFactory,
    UserFactory,
    VideoFactory,
)
from tests.mediakit.conftest import colours_match, ffmpeg, pixel_reader

pytestmark = pytest.mark.django_db

PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def picture(tmp_path) -> bytes:
    path = tmp_path / "card.png"
    ffmpeg("-f", "lavfi", "-i", "color=0x2020c0:s=64x36", "-frames:v", 1, path)
    return path.read_bytes()


@pytest.fixture
def kept(person, tmp_path, picture) -> dict[str, FinishFile]:
    """A picture and music of the person's."""
    path = tmp_path / "music.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=f=3000:d=2", path)
    made = {}
    for name, data in (("card.png", picture), ("music.mp3", path.read_bytes())):
        upload = SimpleUploadedFile(name, data)
        made[name] = finish_files.save_file(person, upload, name=name, size=len(data))
    return made


def choice(kept, **more):
    card, music = (str(row.pk) for row in kept.values())
    return {"intro": {"file_id": card, **more}, "music": {"file_id": music}}


def test_files_are_kept_listed_and_deleted(api, picture):
    answer = api.post("/v1/finish-files", {"file": SimpleUploadedFile("../Intro.png", picture)})
    made = answer.json()
    assert (answer.status_code, made["name"], made["kind"]) == (201, "Intro.png", "picture")
    row = FinishFile.objects.get()
    assert [f["file_id"] for f in api.get("/v1/finish-files").json()["results"]] == [str(row.pk)]
    later = timezone.now() + timedelta(days=3)
    assert row.file_key not in [file.key for file in retention.orphaned_files(at=later)]

    assert api.delete(f"/v1/finish-files/{row.pk}").status_code == 204
    assert api.delete(f"/v1/finish-files/{row.pk}").json()["error_code"] == "FINISH_FILE_NOT_FOUND"
    assert files.size(row.file_key) is None


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"<svg/>", "FINISH_FILE_INVALID"), (bytes(16 << 20), "FINISH_FILE_TOO_LARGE")],
)
def test_what_cannot_be_used_is_refused_in_words(api, data, code):
    answer = api.post("/v1/finish-files", {"file": SimpleUploadedFile("a.mp4", data)})

    assert (answer.status_code, answer.json()["error_code"]) == (422, code)
    assert "%(" not in answer.json()["message"]
    assert not FinishFile.objects.exists()


def test_a_person_keeps_so_many(api, kept, picture, monkeypatch):
    monkeypatch.setattr(finish_files, "MAX_FILES", 2)

    answer = api.post("/v1/finish-files", {"file": SimpleUploadedFile("c.png", picture)})

    assert (answer.status_code, answer.json()["error_code"]) == (409, "FINISH_FILE_LIMIT")


def test_files_of_others_do_not_exist(kept):
    stranger = UserFactory()
    assert not finish_files.files_of(stranger.pk).exists()
    with pytest.raises(HeimdexError, match="INVALID_INPUT"):
        styles.resolve_style(stranger.pk, "box", finish=choice(kept))


def test_music_is_no_card_and_a_picture_no_music(person, kept):
    card, music = (str(row.pk) for row in kept.values())
    for wrong in ({"intro": {"file_id": music}}, {"music": {"file_id": card}}):
        with pytest.raises(HeimdexError, match="INVALID_INPUT"):
            styles.resolve_style(person.pk, "off", finish=wrong)


def test_a_preset_has_a_finish_and_loses_a_file_that_is_deleted(api, person, kept):
    body = {"name": "Brand", "style": {"preset": "box"}, "finish": choice(kept, length_ms=1500)}
    preset = api.post("/v1/caption-presets", body, format="json").json()
    style = styles.resolve_style(person.pk, preset["preset_id"])
    assert style.finish.intro is not None
    assert (style.finish.lead_ms, style.finish.length_ms) == (1500, 1500)
    assert ShortStyle.from_json(style.to_json()) == style
    assert styles.resolve_style(person.pk, "box", finish={"intro": None}).finish.cards == ()

    row = kept["card.png"]
    waiting = ExportFactory(video=VideoFactory(owner=person), owner=person, look=style.to_json())
    assert api.delete(f"/v1/finish-files/{row.pk}").json()["error_code"] == "FINISH_FILE_IN_USE"
    Export.objects.filter(pk=waiting.pk).update(status=ExportStatus.CANCELLED)
    assert api.delete(f"/v1/finish-files/{row.pk}").status_code == 204

    changed = api.get(f"/v1/caption-presets/{preset['preset_id']}").json()
    assert changed["finish"]["intro"] is None
    assert changed["finish"]["music"]["file_id"] == str(kept["music.mp3"].pk)


def test_the_whole_short_is_at_most_three_minutes(api, person, kept):
    scene = SceneFactory(
        video=VideoFactory(owner=person, duration_ms=300_000), start_ms=0, end_ms=178_000
    )
    body = {"finish": choice(kept), "captions": "off"}

    answer = api.post(f"/v1/scenes/{scene.pk}/export-short", body, format="json")

    assert (answer.status_code, answer.json()["error_code"]) == (422, "SHORT_TOO_LONG")
    assert answer.json()["details"]["scene_duration_s"] == 181
    assert not Export.objects.exists()


@real_commits
@pytest.mark.usefixtures("no_heartbeat")
def test_an_export_is_finished_and_its_captions_are_as_late_as_its_intro(
    export, person, kept, tmp_path
):
    """The fixture's video belongs to somebody else, so the files are made theirs."""
    FinishFile.objects.update(owner=export.owner)
    cue = {"start_ms": 100, "end_ms": 600, "text": "Hi.", "words": [], "speaker": ""}
    look = ShortStyle.from_json({"finish": choice(kept, length_ms=1000)}).to_json()
    quick = {"aspect_ratio_strategy": "center_crop", "output_quality": "medium"}
    batch = Batch.objects.create(owner=export.owner, title="All", name_template="{nn}")
    Export.objects.filter(pk=export.pk).update(
        look=look, caption_cues=[cue], batch=batch, batch_number=1, **quick
    )

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.COMPLETED, "")
    assert row.duration_ms is not None
    assert abs(row.duration_ms - 1_800) <= 100
    assert row.receipt["cut_ms"] == [1_000, 1_800]
    assert {r["name"]: r["ok"] for r in row.receipt["rules"]}["cards_shown"]
    assert "00:00:01,100 --> 00:00:01,600" in styles.caption_text(row, "srt")
    (cover,) = covers.stored_covers([row]).values()
    shown = tmp_path / "cover.jpg"
    shown.write_bytes(files.read_bytes(cover.key, limit=1 << 22))
    assert not colours_match(pixel_reader(shown)(0.5, 0.5), (32, 32, 192))  # the card's


@real_commits
@pytest.mark.usefixtures("no_heartbeat")
def test_a_file_that_is_gone_is_said(export):
    look = {"finish": {"intro": {"file_id": "0" * 8 + "-0000-0000-0000-" + "0" * 12}}}
    Export.objects.filter(pk=export.pk).update(look={"overlays": {}, **look})

    row = run(export)

    assert (row.status, row.error_code) == (ExportStatus.FAILED, "FINISH_FILE_GONE")


def test_the_dialog_adds_chooses_and_deletes(client, person, picture):
    client.force_login(person)
    upload = SimpleUploadedFile("Intro.png", picture)
    answer = client.post("/finish-files", {"finish_file": upload, "music": "none"}, headers=PARTIAL)
    row = FinishFile.objects.get(owner=person)
    page = answer.content.decode()
    assert f'<option value="{row.pk}" selected>Intro.png</option>' in page

    plain = SimpleUploadedFile("Outro.png", picture)
    answer = client.post("/finish-files", {"finish_file": plain}, follow=True)  # without scripts
    assert "“Outro.png” is kept." in answer.content.decode()

    bad = SimpleUploadedFile("a.mp4", b"words")
    refused = client.post("/finish-files", {"finish_file": bad}, headers=PARTIAL)
    assert (refused.status_code, "cannot be used" in refused.content.decode()) == (422, True)
    assert client.post("/finish-files", headers=PARTIAL).status_code == 200

    other = FinishFile.objects.create(
        owner=UserFactory(), name="x", kind=FinishKind.MUSIC, file_key="finish/x", size_bytes=1
    )
    assert client.post(f"/finish-files/{other.pk}/delete", headers=PARTIAL).status_code == 404
    assert client.post(f"/finish-files/{row.pk}/delete", headers=PARTIAL).status_code == 200
    assert not FinishFile.objects.filter(pk=row.pk).exists()


def test_a_dialog_asks_for_a_finish_and_repeats_it(client, person, kept):
    client.force_login(person)
    scene = SceneFactory(video=VideoFactory(owner=person))
    card, music = (str(row.pk) for row in kept.values())
    fields = {"start": "0", "end": "5", "strategy": "blur", "quality": "high", "captions": "off"}
    fields |= {"outro": card, "outro_s": "1.5", "music": music, "music_level": "soft"}

    answer = client.post(f"/scenes/{scene.pk}/export", fields, headers=PARTIAL)

    export = Export.objects.get()
    assert answer.status_code == 200
    assert export.look is not None
    assert export.look["finish"] == {
        "outro": {"file_id": card, "length_ms": 1500, "sound": True},
        "music": {"file_id": music, "level": "soft"},
    }
    again = client.get(f"/exports/{export.pk}/again").content.decode()
    assert f'<option value="{music}" selected>' in again
