"""An install cannot rot: locks say all, agree with pyproject.toml, and are installed without resolving anything."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED = {
    "requirements.txt": PROJECT["project"]["dependencies"],
    "requirements-dev.txt": PROJECT["dependency-groups"]["dev"],
    "requirements-test-s3.txt": PROJECT["dependency-groups"]["test-s3"],
    "requirements-test-client.txt": PROJECT["dependency-groups"]["test-client"],
    "requirements-audit.txt": PROJECT["dependency-groups"]["audit"],
}
PYTHONS = ("3.11.0", "3.11.7", "3.12.1", "3.13.0", "3.14.0")
INSTALL = ("--no-deps", "--require-hashes", "--only-binary :all:")


def read_lock(name):
    """The requirements of a lock file, each with its number of hashes."""
    text = (ROOT / name).read_text().replace("\\\n", " ")
    for line in filter(None, text.splitlines()):
        requirement, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest.strip()) for digest in hashes), line
        yield Requirement(requirement), len(hashes)


def versions(name, python):
    """The versions that a lock installs on a Python for Linux, by package."""
    where = {"python_version": python.rpartition(".")[0], "python_full_version": python}
    where |= {"sys_platform": "linux", "platform_machine": "x86_64"}
    found = {}
    for requirement, _ in read_lock(name):
        if requirement.marker is None or requirement.marker.evaluate(where):
            package = canonicalize_name(requirement.name)
            assert package not in found, f"{package} has two versions on Python {python}"
            (pin,) = requirement.specifier
            found[package] = pin.version
    return found


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_pins_and_hashes_everything_and_names_no_index(name):
    text = (ROOT / name).read_text()

    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links|#)", text, re.MULTILINE)
    for requirement, hashes in read_lock(name):
        assert [pin.operator for pin in requirement.specifier] == ["=="], requirement
        assert hashes, requirement


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_holds_what_the_project_asks_for_on_every_python(name, python):
    locked = versions(name, python)

    for line in LOCKED[name]:
        requirement = Requirement(line)
        package = canonicalize_name(requirement.name)
        assert requirement.specifier.contains(locked[package], prereleases=True), (
            f"{requirement}: make lock"
        )


@pytest.mark.parametrize("name", LOCKED)
def test_a_lock_keeps_the_extras_that_were_asked_for(name):
    kept = {canonicalize_name(found.name): found.extras for found, _ in read_lock(name)}

    for line in LOCKED[name]:
        requirement = Requirement(line)
        assert requirement.extras <= kept[canonicalize_name(requirement.name)], (
            f"{requirement}: make lock"
        )


@pytest.mark.parametrize("python", PYTHONS)
def test_what_shares_a_virtual_environment_agrees(python):
    runs, tests = versions("requirements.txt", python), versions("requirements-dev.txt", python)

    assert {name: runs[name] for name in runs.keys() & tests} == {
        name: tests[name] for name in runs.keys() & tests
    }


def test_the_locks_are_for_every_system():
    markers = {str(found.marker) for name in LOCKED for found, _ in read_lock(name) if found.marker}

    assert any("win32" in marker for marker in markers)
    assert any("python_full_version" in marker for marker in markers)


def test_a_cap_has_its_reason_beside_it():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    requirements = {requirement for group in LOCKED.values() for requirement in group}
    capped = [line for line in requirements if re.search(r"<|==|~=", line)]

    assert capped
    for requirement in capped:
        (line,) = (line for line in lines if line.strip().startswith(f'"{requirement}"'))
        assert re.search(r", # \w.{10,}", line), f"{requirement}: say why"


def test_everything_that_installs_packages_installs_a_lock_and_nothing_else():
    places = ["Makefile", "Dockerfile", ".ci/*", "scripts/*", "deploy/**/*", "tests/**/*.py"]
    paths = [path for place in places for path in ROOT.glob(place) if path.is_file()]
    found = []
    for path in paths:
        if path != Path(__file__) and path.suffix != ".txt":
            lines = path.read_bytes().decode(errors="ignore").splitlines()
            found += [
                (str(path.relative_to(ROOT)), line)
                for line in lines
                if re.search(r"pip3?\W+install\b", line) and not line.startswith("#")
            ]

    assert {path for path, _ in found} >= {"scripts/install-lock", "Dockerfile"}
    for name, command in found:
        assert all(flag in command for flag in INSTALL), f"{name}: {command}"


@pytest.fixture(scope="module")
def empty_venv(tmp_path_factory):
    """An empty virtual environment with the pip that Python brings."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder


@pytest.fixture
def venv(empty_venv, tmp_path):
    """A copy of it."""
    return shutil.copytree(empty_venv, tmp_path / "venv", symlinks=True)


def install(venv, folder, *, needs=(), hashed=True):
    """Install a lock of one package, made here, that needs others."""
    wheel = folder / "parcel-1.0-py3-none-any.whl"
    needs = "".join(f"Requires-Dist: {line}\n" for line in needs)
    with zipfile.ZipFile(wheel, "w") as archive:
        about = "parcel-1.0.dist-info"
        archive.writestr("parcel.py", "")
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n{needs}"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    digest = f" --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" if hashed else ""
    lock = folder / "lock.txt"
    lock.write_text(f"parcel @ {wheel.as_uri()}{digest}\n")
    return subprocess.run(
        [ROOT / "scripts" / "install-lock", venv, lock],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PIP_NO_INDEX": "1"},
    )


def test_a_whole_lock_is_installed(venv, tmp_path):
    done = install(venv, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    subprocess.run([venv / "bin" / "python", "-c", "import parcel"], check=True)


def test_a_lock_without_hashes_is_refused(venv, tmp_path):
    done = install(venv, tmp_path, hashed=False)

    assert done.returncode
    assert "hash" in done.stderr


def test_a_lock_that_lacks_a_package_is_noticed_and_not_completed(venv, tmp_path):
    done = install(venv, tmp_path, needs=["absent>=2"])

    assert done.returncode
    assert "absent" in done.stderr
    assert "not installed" in done.stderr


@pytest.fixture
def make(tmp_path):
    """What make would do with a virtual environment that was installed an hour after the locks were written."""
    for path in (
        ROOT / "Makefile",
        *ROOT.glob("requirements*.txt"),
        *ROOT.glob("package-lock.json"),
    ):
        shutil.copy(path, tmp_path)
        os.utime(tmp_path / path.name, (time.time() - 3600,) * 2)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    for name in ("installed", "installed-dev", "installed-node"):
        (tmp_path / "venv" / name).touch()

    def run(target):
        argv = ["make", "--dry-run", f"VENV={tmp_path}/venv", target]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        done = subprocess.run(
            argv, cwd=tmp_path, check=True, capture_output=True, text=True, env=clean
        )
        return done.stdout

    return run


def test_what_is_installed_is_kept(make):
    steps = make("install")

    assert "install-lock" not in steps
    assert "npm" not in steps


def test_a_changed_lock_of_the_scripts_checks_is_installed_anew(make, tmp_path):
    os.utime(tmp_path / "package-lock.json", (time.time() + 60,) * 2)

    assert "npm ci" in make("check")


def test_running_installs_none_of_them(make, tmp_path):
    os.utime(tmp_path / "package-lock.json", (time.time() + 60,) * 2)

    assert not re.search("npm|node", make("run"))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_changed_lock_makes_a_new_virtual_environment(make, tmp_path, name):
    os.utime(tmp_path / name, (time.time() + 60,) * 2)
    steps = make("install")

    assert re.findall(r"(?:make-venv|install-lock) \S+ (\S+)", steps) == [*LOCKED][:2]


def test_a_virtual_environment_whose_python_went_away_is_made_anew(make, tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(tmp_path / "gone")

    assert "scripts/make-venv" in make("run")


@pytest.mark.parametrize("target", ["install", "test", "check", "run", "lock", "messages", "audit"])
def test_no_command_is_tied_to_one_place_of_the_virtual_environment(make, target):
    assert ".venv/" not in make(target).replace("/venv/", "")


def test_ci_starts_from_nothing_each_time(tmp_path):
    stub = tmp_path / "make"
    stub.write_text('#!/bin/sh\nif [ -e "$VENV" ]; then exit 1; fi\necho "$VENV"\nmkdir "$VENV"\n'
                    'rmdir "$VENV"\n')  # fmt: skip
    stub.chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "VENV": str(ROOT / ".venv"),
    }

    runs = [
        subprocess.run(
            [ROOT / ".ci" / "run"], env=environ, check=True, capture_output=True, text=True
        )
        for _ in range(2)
    ]

    folders = [Path(line) for run in runs for line in run.stdout.splitlines()]
    assert len(set(folders)) == 2
    assert ROOT / ".venv" not in folders
    assert not any(folder.parent.exists() for folder in folders)


@pytest.fixture
def make_venv():
    """Runs `scripts/make-venv` in a folder of its own, in which nothing is really installed; returns what it says."""
    with tempfile.TemporaryDirectory(prefix="heimdex-install-") as name:
        folder = Path(name)
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "make-venv", folder / "scripts")
        for stub in ("system-packages", "install-lock", "pythons"):
            (folder / "scripts" / stub).write_text("#!/bin/sh\n")
            (folder / "scripts" / stub).chmod(0o755)
        folder.chmod(0o755)

        def run(**environ):
            # For root every folder can be written.
            nobody = 65534 if environ.pop("AS_NOBODY", "") else None
            done = subprocess.run(
                [str(folder / "scripts" / "make-venv"), ".venv", "requirements.txt"],
                cwd=folder,
                env={"PATH": os.environ["PATH"], **environ},
                capture_output=True,
                text=True,
                check=False,
                user=nobody,
                group=nobody,
            )
            assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done
            assert not (folder / ".venv").exists()
            return done.stderr

        yield folder, run


def test_what_is_in_the_way_of_an_install_is_one_sentence(make_venv):
    folder, run = make_venv
    assert "there is none" in run()
    assert "cannot be run" in run(PYTHON="/no/such/python")

    old = folder / "python3.9"
    old.write_text('#!/bin/sh\ncase "$2" in *exit*) exit 1;; *) echo 3.9;; esac\n')
    old.chmod(0o755)
    assert "3.11 or newer; " in run(PYTHON=str(old))
    assert not (folder / ".venv.installing").exists()

    (folder / ".venv.installing").write_text(str(os.getpid()))
    assert f"(process {os.getpid()})" in run(PYTHON=sys.executable)
    (folder / ".venv.installing").unlink()

    as_nobody = {"AS_NOBODY": "yes"} if os.geteuid() == 0 else {}
    folder.chmod(0o555)
    assert "cannot be written" in run(PYTHON=sys.executable, **as_nobody)
    folder.chmod(0o755)


def test_an_install_that_was_killed_is_in_nobodys_way(make_venv):
    folder, _ = make_venv
    (folder / ".venv.installing").write_text("999999999")
    script = ["scripts/make-venv", ".venv", "requirements.txt"]
    environ = {"PATH": os.environ["PATH"], "PYTHON": sys.executable}

    subprocess.run(script, cwd=folder, env=environ, check=True, capture_output=True)

    assert (folder / ".venv" / "bin" / "python").exists()
    assert not (folder / ".venv.installing").exists()


def test_pythons_are_found_that_really_run_and_are_new_enough(tmp_path):
    for folder, says in (("a", "3.13 /a/python"), ("b", "3.12 /b/python"), ("c", "3.13 /c/python")):
        (tmp_path / folder).mkdir()
        stub = tmp_path / folder / "python3"
        stub.write_text(f"#!/bin/sh\necho {says}\n")
        stub.chmod(0o755)
    shim = tmp_path / "b" / "python3.12"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    (tmp_path / "c" / "python3.11").symlink_to(sys.executable)
    path = ":".join([*(str(tmp_path / folder) for folder in "abc"), "/usr/bin", "/bin"])

    done = subprocess.run(
        [ROOT / "scripts" / "pythons"],
        env={"PATH": path, "HOME": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )

    found = done.stdout.splitlines()
    assert [line for line in found if line.startswith(("/a", "/b", "/c"))] == [
        "/b/python",
        "/a/python",
    ]
    assert len(found) == len(set(found))


def test_dependabot_watches_what_is_there():
    watched = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    signs = {
        "pip": ["requirements*.txt"],
        "docker": ["Dockerfile"],
        "docker-compose": ["compose.yaml"],
        "npm": ["package.json"],
        "github-actions": [".github/workflows/*.yml"],
    }

    for entry in watched:
        for folder in entry.get("directories", [entry.get("directory")]):
            where = ROOT / folder.lstrip("/")
            assert any(list(where.glob(sign)) for sign in signs[entry["package-ecosystem"]]), entry
