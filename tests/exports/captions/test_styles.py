"""Captions of exports: requested, copied, burned in, saved as presets, taken away as files."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import CoreCode, HeimdexError
from core.throttles import Throttle
from exports import services
from exports.captions import presets, styles
from exports.models import CaptionPreset, Export
from exports.previews import caption_stills
from exports.rendering import attempt as attempts
from exports.rendering import pipeline
from exports.retention import files as retention
from exports.services import ExportRequest
from mediakit.captions.caption_style import PRESET_NAMES, Overlays
from mediakit.captions.overlay import caption_coverage
from mediakit.render.short import ShortSpec
from storage import files
from storage.source_reader import open_source
from tests.factories import (
    CaptionPresetFactory,
    CueFactory,
    ExportFactory,
    SceneFactory,
    UserFactory,
    VideoFactory,
)
from tests.mediakit.conftest import ffmpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(person):
    video = VideoFactory(owner=person, transcript_language="en")
    for _ in range(4):
        CueFactory(video=video)
    return SceneFactory(video=video, end_ms=12_000)


@pytest.fixture
def logo(tmp_path) -> bytes:
    path = tmp_path / "logo.png"
    ffmpeg("-f", "lavfi", "-i", "color=0x00ff00:s=64x32", "-frames:v", 1, path)
    return path.read_bytes()


def ask(api, scene, **fields):
    answer = api.post(f"/v1/scenes/{scene.pk}/export-short", fields, format="json")
    assert answer.status_code == 202, answer.content
    return Export.objects.get(pk=answer.json()["export_id"])


def test_an_export_keeps_its_own_captions(api, scene):
    export = ask(api, scene, start_s=1.2, end_s=7.4, captions="pop", caption_style={"size": 100})

    assert (export.captions, export.look["style"]["size"], export.caption_language) == (
        "pop",
        100,
        "en",
    )
    assert [cue["text"] for cue in export.caption_cues] == [
        "small words.",
        "Three small words.",
        "Three",
    ]
    assert export.caption_cues[0]["words"] == [[0, 800, "small"], [800, 1800, "words."]]
    scene.video.cues.all().delete()
    assert styles.burn_in_for_export(Export.objects.get()).cues[0].text == "small words."
    assert caption_coverage(styles.burn_in_for_export(export)).missing == ()


def test_captions_are_off_unless_asked_for(api, scene):
    export = ask(api, scene)
    assert (export.captions, export.look["style"]) == ("", None)
    found = caption_coverage(styles.burn_in_for_export(export))
    assert found.captions == ()
    assert found.missing == found.speech == ((0, 12_000),)


def test_the_default_preset_is_used_unless_captions_are_off(api, scene, person):
    CaptionPresetFactory(owner=person, is_default=True)
    CaptionPresetFactory(owner=UserFactory(), is_default=True, style={"preset": "box"})

    assert ask(api, scene).look["style"]["color"] == "#ffee00"
    assert ask(api, scene, captions="off").captions == ""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"captions": "comic"}, 404),
        ({"captions": "pop", "caption_style": {"size": 5}}, 422),
        ({"captions": "pop", "caption_style": {"color": "red"}}, 422),
        ({"captions": "pop", "overlays": {"hook": "x" * 121}}, 422),
        ({"captions": "pop", "overlays": {"logo": "a" * 64}}, 422),
        ({"captions": "pop", "overlays": {"logo": "../../x"}}, 422),
    ],
)
def test_what_cannot_be_drawn_is_refused(api, scene, fields, status):
    answer = api.post(f"/v1/scenes/{scene.pk}/export-short", fields, format="json")
    assert answer.status_code == status
    assert not Export.objects.exists()


@pytest.mark.parametrize("kind", ["srt", "vtt", "txt"])
def test_the_words_of_the_range_can_be_taken_away(api, scene, kind):
    export = ask(api, scene, start_s=3.0, end_s=6.0)
    answer = api.get(f"/v1/exports/{export.pk}/captions.{kind}", headers={"accept": "text/vtt"})

    text = answer.content.decode()
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    assert text.count("Three") == 1
    if kind != "txt":
        assert "00:00:00" in text
        assert text.count("-->") == 1


def test_a_silent_range_has_no_caption_file(api, scene):
    export = ask(api, scene, start_s=20.0, end_s=22.0)
    answer = api.get(f"/v1/exports/{export.pk}/captions.srt")
    assert (answer.status_code, answer.json()["error_code"]) == (404, "NO_CAPTIONS")
    assert api.get(f"/v1/exports/{export.pk}/captions.exe").status_code == 404


def test_captions_are_burned_in(source, person, tmp_path, logo):
    video = source(person)
    CueFactory(video=video, text="WWWWW WWWWW WWWWW")
    name = presets.save_logo(person, logo)
    wanted = ExportRequest(
        video=video, start_ms=0, end_ms=900, strategy="letterbox", quality="medium"
    )
    plain = services.request_export(person, wanted)
    overlays = {"logo": name, "hook": "Hi", "progress": True}
    style = styles.resolve_style(person.pk, "big", overlays=overlays)
    drawn = services.request_export(person, replace(wanted, style=style))
    white = []
    for export in (plain, drawn):
        out = tmp_path / f"{export.pk}.mp4"
        attempt = attempts.Attempt(report=lambda *_: None, should_stop=lambda: False)
        with open_source(video.source_key) as path:
            info = pipeline.source_info(video.probe, path)
            spec = ShortSpec(
                0, 900, "letterbox", "medium",
                burn_in=styles.burn_in_for_export(export, folder=tmp_path),
            )  # fmt: skip
            attempts.render(path, info, spec, out, attempt=attempt)
        above = "crop=1080:380:0:240,scale=27:10,format=gray"
        raw = ffmpeg("-i", out, "-frames:v", 1, "-vf", above, "-f", "rawvideo", "-")
        white.append(max(raw))
    assert white[0] < 60  # the bar above the picture
    assert white[1] > 120  # the title, still fading in


def test_presets_are_kept_changed_and_deleted(api, person):
    made = api.post(
        "/v1/caption-presets",
        {"name": "Mine", "style": {"preset": "karaoke", "size": 70}, "is_default": True},
        format="json",
    ).json()
    assert made["style"]["font"] == "black"
    again = api.post("/v1/caption-presets", {"name": "Mine", "style": {}}, format="json")
    assert (again.status_code, again.json()["error_code"]) == (409, "PRESET_NAME_TAKEN")
    second = api.post(
        "/v1/caption-presets", {"name": "Other", "style": {}, "is_default": True}, format="json"
    ).json()
    listed = api.get("/v1/caption-presets").json()
    assert [row["name"] for row in listed["built_in"]] == list(PRESET_NAMES)
    assert [(row["name"], row["is_default"]) for row in listed["saved"]] == [
        ("Mine", False),
        ("Other", True),
    ]

    url = f"/v1/caption-presets/{made['preset_id']}"
    changed = api.patch(url, {"style": {"color": "#00ff00"}}, format="json").json()
    assert (changed["style"]["color"], changed["style"]["size"]) == ("#00ff00", 70)
    assert api.patch(url, {"style": {"size": 5000}}, format="json").status_code == 422
    assert api.patch(url, {"name": "Other"}, format="json").status_code == 409
    assert api.delete(url).status_code == 204
    assert CaptionPreset.objects.get().pk.hex == second["preset_id"].replace("-", "")


def test_presets_of_others_do_not_exist(api, scene):
    theirs = CaptionPresetFactory()
    for answer in (
        api.get(f"/v1/caption-presets/{theirs.pk}"),
        api.post(
            f"/v1/scenes/{scene.pk}/export-short", {"captions": str(theirs.pk)}, format="json"
        ),
    ):
        assert (answer.status_code, answer.json()["error_code"]) == (404, "PRESET_NOT_FOUND")


def test_a_user_has_a_limited_number_of_presets(person, monkeypatch):
    monkeypatch.setattr(presets, "MAX_PRESETS", 1)
    style = styles.resolve_style(person.pk, "box")
    presets.save_preset(person, name="a", style=style)
    with pytest.raises(HeimdexError, match="PRESET_LIMIT"):
        presets.save_preset(person, name="b", style=style)


def test_logos_are_drawn_anew_and_kept_while_something_shows_them(api, person, logo):
    answer = api.post("/v1/logos", {"file": SimpleUploadedFile("../x.png", logo)})
    name = answer.json()["logo"]
    key = styles.logo_key(person.pk, name)
    assert answer.status_code == 201
    assert files.size(key)

    later = timezone.now() + timedelta(days=3)
    CaptionPresetFactory(owner=person, overlays={"logo": name})
    assert key not in [file.key for file in retention.orphaned_files(at=later)]
    CaptionPreset.objects.all().delete()
    assert key not in [
        file.key for file in retention.orphaned_files(at=timezone.now() + timedelta(hours=1))
    ]
    assert key in [file.key for file in retention.orphaned_files(at=later)]
    with pytest.raises(HeimdexError):
        styles.resolve_style(UserFactory().pk, "box", overlays={"logo": name})


def test_a_user_uploads_so_many_logos_a_day(person, logo, monkeypatch):
    limit = Throttle("logos-test", limit=1, window_s=10**6)
    monkeypatch.setattr(presets, "LOGOS_PER_USER", limit)
    presets.save_logo(person, logo)

    with pytest.raises(HeimdexError) as refused:
        presets.save_logo(person, logo)

    assert refused.value.code == CoreCode.THROTTLED


def test_no_picture_is_no_logo(api):
    answer = api.post("/v1/logos", {"file": SimpleUploadedFile("a.png", b"<svg/>")})
    assert (answer.status_code, json.loads(answer.content)["error_code"]) == (422, "LOGO_INVALID")


@pytest.fixture
def signed_in(client, person):
    client.force_login(person)
    return client


FORM = {"start": "0:00", "end": "0:06", "strategy": "letterbox", "quality": "medium"}


def test_the_dialog_offers_every_preset_and_takes_what_is_chosen(signed_in, scene, person):
    saved = CaptionPresetFactory(owner=person, name="Mine", is_default=True)
    url = f"/scenes/{scene.pk}/export"
    page = signed_in.get(url).content.decode()
    for value in (*PRESET_NAMES, "off", str(saved.pk)):
        assert f'value="{value}"' in page
    chosen = page.split(f'value="{saved.pk}"')[1].split(">")[0]
    assert "checked" in chosen

    fields = {"captions": "karaoke", "size": "72", "upper_case": "yes", "color": "#123456"}
    overlays = {"hook": "Look!", "hook_s": "2", "progress": "yes", "progress_color": "#ff0000"}
    answer = signed_in.post(url, {**FORM, **fields, **overlays})
    assert answer.status_code == 302, answer.content.decode()
    look = Export.objects.get().look or {}
    assert (look["style"]["preset"], look["style"]["size"], look["style"]["upper_case"]) == (
        *("karaoke", 72, True),
    )
    assert look["style"]["color"] == "#ffffff"  # the form does not mark the colours as custom
    assert (look["overlays"]["hook"], look["overlays"]["hook_ms"]) == ("Look!", 2000)
    assert (look["overlays"]["progress"], look["overlays"]["progress_color"]) == (True, "#ff0000")

    bad = signed_in.post(url, {**FORM, "captions": "pop", "size": "9999"})
    assert bad.status_code == 422
    assert Export.objects.count() == 1


@pytest.mark.parametrize(("choice", "drawn"), [("", True), ("no", False), ("yes", True)])
def test_a_presets_progress_bar_stays_or_goes_as_wished(signed_in, scene, person, choice, drawn):
    bar = Overlays(progress=True, progress_color="#00ff00").to_json()
    saved = CaptionPresetFactory(owner=person, overlays=bar)
    fields = {"captions": str(saved.pk), "progress": choice, "progress_color": "#ff0000"}

    answer = signed_in.post(f"/scenes/{scene.pk}/export", {**FORM, **fields})

    assert answer.status_code == 302, answer.content.decode()
    kept = (Export.objects.get().look or {})["overlays"]
    colour = "#ff0000" if choice == "yes" else "#00ff00"
    assert (kept["progress"], kept["progress_color"]) == (drawn, colour)


def test_a_preview_is_made_once_and_rarely_too_often(signed_in, source, person, monkeypatch):
    video = source(person)
    CueFactory(video=video, text="WWWWW WWWWW WWWWW")
    url = f"/videos/{video.pk}/look/letterbox.jpg"

    def get(**look: str) -> tuple[int, bytes]:
        answer = signed_in.get(url, {"start_ms": 0, "end_ms": 2000, **look})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return answer.status_code, body

    plain, drawn = get(), get(captions="big", hook="Why")
    assert (plain[0], drawn[0], drawn[1][:3]) == (200, 200, b"\xff\xd8\xff")
    assert plain[1] != drawn[1]

    monkeypatch.setattr(caption_stills, "PER_USER", Throttle("none", limit=0))
    assert get(captions="big", hook="Why") == drawn
    assert get(captions="box")[0] == 429
    assert get(captions="box", size="1")[0] == 422
    assert get(captions=str(CaptionPresetFactory().pk))[0] == 422


def test_presets_are_saved_and_deleted_in_the_dialog(signed_in, person, logo):
    part = {"headers": {"HX-Request": "true"}}
    fields = {"captions": "box", "size": "60", "preset_name": "Talks", "preset_default": "on"}
    fields["framing"] = '{"person_share": 0.7, "shots": [{"at_s": 1, "layout": "fit"}]}'
    picture = SimpleUploadedFile("logo.png", logo)
    answer = signed_in.post("/presets", {**fields, "logo_file": picture}, **part)
    preset = CaptionPreset.objects.get()
    assert answer.status_code == 200, answer.content.decode()
    assert (preset.name, preset.style["size"], preset.is_default) == ("Talks", 60, True)
    assert preset.framing == {"person_share": 0.7}
    assert files.size(styles.logo_key(person.pk, preset.overlays["logo"]))
    assert "Talks" in answer.content.decode()

    assert signed_in.post("/presets", {**fields, "size": "70"}, **part).status_code == 200
    assert CaptionPreset.objects.get().style["size"] == 70
    assert (
        signed_in.post("/presets", {"captions": "off", "preset_name": "x"}, **part).status_code
        == 422
    )
    assert signed_in.post("/presets", {"captions": "box"}, **part).status_code == 422
    back = signed_in.post("/presets", {**fields, "back": "//evil.example/"})
    assert back.headers["Location"] == "/exports"
    assert signed_in.post(f"/presets/{preset.pk}/delete", **part).status_code == 200
    assert not CaptionPreset.objects.exists()


class TestDeletingALogo:
    @pytest.fixture
    def name(self, api, logo):
        answer = api.post("/v1/logos", {"file": SimpleUploadedFile("x.png", logo)})
        return answer.json()["logo"]

    def test_presets_and_retries_lose_it_and_its_file_is_gone(self, api, person, name):
        preset = CaptionPreset.objects.create(
            owner=person, name="Mine", style={}, overlays={"logo": name, "progress": True}
        )
        look = {"style": None, "overlays": {"logo": name, "progress": True}}
        failed = ExportFactory(owner=person, failed=True, look=look)
        done = ExportFactory(owner=person, completed=True, look=look)

        assert api.delete(f"/v1/logos/{name}").status_code == 204

        for row in (preset, failed, done):
            row.refresh_from_db()
        assert preset.overlays == {"logo": "", "progress": True}
        overlays = styles.ShortStyle.from_json(failed.look).overlays
        assert (overlays.logo, overlays.progress) == ("", True)
        assert done.look == look
        assert files.size(styles.logo_key(person.pk, name)) is None
        assert api.delete(f"/v1/logos/{name}").json()["error_code"] == "LOGO_NOT_FOUND"

    def test_one_that_an_export_needs_stays(self, api, person, name):
        ExportFactory(owner=person, look={"style": None, "overlays": {"logo": name}})

        answer = api.delete(f"/v1/logos/{name}")

        assert (answer.status_code, answer.json()["error_code"]) == (409, "CONFLICT")
        assert files.size(styles.logo_key(person.pk, name))

    def test_a_strangers_logo_is_not_there(self, api, name):
        stranger = APIClient()
        stranger.force_authenticate(UserFactory())

        assert stranger.delete(f"/v1/logos/{name}").status_code == 404
        assert stranger.delete("/v1/logos/..%2fx").status_code == 404
        assert api.delete(f"/v1/logos/{name}").status_code == 204
