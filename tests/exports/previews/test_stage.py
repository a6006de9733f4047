"""The stage of the dialog: pieces in the Short's time, the Short's own script with its fonts, the framing."""

import pytest
from django.urls import reverse

from exports.previews import caption_stills, framing_stills
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import WHOLE_PICTURE
from storage import files
from tests.factories import CueFactory, UserFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS as SOURCES
from videos.analyses import shot_analyses
from videos.clips.services import ClipState, create_clip
from videos.models import ShotAnalysis, Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(person) -> Video:
    probe = SOURCES["25"].to_json()
    made = VideoFactory(owner=person, probe=probe, duration_ms=probe["duration_ms"])
    CueFactory(video=made, start_ms=1_000, text="Three small words.")
    CueFactory(video=made, start_ms=7_000, text="빵 덩어리 하나.")
    return made


@pytest.fixture
def reader(client, person):
    client.force_login(person)
    return client


def stage(reader, video, strategy="center_crop", **query):
    query = {"start_ms": 0, "end_ms": 10_000, "captions": "outline", **query}
    return reader.get(reverse("exports:stage", args=[video.pk, strategy]), query)


def test_pieces_script_and_fonts_are_those_of_the_short(reader, video):
    found = stage(reader, video, ranges="[[0, 4000], [7000, 10000]]").json()

    assert (found["ready"], found["canvas"], found["duration_ms"]) == (True, [1080, 1920], 7_000)
    assert found["pieces"] == [[0, 4_000, 0], [7_000, 10_000, 4_000]]
    assert "PlayResY: 1920" in found["script"]
    assert "0:00:04.00" in found["script"]  # what is said at 7 s
    assert found["shots"][0]["layout"] == "crop"
    left, top, right, bottom = found["safe"]
    assert 0 < left < right < 1080
    assert 0 < top < bottom < 1920
    for address in found["fonts"]:
        font = reader.get(address)
        assert (font.status_code, len(font.content) > 1_000) == (200, True)
    assert found["fonts"]
    assert reader.get(reverse("exports:caption_font", args=["licences"])).status_code == 404


@pytest.mark.parametrize(("strategy", "background"), [("letterbox", "black"), ("blur", "copy")])
def test_the_whole_picture_is_fitted_into_the_canvas(reader, video, strategy, background):
    found = stage(reader, video, strategy, captions="off").json()

    assert (found["background"], found["shots"][0]["layout"]) == (background, "fit")
    assert "Dialogue" not in found["script"]


def test_the_stage_has_the_shape_that_is_shown(reader, video):
    found = stage(reader, video, aspect_ratio="1:1").json()

    assert found["canvas"] == [1080, 1080]
    assert found["window"][1] == 1
    assert "PlayResY: 1080" in found["script"]


def test_smart_crop_waits_for_its_shot_analysis(reader, video):
    assert stage(reader, video, "smart_crop").json() == {"ready": False}


def test_a_planned_picture_that_is_shown_whole_lies_on_the_colours_of_its_edges(reader, video):
    analysis = RangeAnalysis(0, 10_000, "haar", WHOLE_PICTURE, (), ())
    plan = CropPlan(WHOLE_PICTURE, (Shot(0, 10_000, "fit"),))
    ShotAnalysis.objects.create(
        video=video,
        start_ms=0,
        end_ms=10_000,
        version=shot_analyses.VERSION,
        data=analysis.to_json(),
        plan=plan.to_json(),
    )

    found = stage(reader, video, "smart_crop").json()

    assert (found["background"], found["shots"][0]["layout"]) == ("edges", "fit")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"end_ms": "x"}, 422),
        ({"end_ms": 999_999_999}, 422),
        ({"ranges": "[[5, 1]]"}, 422),
        ({"ranges": "{"}, 422),
        ({"ranges": "[1]"}, 422),
        ({"captions": "nothing"}, 422),
        ({"aspect_ratio": "7:1"}, 422),
        ({"framing": "["}, 422),
    ],
)
def test_bad_queries_are_refused_in_words(reader, video, query, status):
    answer = stage(reader, video, **query)

    assert answer.status_code == status
    assert answer.json()["message"]


def test_other_peoples_videos_have_no_stage(client, video):
    client.force_login(UserFactory())
    assert stage(client, video).status_code == 404
    assert stage(client, video, "sideways").status_code == 404


def test_the_still_has_no_words_that_are_struck_out(reader, video, monkeypatch):
    drawn = []

    def overlay_still(framed, burn_in, *, time_ms, out, output):
        drawn.append(" ".join(cue.text for cue in burn_in.cues))
        out.write_bytes(framed.read_bytes())

    monkeypatch.setattr(framing_stills, "framing_preview", lambda *_, **__: "still")
    monkeypatch.setattr(files, "read_bytes", lambda *_, **__: b"\xff\xd8\xff")
    monkeypatch.setattr(caption_stills, "overlay_still", overlay_still)
    url = reverse("exports:style_preview", args=[video.pk, "center_crop"])
    query = {"start_ms": 0, "end_ms": 9_000, "captions": "outline"}

    for ranges in ("", "[[0, 900], [6000, 9000]]"):
        answer = reader.get(url, {**query, "ranges": ranges})
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content)

    assert drawn == ["Three small words. 빵 덩어리", "빵 덩어리"]


def test_the_stage_of_the_page_has_the_open_clips_options_and_what_is_kept_now(
    reader, video, person
):
    options = {
        "aspect_ratio_strategy": "center_crop",
        "aspect_ratio": "1:1",
        "captions": "box",
        "caption_style": {"position": "custom", "height": 30},
    }
    state = ClipState("Bread", [(0, 10_000)], options)
    clip = create_clip(person, video, state)
    url = reverse("exports:page_stage", args=[video.pk])
    query = {"start_ms": 0, "end_ms": 10_000}

    scene = reader.get(url, query).json()
    kept = reader.get(url, {**query, "clip": clip.pk, "ranges": "[[0, 900], [7000, 10000]]"}).json()

    assert (scene["canvas"], scene["change"], scene["is_planned"]) == ([1080, 1920], None, False)
    assert "Three small" in scene["script"]  # outlined captions, as a new export begins with
    assert (kept["canvas"], kept["is_planned"]) == ([1080, 1080], True)
    assert kept["pieces"] == [[0, 880, 0], [7_000, 10_000, 880]]
    assert "Three" not in kept["script"]
    assert kept["change"]["caption_style"]["height"] == 30
    other = UserFactory()
    theirs = create_clip(
        other, VideoFactory(owner=other, probe=video.probe), ClipState(None, [(0, 900)])
    )
    assert reader.get(url, {**query, "clip": theirs.pk}).status_code == 404
