"""The files for production: no process is root, no file system is writable, and they contain no secret."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.heimdex.test_settings_docs import read_variables

ROOT = Path(__file__).resolve().parents[2]
ONCE = {"migrate"}
# Whose versions have two figures: a third never comes.
TWO_FIGURES = {"postgres", "chrislusf/seaweedfs"}
OPERATIONS = ROOT / "docs" / "operations.md"
OURS = {"migrate", "web", "exports", "videos", "scheduler"}
SECRET = re.compile(r"KEY|PASSWORD|TOKEN|AUTH|DATABASE_URL|REDIS_URL")


@pytest.fixture(scope="module")
def compose():
    """compose.yaml, with what services share merged in."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def services(compose):
    """The services by name."""
    return compose["services"]


def test_no_container_has_more_rights_than_it_needs(services):
    for name, service in services.items():
        user = service["user"].split(":")[0]
        assert user.isdecimal(), name
        assert int(user) > 0, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service), name


def test_every_container_is_watched_and_started_again_and_its_log_ends_somewhere(services):
    for name, service in services.items():
        assert service["logging"]["options"]["max-size"], name
        if name in ONCE:
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name


def test_other_settings_come_from_a_file_that_git_does_not_see(compose):
    files = [entry["path"] for entry in compose["x-app"]["env_file"]]

    assert files == ["heimdex.env"]
    assert "/heimdex.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_secrets_come_from_outside(compose, services):
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable):
                assert re.search(r"\$\{\w+(:\?[^}]*)?\}", value), f"{name}: {variable}"
    assert compose["services"]["redis"]["command"][-1].count("$$REDIS_PASSWORD") == 1


def test_every_setting_in_it_exists(services):
    known = set(read_variables())
    for name in OURS:
        assert set(services[name]["environment"]) <= known, name


def test_images_can_be_replaced(services):
    assert all(service["image"].startswith("${") for service in services.values())


def test_only_nginx_is_reachable_and_by_default_only_from_this_machine(compose, services):
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("web", "scheduler", "migrate", "postgres", "redis", "s3"):
        assert services[name]["networks"] == ["inside"], name
        assert "ports" not in services[name]
    assert all("-127.0.0.1:" in port for port in services["nginx"]["ports"])


def test_prometheus_asks_web_containers_by_names_they_answer_to(compose, services):
    sample = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    targets = sample["scrape_configs"][0]["static_configs"][0]["targets"]
    hosts = services["web"]["environment"]["HEIMDEX_HOSTS"].split()

    assert len(targets) == services["web"]["deploy"]["replicas"]
    for number, target in enumerate(targets, 1):
        assert target == f"{compose['name']}-web-{number}:8000"
        assert target.partition(":")[0] in hosts


def test_the_handbook_starts_what_compose_starts(services):
    text = (ROOT / "docs" / "operations.md").read_text()
    for name in ("web", "exports", "videos", "scheduler"):
        command = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", " ".join(services[name]["command"]))
        assert command in text


def test_make_env_answers_all_that_compose_asks(tmp_path):
    file = tmp_path / "env"

    def make():
        return subprocess.run(
            [ROOT / "scripts" / "make-env", "heimdex.example.org"],
            env={**os.environ, "ENV_FILE": str(file)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert make().returncode == 0
    values = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text()))
    assert required <= set(values)
    assert values["HEIMDEX_URL"] == "https://heimdex.example.org"
    assert len(values["SECRET_KEY"]) >= 50
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_text()
    again = make()
    assert (again.returncode, file.read_text()) == (1, before)
    assert "in use" in again.stderr


def test_the_image_holds_all_that_runs_and_no_more():
    lines = (ROOT / ".dockerignore").read_text().split()
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    allowed = {line[1:] for line in lines if line.startswith("!")}

    assert "*" in lines
    assert {*packages["root_packages"], "static", "templates", "locale", "manage.py"} <= allowed
    assert not {"tests", "data", ".env", ".git", "docs"} & allowed


def test_the_image_is_made_of_pinned_packages_and_does_not_run_as_root():
    text = (ROOT / "Dockerfile").read_text()

    assert "ARG BASE=" in text
    assert "--require-hashes" in text
    assert re.search(r"^HEALTHCHECK ", text, re.MULTILINE)
    users = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert users
    assert int(users[-1]) > 0


def test_images_are_named_by_exact_version(services):
    """A moving tag (postgres:15) would change an installation by a restart."""
    defaults = {service["image"].partition(":-")[2].rstrip("}") for service in services.values()}
    base = re.search(r"^ARG BASE=(.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base

    assert services["web"]["build"]["args"]["BASE"] == f"${{BASE:-{base[1]}}}"
    for image in (defaults - {"heimdex"}) | {base[1]}:
        name, _, tag = image.partition(":")
        figures = r"\d+\.\d+" if name in TWO_FIGURES else r"\d+\.\d+\.\d+"
        assert re.fullmatch(rf"{figures}(-[a-z-]+)?(@sha256:[0-9a-f]{{64}})?", tag), image


def test_the_s3_server_has_the_address_that_the_other_services_use(services):
    options = dict(option.partition("=")[::2] for option in services["s3"]["command"])
    port = options["-s3.port"]

    assert services["web"]["environment"]["S3_ENDPOINT_URL"].endswith(f"http://s3:{port}}}")
    assert f"server s3:{port} " in (ROOT / "deploy/nginx/upstreams.conf").read_text()
    assert f"127.0.0.1:{port}/" in services["s3"]["healthcheck"]["test"][-1]
    assert options["-ip.bind"] == "127.0.0.1"  # its other ports know no key
    assert services["s3"]["volumes"] == [f"objects:{options['-dir']}"]
    assert services["s3"]["image"].rstrip("}").partition(":-")[2] in OPERATIONS.read_text()
