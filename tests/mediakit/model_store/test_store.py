"""Models are fetched whole and verified from the first source that has them, or not at all."""

import contextlib
import errno
import multiprocessing
import random
import shutil
import threading
from collections import namedtuple

import cv2
import numpy as np
import pytest

from mediakit.errors import StoppedError
from mediakit.framing.analysis.finders.body_finder import make_body_finder
from mediakit.framing.analysis.finders.object_finder import make_object_finder
from mediakit.framing.analysis.finders.text_finder import make_text_finder
from mediakit.framing.analysis.finders.yunet import make_yunet
from mediakit.model_store import address, catalog, wheels
from mediakit.model_store.store import FetchState, ModelStore
from mediakit.model_store.transfer import ModelFetchError
from tests.mediakit.model_store import sources

FILES = {"config.json": b"{}", "model.bin": random.Random(1).randbytes(3_000_000)}


@pytest.fixture
def maker():
    with sources.serving(dict(FILES)) as maker:
        yield maker


@pytest.fixture
def models(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A folder of wheels that pip finds by its own configuration, and nothing else."""
    folder = tmp_path / "registry"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


@pytest.fixture
def two_wheels(registry):
    """The model in two wheels, its large file in two parts."""
    large = FILES["model.bin"]
    pins = (
        sources.make_wheel(registry, "some-model-1", {"model.bin.part1": large[:2_000_000]}),
        sources.make_wheel(
            registry,
            "some-model-2",
            {"model.bin.part2": large[2_000_000:], "config.json": FILES["config.json"]},
        ),
    )
    return sources.wheels(pins, FILES)


def contents(models, model):
    return {path.name: path.read_bytes() for path in models.path(model).iterdir()}


def leftovers(models):
    return [path.name for path in models.folder.iterdir() if path.name.startswith(".fetching")]


def test_a_model_comes_from_its_maker_with_its_progress_and_only_once(models, maker):
    model = sources.model(sources.address(maker, FILES), size_bytes=3_000_002)
    states: list[FetchState] = []
    assert models.found(model) is None
    assert models.fetch(model, on_progress=states.append).label == "the maker"
    assert contents(models, model) == FILES
    assert [state.done_bytes for state in states] == sorted(state.done_bytes for state in states)
    assert states[-1] == FetchState("the maker", 3_000_002, 3_000_002)
    requests = len(maker.requests)
    models.fetch(model)
    assert len(maker.requests) == requests
    assert leftovers(models) == []


def test_the_registry_gives_what_the_maker_does_not(models, maker, two_wheels):
    maker.files.clear()
    model = sources.model(sources.address(maker, FILES), two_wheels)
    assert models.fetch(model).label == "the registry"
    assert contents(models, model) == FILES
    assert leftovers(models) == []


def test_no_source_says_each_reason_and_leaves_nothing_in_place(models, maker, registry):
    maker.files.clear()
    pin = catalog.Wheel("not-there", "1.0.0", "0" * 64, (("a/model.bin", "model.bin"),))
    model = sources.model(sources.address(maker, FILES), sources.wheels((pin,), FILES))
    with pytest.raises(ModelFetchError, match=r"the maker: status 404; the registry: .*not-there"):
        models.fetch(model)
    assert models.found(model) is None
    assert not models.path(model).exists()


def test_other_bytes_are_refused_from_both_kinds_of_source(models, maker, two_wheels, registry):
    maker.files["model.bin"] = b"other"
    wheel = next(registry.glob("some_model_1*"))
    sources.make_wheel(registry, "some-model-1", {"model.bin.part1": b"changed at the registry"})
    assert wheel.exists()
    model = sources.model(sources.address(maker, FILES), two_wheels)
    with pytest.raises(ModelFetchError, match=r"another file than it should be.*(?i:hash)"):
        models.fetch(model)
    assert not models.path(model).exists()


def test_a_broken_connection_is_gone_on_from_its_last_byte(models, maker):
    model = sources.model(sources.address(maker, FILES))
    maker.breaks_after["model.bin"] = 1_000_000
    with pytest.raises(ModelFetchError):
        models.fetch(model)
    models.fetch(model)
    assert contents(models, model) == FILES
    assert maker.requests == [
        ("config.json", ""),
        ("model.bin", ""),
        ("model.bin", "bytes=1000000-"),
    ]


@pytest.mark.parametrize("size", [10, 3_000_000, 4_000_000])
def test_what_an_interruption_left_damaged_is_fetched_again(models, maker, size):
    model = sources.model(sources.address(maker, FILES))
    staging = models.folder / ".fetching-base" / "0"
    staging.mkdir(parents=True)
    (staging / "model.bin.part").write_bytes(bytes(size))
    models.fetch(model)
    assert contents(models, model) == FILES


def test_a_damaged_model_counts_as_missing_and_is_replaced_whole(models, maker):
    model = sources.model(sources.address(maker, FILES))
    models.fetch(model)
    large = models.path(model) / "model.bin"
    large.write_bytes(FILES["model.bin"][:-1])
    (models.path(model) / "of an older version").touch()
    assert models.found(model) is None
    models.fetch(model)
    assert contents(models, model) == FILES


def test_a_wheel_that_is_unpacked_is_not_fetched_again(models, two_wheels, registry):
    model = sources.model(two_wheels)
    second = next(registry.glob("some_model_2*"))
    hidden = second.rename(registry / "hidden")
    with pytest.raises(ModelFetchError):
        models.fetch(model)
    next(registry.glob("some_model_1*")).unlink()
    hidden.rename(second)
    models.fetch(model)
    assert contents(models, model) == FILES


def test_a_full_disk_says_so(models, maker, monkeypatch):
    usage = namedtuple("usage", "free")  # noqa: PYI024 -- as shutil's
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free=100_000))
    with pytest.raises(OSError, match="needs") as caught:
        models.fetch(sources.model(sources.address(maker, FILES)))
    assert caught.value.errno == errno.ENOSPC
    assert maker.requests == []


def test_a_disk_that_fills_up_is_given_its_room_back(models, maker, monkeypatch):
    model = sources.model(sources.address(maker, FILES))

    def fills(source, transfer):
        (transfer.folder / "model.bin.part").write_bytes(bytes(1000))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(address, "fetch", fills)
    with pytest.raises(OSError, match="No space"):
        models.fetch(model)
    assert leftovers(models) == []


def test_a_stop_ends_the_fetch_and_pip_with_it(models, two_wheels, monkeypatch):
    children = []
    started = wheels._started

    @contextlib.contextmanager
    def remembered(*args):
        with started(*args) as child:
            children.append(child)
            yield child

    monkeypatch.setattr(wheels, "_started", remembered)
    with pytest.raises(StoppedError):
        models.fetch(sources.model(two_wheels), should_stop=lambda: bool(children))
    assert [child.poll() is not None for child in children] == [True]


def test_a_second_process_waits_for_the_first_and_sees_its_progress(models, maker):
    model = sources.model(sources.address(maker, FILES))
    held = threading.Event()
    go_on = threading.Event()

    def report(state):
        held.set()
        go_on.wait(20)

    first = threading.Thread(target=models.fetch, args=(model,), kwargs={"on_progress": report})
    first.start()
    assert held.wait(20)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    second = context.Process(target=_fetch_elsewhere, args=(models, model, queue))
    second.start()
    assert queue.get(timeout=60) == "waits"
    go_on.set()
    assert queue.get(timeout=60) == "the maker"
    first.join(20)
    second.join(20)
    assert [name for name, _ in maker.requests] == ["config.json", "model.bin"]


def _fetch_elsewhere(models, model, queue) -> None:
    waits: list[FetchState] = []

    def report(state) -> None:
        if not waits:
            waits.append(state)
            queue.put("waits")

    queue.put(models.fetch(model, on_progress=report).label)


def test_a_model_of_one_file_lies_beside_the_others(models, maker):
    files = {"model.bin": FILES["model.bin"]}
    one = catalog.Model("face", "face", "One", "MIT", 10, "", (sources.address(maker, files),))
    models.fetch(one)
    assert models.path(one).read_bytes() == FILES["model.bin"]
    models.path(one).write_bytes(b"damaged")
    models.fetch(one)
    assert models.path(one).read_bytes() == FILES["model.bin"]


def test_of_sources_with_the_same_files_the_one_that_gave_them_is_named(models, maker, two_wheels):
    both = (sources.address(maker, FILES), two_wheels)
    model = catalog.Model("face", "face", "One", "MIT", 10, "one", both)
    maker.files.clear()

    fetched = models.fetch(model)

    assert fetched == two_wheels
    assert models.found(model) == two_wheels
    (models.folder / ".face.source").unlink()  # put there by hand
    assert models.found(model) == both[0]


def test_the_face_model_comes_from_one_of_its_sources_and_works(models):
    models.fetch(catalog.FACE)

    path, size = models.path(catalog.FACE), (270, 210)
    find = make_yunet(path.read_bytes(), min_score=0.05, max_overlap=0.3)
    reference = cv2.FaceDetectorYN.create(str(path), "", size, 0.05, 0.3, 100)
    noise = np.random.default_rng(2).integers(0, 256, (70, 90, 3), np.uint8)
    picture = cv2.resize(noise, size, interpolation=cv2.INTER_CUBIC)  # with 16 places like faces
    _, rows = reference.detect(picture)
    assert find(picture) == pytest.approx(rows, abs=1e-3)
    assert len(find(np.zeros((64, 64, 3), np.uint8))) == 0


def test_the_text_model_comes_from_the_registry_and_finds_a_line(models):
    models.fetch(catalog.TEXT)

    page = np.full((360, 640), 255, np.uint8)
    cv2.putText(page, "Whole lines are kept", (60, 100), 0, 1.2, 0, 2)
    find = make_text_finder(models.path(catalog.TEXT))
    assert find is not None
    (line,) = find(page)
    assert (line.left * 640, line.right * 640) == pytest.approx((60, 455), abs=15)
    assert (line.top * 360, line.bottom * 360) == pytest.approx((70, 105), abs=12)


def test_the_object_model_comes_from_the_registry_and_finds_what_stands_out(models):
    models.fetch(catalog.OBJECT)

    picture = np.full((360, 640, 3), (170, 190, 180), np.uint8)
    cv2.ellipse(picture, (200, 190), (60, 120), 0, 0, 360, (40, 40, 160), -1)
    find = make_object_finder(models.path(catalog.OBJECT))
    assert find is not None
    box = find(picture).box
    assert box is not None
    assert (box.left * 640, box.right * 640) == pytest.approx((140, 260), abs=15)
    assert find(np.full((360, 640, 3), 128, np.uint8)).is_empty


def test_the_body_model_comes_from_the_registry_and_finds_a_body_near_and_far(models):
    models.fetch(catalog.BODY)

    find = make_body_finder(models.path(catalog.BODY))
    assert find is not None
    (body,) = find.near(silhouette(640, 0.5, 0.95))
    assert (body.box.left, body.box.right) == pytest.approx((0.4, 0.6), abs=0.02)
    far = silhouette(1280, 0.2, 0.4)
    (body,) = find.far(far, find.near(far))
    assert (body.box.left, body.box.right) == pytest.approx((0.16, 0.24), abs=0.02)
    assert body.box.top == pytest.approx(0.6, abs=0.02)
    assert not find.far(np.full((360, 640, 3), 128, np.uint8), ())


def silhouette(width: int, x: float, size: float) -> np.ndarray:
    """A picture of 16:9 in which somebody dark stands at `x` before a wall, on its lower edge and so high."""
    height = width * 9 // 16
    picture = np.full((height, width, 3), (200, 210, 205), np.uint8)
    unit, left, top = height * size, width * x, height * (1 - size)
    half = [(0.03, 0.15), (0.05, 0.2), (0.14, 0.23), (0.17, 0.3), (0.19, 0.55), (0.15, 0.56)]
    half += [(0.12, 0.36), (0.11, 0.6), (0.12, 1), (0.03, 1), (0, 0.65)]
    outline = [*half, *((-across, down) for across, down in reversed(half))]
    points = [(left + across * unit, top + down * unit) for across, down in outline]
    cv2.fillPoly(picture, [np.array(points, np.int32)], (40, 30, 60))
    head = (int(left), int(top + 0.1 * unit)), (int(0.065 * unit), int(0.09 * unit))
    cv2.ellipse(picture, *head, 0, 0, 360, (40, 30, 60), -1)
    return cv2.GaussianBlur(picture, (5, 5), 0)


def test_pip_gets_its_own_configuration_and_no_secret(monkeypatch):
    for name in ("PIP_INDEX_URL", "https_proxy", "HTTPS_PROXY", "SSL_CERT_FILE", "HOME"):
        assert wheels._PASSED_ENV.fullmatch(name)
    for name in ("SECRET_KEY", "DATABASE_URL", "S3_SECRET_KEY", "HEIMDEX_SPEECH_API_KEY"):
        assert not wheels._PASSED_ENV.fullmatch(name)


def test_an_error_of_pip_shows_no_address():
    output = "Looking\nERROR: 404 from https://user:password@mirror.example/simple/x\n"
    assert wheels._last_error(output) == "ERROR: 404 from (address)"


def test_the_catalogue_pins_everything_and_names_no_registry():
    for model in catalog.MODELS.values():
        assert model.licence in {"MIT", "Apache-2.0"}
        for source in model.sources:
            assert all(len(digest) == 64 for digest in source.files.values())
            if isinstance(source, catalog.Wheels):
                assert {name for wheel in source.wheels for _, name in wheel.members} == set(
                    source.files
                )
                assert all(len(wheel.sha256) == 64 for wheel in source.wheels)
    assert [model.name for model in catalog.SPEECH] == ["small", "base", "tiny.en"]
    assert catalog.understands(catalog.TINY_EN, "en-US")
    assert not catalog.understands(catalog.TINY_EN, "ko")
    assert not catalog.understands(catalog.TINY_EN, "")
    assert catalog.understands(catalog.BASE, "")
