"""The settings reach the children, and a machine that cannot confine them says so, or does not start."""

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from heimdex.observability import health
from heimdex.startup import checks
from mediakit.errors import ToolLimitError
from mediakit.sandbox import config, confinement
from mediakit.sandbox.process import run
from tests.factories import UserFactory
from workers.models import ToolLimitCount


@pytest.fixture(autouse=True)
def _policy():
    before = config.current()
    yield
    config.configure(before)


def test_the_settings_are_the_policy(settings):
    settings.TOOL_MEMORY_BYTES, settings.TOOL_FILE_BYTES, settings.TOOL_NICE = 1, 2, 3
    settings.UPLOAD_MAX_PIXELS, settings.TOOL_PATHS = 4, ["/opt/ffmpeg/lib"]

    apps.get_app_config("heimdex").ready()

    policy = config.current()
    assert policy.limits == config.Limits(address_space=1, file_size=2, nice=3)
    assert (policy.max_pixels, policy.tool_paths) == (4, ("/opt/ffmpeg/lib",))


@pytest.mark.django_db
def test_a_child_that_hits_a_limit_is_counted(settings, tmp_path):
    settings.TOOL_FILE_BYTES = 10
    apps.get_app_config("heimdex").ready()
    argv = ["ffmpeg", "-nostdin", "-f", "lavfi", "-i", "testsrc2=d=1", "out.mp4"]

    with pytest.raises(ToolLimitError):
        run(argv, timeout_s=60, cwd=tmp_path)

    (counted,) = ToolLimitCount.objects.all()
    assert (counted.tool, counted.limit, counted.count) == ("ffmpeg", "size", 1)


@pytest.mark.parametrize(
    ("embedded", "debug", "allowed", "found", "starts"),
    [
        (False, False, False, "none", False),
        (False, False, True, "none", True),
        (True, False, False, "none", True),
        (False, True, False, "none", True),
        (False, False, False, "partial", True),
        (False, False, False, "full", True),
    ],
)
def test_production_needs_a_kernel_that_confines(
    settings, monkeypatch, *, embedded, debug, allowed, found, starts
):
    settings.EMBEDDED, settings.DEBUG, settings.ALLOW_WEAK_SANDBOX = embedded, debug, allowed
    monkeypatch.setattr(confinement, "strength", lambda: found)
    refused = None

    try:
        apps.get_app_config("heimdex").ready()
    except ImproperlyConfigured as exc:
        refused = exc

    assert (refused is None) is starts
    assert starts or "HEIMDEX_ALLOW_WEAK_SANDBOX" in str(refused)


@pytest.mark.parametrize(
    ("found", "words"),
    [("none", "as far as files go"), ("partial", "system calls and the network"), ("full", "")],
)
def test_a_weak_sandbox_is_a_warning(monkeypatch, found, words):
    monkeypatch.setattr(confinement, "strength", lambda: found)

    messages = checks.check_sandbox()

    assert [message.id for message in messages] == (["heimdex.W011"] if words else [])
    assert words in "".join(str(message.msg) for message in messages)


def test_readiness_tells_how_well_ffmpeg_is_confined(monkeypatch):
    monkeypatch.setattr(confinement, "strength", lambda: "partial")

    assert health._ffmpeg()["sandbox"] == "partial"


@pytest.mark.django_db
@pytest.mark.usefixtures("templates_as_deployed")
@pytest.mark.parametrize("found", ["none", "full"])
def test_operators_see_it_in_the_admin(client, monkeypatch, found):
    monkeypatch.setattr(confinement, "strength", lambda: found)
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get("/admin/").content.decode()

    assert ("ffmpeg is not confined" in page) is (found == "none")
