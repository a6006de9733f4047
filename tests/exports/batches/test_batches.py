"""Batches through the API: all or nothing, within the limit, tried again, cancelled, downloaded as one ZIP."""

import csv
import io
import json
import uuid
import zipfile

import pytest

from exports.batches.naming import file_names
from exports.choices import ExportStatus
from exports.downloads.filenames import download_name
from exports.models import Batch, Export
from exports.previews import covers
from jobs.lease import claim_next
from storage import files
from tests.exports.api_requests import refused
from tests.factories import (
    CueFactory,
    ExportFactory,
    SceneFactory,
    SuggestionFactory,
    UserFactory,
    VideoFactory,
)
from videos.clips.services import ClipState, create_clip
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person, clip_info) -> Video:
    """Two minutes with words, a scene and a suggestion."""
    made = VideoFactory(
        owner=person, title="Baking", probe={**clip_info.to_json(), "duration_ms": 120_000}
    )
    CueFactory(video=made, start_ms=1_000, end_ms=4_000, text="Bread rises slowly.")
    SceneFactory(video=made, tags=["bread", "oven"])
    SuggestionFactory(video=made)
    return made


def span(start: float, end: float, video: Video) -> dict[str, object]:
    return {"video_id": str(video.pk), "start_s": start, "end_s": end}


def ask(api, *items, key="", **fields):
    headers = {"Idempotency-Key": key} if key else {}
    body = {"items": items, "aspect_ratio_strategy": "center_crop", **fields}
    return api.post("/v1/batches", body, format="json", headers=headers)


def finish(export: Export, content: bytes) -> None:
    """As a worker does it: the file in storage, then the row."""
    export.file_key = f"exports/{export.pk}.mp4"
    files.save_bytes(export.file_key, content, content_type="video/mp4")
    export.status, export.progress = ExportStatus.COMPLETED, 100
    export.completed_at, export.duration_ms = export.created_at, 3_000
    export.file_size_bytes, export.file_sha256 = len(content), "ab" * 32
    export.receipt = {"rules": [{"name": "loudness", "ok": False, "hard": False}]}
    export.save()


def test_everything_that_can_be_one_short_is_one_of_a_batch(
    api, video, person, sent_messages, on_commit
):
    clip = create_clip(person, video, ClipState("Kept", [(1_000, 4_000), (6_000, 9_000)]))
    scene, suggestion = video.scenes.get(), video.suggestions.get()

    with on_commit():
        answer = ask(
            api,
            {"clip_id": str(clip.pk)},
            {"scene_id": str(scene.pk)},
            {"suggestion_id": str(suggestion.pk)},
            {**span(1, 4, video), "title": "Mine"},
        )

    body = answer.json()
    assert answer.status_code == 202
    assert answer["Location"].endswith(f"/v1/batches/{body['batch_id']}")
    assert (body["title"], body["is_active"], body["progress"]) == ("Baking", True, 0)
    assert body["counts"]["total"] == body["counts"]["waiting"] == 4
    titles = [export["title"] for export in body["exports"]]
    assert titles == ["Kept", "Bread rises slowly.", "Why does bread rise?", "Mine"]
    assert len(body["exports"][0]["ranges"]) == 2
    assert body["exports"][1]["scene_number"] == scene.number
    assert sent_messages == [export["export_id"] for export in body["exports"]]
    assert api.get("/v1/batches").json()["results"][0]["batch_id"] == body["batch_id"]


def test_a_clip_keeps_what_was_framed_by_hand(api, person, video):
    framing = {"shots": [{"at_s": 2.0, "layout": "fit"}]}
    clip = create_clip(person, video, ClipState("Kept", [(1_000, 4_000)], {"framing": framing}))

    answer = ask(api, {"clip_id": str(clip.pk)}, span(4, 7, video))

    assert answer.status_code == 202
    kept, plain = Export.objects.order_by("batch_number")
    shots = (kept.framing or {})["shots"]
    assert [(shot["at_ms"], shot["layout"]) for shot in shots] == [(2_000, "fit")]
    assert plain.framing is None


def test_they_are_made_in_their_order(api, video):
    ask(api, *(span(second, second + 1, video) for second in range(1, 9)))

    claimed = [claim_next(Export) for _ in range(8)]

    assert [claim.row.batch_number for claim in claimed if claim] == list(range(1, 9))


def test_each_item_is_made_in_each_aspect_ratio(api, video, person):
    ratios = ["9:16", "1:1", "9:16"]
    answer = ask(api, span(1, 4, video), span(2, 5, video), aspect_ratios=ratios)

    made = [(export["start_s"], export["aspect_ratio"]) for export in answer.json()["exports"]]
    assert made == [(1, "9:16"), (1, "1:1"), (2, "9:16"), (2, "1:1")]
    assert answer.json()["file_names"] == "{nn} {title} {ratio}"
    exports = list(Export.objects.order_by("batch_number"))
    assert file_names("{title} {ratio}", exports)[1] == "Bread rises slowly. 1x1"
    assert download_name(exports[1]) == "Bread rises slowly - 0.01-0.04 - 1x1.mp4"
    assert download_name(exports[0]) == "Bread rises slowly - 0.01-0.04.mp4"
    person.export_limit = 5
    person.save()
    over = ask(api, span(1, 4, video), aspect_ratios=["4:5", "16:9"])
    assert refused(over, 429, "EXPORT_LIMIT_EXCEEDED")["requested"] == 2
    for wrong in ([], ["3:2"], "9:16"):
        refused(ask(api, span(1, 4, video), aspect_ratios=wrong), 422, "INVALID_INPUT")


def test_a_batch_over_the_limit_starts_nothing(api, video, person):
    person.export_limit = 3
    person.save()
    ask(api, span(1, 4, video))

    answer = ask(api, *[span(1, 4, video)] * 3)

    details = refused(answer, 429, "EXPORT_LIMIT_EXCEEDED")
    assert (details["requested"], details["free"], details["limit"]) == (3, 2, 3)
    assert "3 Shorts" in answer.json()["message"]
    assert (Export.objects.count(), Batch.objects.count()) == (1, 1)
    assert ask(api, *[span(1, 4, video)] * 2).status_code == 202


def test_one_that_cannot_be_made_is_named_and_stops_all(api, video):
    answer = ask(api, span(1, 4, video), span(1, 900, video))

    assert refused(answer, 422, "INVALID_INPUT")["number"] == 2
    assert answer.json()["message"].startswith("2/2: ")
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ([], "INVALID_INPUT"),
        ([{}], "INVALID_INPUT"),
        ([{"clip_id": "x"}], "INVALID_INPUT"),
        ([{"clip_id": str(uuid.uuid4())}], "CLIP_NOT_FOUND"),
        ([{"suggestion_id": str(uuid.uuid4())}], "SUGGESTION_NOT_FOUND"),
        ([{"video_id": str(uuid.uuid4())}], "INVALID_INPUT"),
        ([{"video_id": str(uuid.uuid4()), "start_s": 0, "end_s": 1}], "VIDEO_NOT_FOUND"),
        ([{"video_id": str(uuid.uuid4()), "start_s": 0, "end_s": 1}] * 500, "BATCH_SIZE"),
    ],
)
def test_items_that_are_none(api, video, items, code):
    answer = ask(api, *items)

    assert answer.json()["error_code"] == code
    assert 400 <= answer.status_code < 500


def test_what_is_another_person_s_is_in_no_batch(api, video):
    other = VideoFactory()
    clip_of_other = create_clip(other.owner, other, ClipState("Theirs", [(0, 3_000)]))

    refused(ask(api, {"clip_id": str(clip_of_other.pk)}), 404, "CLIP_NOT_FOUND")
    body = ask(api, span(1, 4, video)).json()
    api.force_authenticate(UserFactory())
    for path in ("", "/zip"):
        refused(api.get(f"/v1/batches/{body['batch_id']}{path}"), 404, "BATCH_NOT_FOUND")
    for verb in ("cancel", "retry"):
        refused(api.post(f"/v1/batches/{body['batch_id']}/{verb}"), 404, "BATCH_NOT_FOUND")


def test_the_same_key_makes_one_batch(api, video):
    first = ask(api, span(1, 4, video), key="k").json()

    assert ask(api, span(1, 4, video), key="k").json()["batch_id"] == first["batch_id"]
    refused(ask(api, span(2, 5, video), key="k"), 409, "IDEMPOTENCY_KEY_REUSED")
    assert Export.objects.count() == 1


def test_only_what_failed_is_tried_again(api, video):
    body = ask(api, *[span(1, 4, video)] * 3).json()
    first, second, third = Export.objects.order_by("batch_number")
    finish(first, b"one")
    Export.objects.filter(pk=second.pk).update(status=ExportStatus.FAILED, error_code="TOOL_FAILED")
    Export.objects.filter(pk=third.pk).update(status=ExportStatus.CANCELLED)
    address = f"/v1/batches/{body['batch_id']}"
    counts = api.get(address).json()["counts"]
    assert (counts["completed"], counts["failed"], counts["cancelled"]) == (1, 1, 1)
    assert api.get(address).json()["progress"] == 100

    answer = api.post(f"{address}/retry")

    assert answer.status_code == 202
    statuses = [export["status"] for export in answer.json()["exports"]]
    assert statuses == ["completed", "pending", "cancelled"]
    refused(api.post(f"{address}/retry"), 409, "CONFLICT")


def test_a_batch_is_cancelled_as_a_whole(api, video):
    body = ask(api, *[span(1, 4, video)] * 2).json()
    finish(Export.objects.get(batch_number=1), b"one")
    address = f"/v1/batches/{body['batch_id']}"

    answer = api.post(f"{address}/cancel")

    assert [e["status"] for e in answer.json()["exports"]] == ["completed", "cancelled"]
    refused(api.post(f"{address}/cancel"), 409, "CONFLICT")


def test_the_zip_holds_the_shorts_their_captions_and_a_manifest(api, video):
    body = ask(
        api,
        {**span(1, 4, video), "title": "A/B: ../x"},
        {**span(1, 4, video), "title": "a_b .. x"},
        {**span(5, 8, video), "title": "=SUM(1)"},
        file_names="{title}",
    ).json()
    address = f"/v1/batches/{body['batch_id']}/zip"
    refused(api.get(address), 409, "CONFLICT")
    rows = list(Export.objects.order_by("batch_number"))
    finish(rows[0], b"first" * 100_000)
    finish(rows[1], b"second")
    Export.objects.filter(pk=rows[1].pk).update(file_sha256="cd" * 32)
    files.save_bytes(
        covers.key_of(Export.objects.get(pk=rows[0].pk)), b"a picture", content_type="image/jpeg"
    )
    Export.objects.filter(pk=rows[2].pk).update(
        status=ExportStatus.FAILED, error_code="TOOL_FAILED"
    )

    answer = api.get(address)

    content = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(content)
    assert answer["Content-Disposition"] == 'attachment; filename="Baking.zip"'
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    videos = [name for name in archive.namelist() if name.endswith(".mp4")]
    assert [archive.read(name) for name in videos] == [b"first" * 100_000, b"second"]
    assert all("/" not in name and not name.startswith(".") for name in archive.namelist())
    assert "Bread rises slowly." in archive.read(videos[0].replace(".mp4", ".srt")).decode()
    manifest = json.loads(archive.read("manifest.json"))
    first, second, third = manifest["files"]
    assert (archive.read(first["cover"]), second["cover"]) == (b"a picture", "")
    assert first["cover"] == videos[0].replace(".mp4", ".jpg")
    assert first["file"] == videos[0]
    assert (first["description"], first["hashtags"]) == ("Bread rises slowly.", ["#bread"])
    assert first["rules_broken"] == ["loudness"]
    assert (third["file"], third["error"]) == ("", "TOOL_FAILED")
    table = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode())))
    assert table[2]["title"] == "'=SUM(1)"  # no formula


@pytest.mark.parametrize("template", ["{title", "{title.__class__}", "{}", "}{", "x" * 300])
def test_file_names_of_unknown_fields(api, video, template):
    answer = ask(api, span(1, 4, video), file_names=template)

    assert answer.json()["error_code"] in {"FILE_NAMES_INVALID", "INVALID_INPUT"}
    assert not Batch.objects.exists()


def test_equal_names_are_numbered(api, video):
    ask(api, *[span(1, 4, video)] * 3, file_names="same")
    for export in Export.objects.all():
        finish(export, b"x")

    names = file_names("same", list(Export.objects.order_by("batch_number")))

    assert names == ["same", "same (2)", "same (3)"]


def test_earlier_exports_are_made_once_more_in_other_shapes(api, client, person, video):
    ask(api, {**span(1, 4, video), "title": "First"}, span(5, 8, video))
    first, second = Export.objects.order_by("batch_number")
    client.force_login(person)
    page = client.get(f"/exports/batch?export={first.pk}&export={second.pk}&export=x")
    assert page.content.decode().count('name="export"') == 2

    body = ask(api, {"export_id": str(first.pk)}, aspect_ratios=["1:1", "4:5"]).json()

    made = [(e["title"], e["start_s"], e["aspect_ratio"]) for e in body["exports"]]
    assert made == [("First", 1, "1:1"), ("First", 1, "4:5")]
    stranger = ExportFactory()
    refused(ask(api, {"export_id": str(stranger.pk)}), 404, "EXPORT_NOT_FOUND")
    client.force_login(stranger.owner)
    assert (
        f'value="{first.pk}"'
        not in client.get(f"/exports/batch?export={first.pk}").content.decode()
    )


def test_a_batch_whose_shorts_are_deleted_is_gone(api, video):
    body = ask(api, span(1, 4, video)).json()

    api.delete(f"/v1/exports/{body['exports'][0]['export_id']}")

    refused(api.get(f"/v1/batches/{body['batch_id']}"), 404, "BATCH_NOT_FOUND")
    assert api.get("/v1/batches").json()["results"] == []


def test_what_is_written_beside_a_short_comes_from_its_words(api, video):
    body = ask(api, {**span(1, 4, video), "title": "Mine"}, span(100, 103, video)).json()
    said, silent = body["exports"]

    assert said["batch_id"] == body["batch_id"]
    text = api.get(f"/v1/exports/{said['export_id']}/post-text").json()
    assert text == {"title": "Mine", "description": "Bread rises slowly.", "hashtags": ["#bread"]}
    text = api.get(f"/v1/exports/{silent['export_id']}/post-text").json()
    assert (text["description"], text["hashtags"]) == ("", [])


@pytest.mark.parametrize("chosen", [{}, {"cover_ms": 500}])
def test_a_short_has_a_cover(api, video, short, chosen):
    body = ask(api, span(1, 4, video)).json()
    address = f"/v1/exports/{body['exports'][0]['export_id']}/cover"
    refused(api.get(address), 409, "CONFLICT")
    finish(Export.objects.get(), short.read_bytes())
    Export.objects.update(receipt={"rules": [], **chosen})

    answer = api.get(address)

    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith('.jpg"')
    assert answer.getvalue()[:2] == b"\xff\xd8"
    assert len(list(files.listing(f"stills/{video.owner_id}/{video.pk}/"))) == 1


def test_a_batch_goes_on_in_a_video_editor_each_cut_once(api, video, client, person):
    other = VideoFactory(owner=person, title="Butter", probe=video.probe)
    shapes = ["9:16", "1:1"]
    made = ask(api, span(1, 4, video), span(9, 12, video), aspect_ratios=shapes).json()
    both = ask(api, span(1, 4, video), span(2, 5, other)).json()
    address = f"/v1/batches/{made['batch_id']}/cut-list"

    rows = api.get(f"{address}/segments").content.decode().splitlines()
    assert [row.split(",")[:2] for row in rows] == [["1.000", "4.000"], ["9.000", "12.000"]]
    refused(api.get(f"{address}/docx"), 404, "CUT_LIST_UNKNOWN")

    address = f"/v1/batches/{both['batch_id']}/cut-list/segments"
    refused(api.get(address), 422, "INVALID_INPUT")
    rows = api.get(address, {"video_id": str(other.pk)}).content.decode().splitlines()
    assert [row.split(",")[:2] for row in rows] == [["2.000", "5.000"]]
    stranger = VideoFactory(probe=video.probe)
    for unknown in (str(stranger.pk), "x"):
        refused(api.get(address, {"video_id": unknown}), 404, "VIDEO_NOT_FOUND")

    client.force_login(person)
    page = f"/batches/{both['batch_id']}/cut-list"
    html = client.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "Butter" in html
    answer = client.get(f"{page}/file", {"kind": "edl", "video_id": str(other.pk)})
    assert answer["Content-Disposition"].startswith("attachment")
