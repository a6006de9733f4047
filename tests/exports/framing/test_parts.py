"""The parts of an inset and of a stack as a person wants them: in the dialog, in presets, in previews."""

from typing import Any

import pytest
from django.urls import reverse

from exports.framing.applied_options import apply_options
from exports.framing.options import FramingOptions, parse_options
from exports.models import Export
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import Face, FaceSample, RangeAnalysis, ShotContent
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo
from tests.factories import SceneFactory, VideoFactory
from tests.mediakit.cut_lists.sources import KINDS as SOURCES
from videos.analyses import shot_analyses
from videos.models import ShotAnalysis

pytestmark = pytest.mark.django_db

INSET = Rect(0.7, 0.65, 0.25, 0.3)


@pytest.fixture
def video(person):
    probe = SOURCES["25"].to_json()
    return VideoFactory(owner=person, probe=probe, duration_ms=probe["duration_ms"])


@pytest.fixture
def row(video):
    """The stored analysis of ten seconds with an inset, and a cut in their middle."""
    face = Face(Rect(0.78, 0.7, 0.06, 0.12), 0.9)
    samples = tuple(FaceSample(ms, (face,)) for ms in range(0, 10_000, 200))
    contents = tuple(ShotContent(ms, ms + 5_000, INSET) for ms in (0, 5_000))
    whole = Rect(0, 0, 1, 1)
    found = RangeAnalysis(0, 10_000, "yunet", whole, (5_000_000,), samples, contents)
    plan = make_crop_plan(found, MediaInfo.from_json(video.probe), start_ms=0, end_ms=10_000)
    return ShotAnalysis.objects.create(
        video=video,
        start_ms=0,
        end_ms=10_000,
        version=shot_analyses.VERSION,
        detector="yunet",
        data=found.to_json(),
        plan=plan.to_json(),
    )


def test_the_dialog_gets_what_can_be_drawn_and_which_shots_are_alike(client, video, row):
    client.force_login(video.owner)
    address = reverse("exports:framing", args=[video.pk])
    found = client.get(address, {"start_ms": 0, "end_ms": 10_000}).json()
    first, second = found["shots"]
    assert first["inset"] == [INSET.left, INSET.top, INSET.width, INSET.height]
    assert (first["kind"], first["layout"]) == (second["kind"], "inset")
    assert 0 < first["split"] < 1
    assert found["tiles"]["2"][0] > found["tiles"]["3"][0] / 2 > 0


@pytest.mark.parametrize(
    "options",
    [
        {"person_share": 0.5},
        {"person_share": 0.5, "shots": [{"at_s": 6, "layout": "inset", "box": [0, 0, 0.2, 0.2]}]},
        {"shots": [{"at_s": 1, "tiles": [[0, 0, 0.3, 0.3], [0.6, 0.5, 0.1, 0.2]]}]},
    ],
)
def test_previews_show_the_parts_that_an_export_would_have(video, row, options):
    wanted = parse_options(options)
    shown = apply_options(video, row, wanted)
    made = make_crop_plan(
        RangeAnalysis.from_json(row.data),
        MediaInfo.from_json(video.probe),
        start_ms=0,
        end_ms=10_000,
        overrides=wanted.overrides,
        person_share=wanted.height_share,
        canvas=SHORT.size,
    )
    # Stored plans are rounded.
    assert CropPlan.from_json(shown.to_json()) == CropPlan.from_json(made.to_json())
    assert shown != CropPlan.from_json(row.plan)
    assert parse_options(wanted.to_request_json()) == wanted


@pytest.mark.parametrize(
    "given",
    [
        {"person_share": 0.9},
        {"person_share": "much"},
        {"shots": [{"at_s": 1, "tiles": [[0, 0, 0.1, 0.1]]}]},
        {"shots": [{"at_s": 1, "tiles": [[0, 0, 0.1, 0]] * 2}]},
        {"shots": [{"at_s": 1, "tiles": "all"}]},
        {"mark_speaker": "perhaps"},
    ],
)
def test_parts_that_cannot_be_are_refused(api, video, given):
    body = {"start_s": 0, "end_s": 2, "framing": given}
    answer = api.post(f"/v1/videos/{video.pk}/export-short", body, format="json")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "INVALID_INPUT")


def test_a_preset_says_how_all_shots_of_a_kind_are_framed(api, person):
    scene = SceneFactory(video=VideoFactory(owner=person), end_ms=12_000)
    wanted = {
        "two_people": "stack",
        "person_share": 0.6,
        "punch_ins": ["joins"],
        "mark_speaker": True,
    }
    preset = {"name": "Webinar", "style": {}, "framing": wanted, "is_default": True}
    made = api.post("/v1/caption-presets", preset, format="json")
    assert (made.status_code, made.json()["framing"]) == (201, wanted)
    url = f"/v1/scenes/{scene.pk}/export-short"
    own = {"framing": {"person_share": 0.4, "shots": [{"at_s": 1, "layout": "inset"}]}}
    none: dict[str, Any] = {"person_share": None, "punch_ins": [], "mark_speaker": False}
    plain: dict[str, Any] = {"framing": none}
    bodies: tuple[dict[str, Any], ...] = ({}, own, {"captions": "off"}, plain)
    answers = [api.post(url, body, format="json") for body in bodies]
    assert [answer.status_code for answer in answers] == [202] * 4
    kept = [Export.objects.get(pk=answer.json()["export_id"]).framing for answer in answers]
    assert FramingOptions.from_json(kept[0]) == FramingOptions(
        "stack", (), ("joins",), 0.6, marks_speaker=True
    )
    chosen = FramingOptions.from_json(kept[1])
    assert (chosen.pair_layout, chosen.person_share, len(chosen.overrides)) == ("stack", 0.4, 1)
    assert (chosen.punch_ins, kept[2]) == (("joins",), None)
    off = FramingOptions.from_json(kept[3])
    assert (off.pair_layout, off.height_share, off.punch_ins) == ("stack", None, ())
    assert off.marks_speaker is False
    assert parse_options(off.to_request_json()) == off  # the same export again
    address = f"/v1/caption-presets/{made.json()['preset_id']}"
    changed = api.patch(address, {"framing": {"person_share": 0.5}}, format="json").json()
    assert changed["framing"] == {**wanted, "person_share": 0.5}
    changed = api.patch(address, plain, format="json").json()
    assert changed["framing"] == {"two_people": "stack", "person_share": None}
    too_much = api.patch(address, {"framing": {"person_share": 0.9}}, format="json")
    assert too_much.status_code == 422
