"""With which models a shot analysis was made, and when it is made again."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from exports.rendering import crop_planning
from mediakit.framing.analysis.finders import body_finder, object_finder, text_finder
from videos import model_files
from videos.analyses import shot_analyses
from videos.models import MachineModel, ShotAnalysis

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(source, person):
    """A real video in storage without an analysis."""
    return source(person)


def test_a_wrong_model_file_does_not_cause_repeated_analyses(video, settings, tmp_path):
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)
    model = tmp_path / "model.onnx"
    model.write_bytes(b"something")
    settings.FACE_MODEL = str(model)
    row = shot_analyses.find_analysis(video, 900, 2_100)
    assert row is not None
    assert shot_analyses.is_best_here(row)
    settings.FACE_MODEL_SHA256 = hashlib.sha256(b"something").hexdigest()
    assert not shot_analyses.is_best_here(row)  # a better detector can be had now


@pytest.mark.parametrize(
    ("name", "maker", "finder"),
    [
        ("text", (text_finder, "make_text_finder"), lambda _: ()),
        ("object", (object_finder, "make_object_finder"), lambda _: object_finder.Standout()),
        (
            "body",
            (body_finder, "make_body_finder"),
            body_finder.BodyFinder(lambda _: (), lambda *_: ()),
        ),
    ],
)
def test_an_analysis_made_without_a_model_is_made_again_with_it(
    video, monkeypatch, name, maker, finder
):
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)
    before = shot_analyses.find_analysis(video, 900, 2_100)
    assert before is not None
    assert shot_analyses.is_best_here(before)
    assert not shot_analyses.may_become_better(before)

    MachineModel.objects.create(machine="worker-1", name=name, status="present")
    assert shot_analyses.may_become_better(before)
    monkeypatch.setattr(model_files, f"{name}_model_path", lambda: Path("not a model"))
    monkeypatch.setattr(*maker, lambda path: finder if path else None)
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)

    after = shot_analyses.find_analysis(video, 900, 2_100)
    assert after is not None
    assert after != before
    assert shot_analyses.is_best_here(after)
    assert not shot_analyses.may_become_better(after)


def test_pages_go_by_the_rows_and_not_by_their_own_disk(video, settings, tmp_path):
    crop_planning.prefetch_analysis(video, 900, 2_100, should_stop=lambda: False)
    haar = shot_analyses.find_analysis(video, 900, 2_100)
    assert haar is not None
    settings.FACE_MODEL = str(tmp_path / "on no machine")
    assert not shot_analyses.may_become_better(haar)
    MachineModel.objects.create(machine="worker-1", name="face", status="present")
    assert shot_analyses.may_become_better(haar)
    assert (
        shot_analyses.find_analysis(video, 900, 2_100) == haar
    )  # shown until there is a better one
    better = ShotAnalysis.objects.get(pk=haar.pk)
    better.pk, better.detector = None, shot_analyses.WITH_FACE_MODEL
    better.save()
    ShotAnalysis.objects.filter(pk=haar.pk).update(created_at=better.created_at + timedelta(1))
    assert shot_analyses.find_analysis(video, 900, 2_100) == better
    assert not shot_analyses.may_become_better(better)
