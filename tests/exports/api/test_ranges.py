"""Exports of several kept ranges, asked for through the API."""

import pytest

from exports.models import Export
from tests.exports.api_requests import ask, refused
from tests.factories import CueFactory, SceneFactory
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(person, clip_info):
    """A scene of a ready video of an hour, at 25 frames a second."""
    made = SceneFactory(video__owner=person, start_ms=100_000, end_ms=130_000)
    probe = {**clip_info.to_json(), "duration_ms": 3_600_000}
    Video.objects.filter(pk=made.video.pk).update(duration_ms=3_600_000, probe=probe)
    made.video.refresh_from_db()
    return made


def ranges(*spans: tuple[float, float]) -> dict[str, list[dict[str, float]]]:
    return {"ranges": [{"start_s": start, "end_s": end} for start, end in spans]}


def test_an_export_keeps_its_own_copy_of_the_ranges_and_their_words(api, scene):
    CueFactory(
        video=scene.video,
        start_ms=101_000,
        end_ms=104_000,
        text="So um go",
        words=[[101_000, 101_400, "So"], [101_600, 102_000, "um"], [102_400, 103_000, "go"]],
    )

    answer = ask(api, scene, ranges((101, 101.52), (102.2, 103.52)))

    assert answer.status_code == 202
    body = answer.json()
    assert (body["start_s"], body["end_s"]) == (101, 103.52)
    assert body["ranges"] == ranges((101, 101.52), (102.2, 103.52))["ranges"]
    export = Export.objects.get()
    assert export.span_ms == 1_840
    assert export.caption_cues is not None
    (cue,) = export.caption_cues
    assert cue["text"] == "So go"
    assert cue["words"] == [[0, 400, "So"], [720, 1_320, "go"]]
    listed = api.get("/v1/exports").json()["results"][0]
    assert listed["ranges"] == body["ranges"]


def test_ranges_that_touch_are_one(api, scene):
    body = ask(api, scene, ranges((101, 102), (102, 105))).json()

    assert body["ranges"] == ranges((101, 105))["ranges"]
    assert Export.objects.get().ranges is None


def test_without_ranges_there_is_one(api, scene):
    assert ask(api, scene).json()["ranges"] == ranges((100, 130))["ranges"]


@pytest.mark.parametrize(
    ("given", "code", "number"),
    [
        ([(5, 4), (6, 8)], "RANGE_REVERSED", 1),
        ([(4, 5), (6, 6)], "RANGE_REVERSED", 2),
        ([(4, 8), (6, 9)], "RANGES_OVERLAP", 2),
        ([(6, 9), (1, 3)], "RANGES_OVERLAP", 2),
        ([(-1, 3), (6, 9)], "RANGE_OUTSIDE_VIDEO", 1),
        ([(1, 3), (3_599, 3_601)], "RANGE_OUTSIDE_VIDEO", 2),
        ([(1, 3), (4, 4.05)], "RANGE_TOO_SHORT", 2),
        ([(at, at + 0.05) for at in range(200)], "RANGE_TOO_SHORT", 1),
    ],
)
def test_ranges_that_cannot_be_kept(api, scene, given, code, number):
    details = refused(ask(api, scene, ranges(*given)), 422, "INVALID_INPUT")
    assert (details["reason"], details["number"]) == (code, number)
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([(at, at + 0.5) for at in range(201)], "RANGES_TOO_MANY"),
        ([(1, 1.2), (2, 2.2)], "SPAN_TOO_SHORT"),
        ([(0, 100), (200, 280.1)], "SCENE_TOO_LONG"),
        ([(at * 15, at * 15 + 0.5) for at in range(200)], "RANGES_SCATTERED"),
    ],
)
def test_ranges_that_are_too_many_too_short_too_long_or_too_scattered(api, scene, given, code):
    answer = ask(api, scene, ranges(*given))

    if code == "SCENE_TOO_LONG":
        assert refused(answer, 422, code)["scene_duration_s"] == 180.1
    else:
        assert refused(answer, 422, "INVALID_INPUT")["reason"] == code


def test_three_minutes_of_kept_time_may_lie_in_a_longer_range(api, scene):
    assert ask(api, scene, ranges((0, 90), (1_000, 1_090))).status_code == 202


def test_a_video_takes_ranges_instead_of_start_and_end(api, scene):
    url = f"/v1/videos/{scene.video.pk}/export-short"

    assert api.post(url, ranges((1, 3), (5, 9)), format="json").status_code == 202
    incomplete: list[dict[str, object]] = [{}, {"ranges": []}, {"start_s": 3}]
    for body in incomplete:
        details = refused(api.post(url, body, format="json"), 422, "INVALID_INPUT")
        assert "end_s" in details["fields"]


@pytest.mark.parametrize("given", [[5], {"start_s": 1}, [{"start_s": 1}], "1-2", [[1, 2]]])
def test_ranges_of_another_shape(api, scene, given):
    assert "ranges" in refused(ask(api, scene, {"ranges": given}), 422, "INVALID_INPUT")["fields"]
