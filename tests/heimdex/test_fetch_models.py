"""`manage.py fetch_models`: fetches by name, lists what is there, and fails in words."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from heimdex.management.commands import fetch_models
from mediakit.model_store import catalog
from mediakit.model_store.store import has_sha256
from tests.mediakit.model_store import sources
from videos import model_files
from videos.models import MachineModel

pytestmark = pytest.mark.django_db
FILES = {"config.json": b"{}", "model.bin": b"a model" * 1000}


@pytest.fixture
def maker(monkeypatch):
    """A maker's server with a face model and the default speech model; the catalogue holds these two."""
    with sources.serving(
        {
            **FILES,
            "face.onnx": b"a face",
            "text.onnx": b"a text",
            "object.onnx": b"a thing",
            "body.tflite": b"a body",
        }
    ) as maker:
        base = sources.model(sources.address(maker, FILES))
        face = sources.address(maker, {"face.onnx": b"a face"})
        text = sources.address(maker, {"text.onnx": b"a text"})
        face_model = catalog.Model("face", "face", "Face", "MIT", 6, "", (face,))
        thing = sources.address(maker, {"object.onnx": b"a thing"})
        object_model = catalog.Model("object", "object", "Object", "MIT", 7, "", (thing,))
        text_model = catalog.Model("text", "text", "Text", "MIT", 6, "", (text,))
        body = sources.address(maker, {"body.tflite": b"a body"})
        body_model = catalog.Model("body", "body", "Body", "MIT", 6, "", (body,))
        known = {
            "face": face_model,
            "text": text_model,
            "object": object_model,
            "body": body_model,
            "base": base,
        }
        for module in (model_files, fetch_models):
            monkeypatch.setattr(module, "MODELS", known)
            monkeypatch.setattr(module, "DEFAULT_SPEECH", base, raising=False)
            monkeypatch.setattr(module, "FACE", face_model)
            monkeypatch.setattr(module, "TEXT", text_model)
            monkeypatch.setattr(module, "OBJECT", object_model)
            monkeypatch.setattr(module, "BODY", body_model)
        yield maker


def test_models_are_fetched_once_and_recorded(maker, settings, capsys):
    call_command("fetch_models")
    folder = Path(settings.DATA_DIR) / "models"
    assert (folder / "face.onnx").read_bytes() == b"a face"
    assert {path.name for path in (folder / "model-base").iterdir()} == set(FILES)
    assert {(row.name, row.status, row.source) for row in MachineModel.objects.all()} == {
        ("face", "present", "the maker"),
        ("text", "present", "the maker"),
        ("object", "present", "the maker"),
        ("body", "present", "the maker"),
        ("base", "present", "the maker"),
    }
    count = len(maker.requests)
    call_command("fetch_models", "face", "speech")
    assert len(maker.requests) == count
    assert "there already, from the maker" in capsys.readouterr().out


def test_models_can_be_fetched_before_the_database_is_made(maker, settings, capsys, caplog):
    def no_table(execute, sql, *rest):
        if "machinemodel" in sql:
            raise OperationalError("no such table: videos_machinemodel")
        return execute(sql, *rest)

    with connection.execute_wrapper(no_table):
        call_command("fetch_models")
        call_command("fetch_models", "--list")
    assert (Path(settings.DATA_DIR) / "models" / "face.onnx").read_bytes() == b"a face"
    assert "there, from the maker" in capsys.readouterr().out
    assert "Face is not recorded in the database: no such table" in caplog.text
    assert "Traceback" not in caplog.text


def test_the_list_says_what_is_there_and_with_which_hashes(maker, capsys):
    call_command("fetch_models", "base")
    MachineModel.objects.create(machine="worker-7", name="base", status="failed", error="no way")
    capsys.readouterr()
    call_command("fetch_models", "--list")
    out = capsys.readouterr().out
    assert "base\tModel base, MIT, 100 kB: there, from the maker" in out.replace("\xa0", " ")
    assert f"model.bin {sources.sha256(FILES['model.bin'])}" in out
    assert "face\tFace, MIT, 6 B: not there" in out.replace("\xa0", " ")
    assert "can be fetched from: the maker" in out
    assert "worker-7: base failed no way" in out


def test_a_failure_is_said_in_words_and_the_other_models_come(maker):
    maker.files.pop("face.onnx")
    with pytest.raises(CommandError, match="Face could not be fetched: the maker: status 404"):
        call_command("fetch_models")
    assert (model_files.store().folder / "model-base" / "model.bin").exists()
    assert MachineModel.objects.get(name="face").status == "failed"
    with pytest.raises(
        CommandError, match="no model “taste”; there are: face, text, object, body, base"
    ):
        call_command("fetch_models", "taste")


def test_a_model_that_is_gone_is_recorded_as_missing(maker, settings):
    call_command("fetch_models", "face")
    (Path(settings.DATA_DIR) / "models" / "face.onnx").unlink()
    call_command("fetch_models", "--list")
    assert MachineModel.objects.get(name="face").status == "missing"


def test_the_settings_and_the_catalogue_name_the_same_face_model(settings):
    assert list(catalog.FACE.sources[0].files.values()) == [settings.FACE_MODEL_SHA256]


def test_a_worker_fetches_the_face_model_once(maker, settings):
    settings.FACE_MODEL = str(Path(settings.DATA_DIR) / "models" / "face.onnx")
    settings.FACE_MODEL_SHA256 = sources.sha256(b"a face")
    assert model_files.face_model_path() is None  # fetching is off
    settings.FETCH_MODELS = True
    maker.files["face.onnx"] = b"damaged"
    assert model_files.face_model_path() is None
    requests = len(maker.requests)
    maker.files["face.onnx"] = b"a face"
    assert model_files.face_model_path() is None  # not tried again so soon
    assert len(maker.requests) == requests
    MachineModel.objects.all().delete()
    path = model_files.face_model_path()
    assert path is not None
    assert has_sha256(path, settings.FACE_MODEL_SHA256)


def test_a_worker_fetches_the_models_of_text_objects_and_bodies_where_it_may(maker, settings):
    assert model_files.text_model_path() is None
    assert model_files.object_model_path() is None
    assert model_files.body_model_path() is None
    settings.FETCH_MODELS = True
    for path, data in (
        (model_files.text_model_path(), b"a text"),
        (model_files.object_model_path(), b"a thing"),
        (model_files.body_model_path(), b"a body"),
    ):
        assert path is not None
        assert path.read_bytes() == data
