"""`scripts/system-packages` on machines of every kind, played by a folder of stub programs."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "system-packages"
REAL = ("cat", "chmod", "cut", "dirname", "grep", "head", "ls", "sh", "sort", "tr", "uname")
PROGRAMS = (
    *("chromium", "ffmpeg", "ffprobe", "msgfmt", "nginx", "node", "npm", "openssl", "postgres"),
    "redis-server",
)


class Machine:
    """A Debian with every program and package, until a test takes some away."""

    def __init__(self, folder):
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in REAL:
            (self.bin / name).symlink_to(shutil.which(name))
        for name in PROGRAMS:
            self.stub(name, "exit 0")
        self.stub("tesseract", "echo kor")
        self.stub("id", "echo 0")
        self.updates(0)

    def stub(self, name, script):
        """Put a program into PATH."""
        (self.bin / name).write_text(f"#!{self.bin}/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def lacks(self, *names):
        """Take programs away."""
        for name in names:
            (self.bin / name).unlink()

    def updates(self, code):
        """Let apt-get renew its lists with this exit code, and install what `offers` brought."""
        self.stub(
            "apt-get",
            f"""echo "$@" >>{self.bin}/apt.log
[ "$1" = install ] || exit {code}
for name; do
    for program in $(cat {self.bin}/$name.package 2>/dev/null); do
        echo "#!{self.bin}/sh" >{self.bin}/$program
        chmod +x {self.bin}/$program
    done
done""",
        )
        self.stub("apt-cache", f'[ ! -e {self.bin}/$2.package ] || echo "  Candidate: 1.0"')

    def offers(self, **packages):
        """Let apt know packages, each with the programs it brings."""
        for name, programs in packages.items():
            (self.bin / f"{name}.package").write_text(programs)

    def run(self, *kinds):
        """Run the script. Returns its exit code, its output and the arguments of apt-get."""
        environ = {"PATH": str(self.bin), "HOME": str(self.bin)}
        done = subprocess.run(
            [SCRIPT, *kinds], env=environ, check=False, capture_output=True, text=True
        )
        log = self.bin / "apt.log"
        return done.returncode, done.stdout + done.stderr, log.read_text() if log.exists() else ""


@pytest.fixture
def machine(tmp_path):
    """A machine that has everything."""
    return Machine(tmp_path)


def test_nothing_is_done_where_everything_is_there(machine):
    assert machine.run("run", "test") == (0, "", "")


def test_a_tesseract_without_korean_gets_it(machine):
    machine.stub("tesseract", f"[ ! -e {machine.bin}/kor ] || echo kor")
    machine.offers(**{"tesseract-ocr-kor": "kor"})

    code, said, _ = machine.run("test")

    assert (code, said) == (0, "Installing: tesseract-ocr-kor\n")


def test_a_package_is_found_by_the_name_it_has_there(machine):
    machine.lacks("redis-server", "ffprobe")
    machine.offers(redis="redis-server", ffmpeg="ffmpeg ffprobe")

    code, said, apt_log = machine.run("run", "test")

    assert code == 0, said
    assert said == "Installing: ffmpeg redis\n"
    assert apt_log.splitlines()[-1].endswith("ffmpeg redis")


def test_a_source_that_does_not_answer_need_not_matter(machine):
    machine.lacks("ffmpeg")
    machine.updates(100)
    machine.offers(ffmpeg="ffmpeg ffprobe")

    code, said, _ = machine.run("run")

    assert code == 0, said
    assert "could not be renewed" in said


def test_where_the_browser_is_no_package_the_rest_is_installed_and_a_way_is_named(machine):
    machine.lacks("redis-server")
    machine.stub("chromium-browser", "exit 1")  # Ubuntu's stub for a snap
    machine.lacks("chromium")
    machine.offers(redis="redis-server")

    code, said, apt_log = machine.run("test")

    assert code == 1
    assert apt_log.splitlines()[-1].endswith(" redis")
    assert "playwright install chromium" in said
    assert said.endswith("Still missing: chromium\n")


def test_the_browser_that_playwright_brought_will_do(machine):
    machine.lacks("chromium")
    (machine.bin / ".cache" / "ms-playwright" / "chromium-1234").mkdir(parents=True)

    assert machine.run("test") == (0, "", "")


def test_who_may_not_install_is_told_what_to_install(machine):
    machine.lacks("ffmpeg")
    machine.stub("id", "echo 1000")

    code, said, apt_log = machine.run("run")

    assert (code, apt_log) == (1, "")
    assert said == "Please install, as root: ffmpeg\n"


def test_a_package_that_did_not_bring_the_program_is_noticed(machine):
    machine.lacks("ffmpeg")
    machine.offers(ffmpeg="")

    code, said, _ = machine.run("run")

    assert code == 1
    assert said.endswith("Still missing: ffmpeg\n")


def test_python_is_needed_with_venv(machine):
    machine.stub("python3", 'case "$*" in *ensurepip*) exit 1 ;; *) echo 3.11 $0 ;; esac')
    machine.offers(**{"python3-venv": ""})

    code, said, apt_log = machine.run("python")

    assert code == 1
    assert apt_log.splitlines()[-1].endswith(" python3-venv")
    assert said.endswith("Still missing: python\n")
