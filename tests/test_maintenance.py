"""`make audit` and `make outdated` say what is known, and say so when nothing is."""

import re

import pytest

from scripts import audit, outdated
from scripts.locks import ROOT, read_lock

UV = r"""#!/bin/sh
if [ "$2" = list ]; then
    echo '[{"name": "celery", "latest_version": "99"}]'
    exit
fi
while [ "$1" != --output-file ]; do shift; done
sed -e 's/^celery==[^ ]*/celery==98/' \
    -e 's/^\(rich==\)\([^ ]*\)/\1\2 ; old\n\197 ; new/' "$2" >"$2.new" && mv "$2.new" "$2"
"""


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD AND Zlib", True),
        ("Apache Software License; BSD License", True),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-2.0-or-later", False),
        ("MIT License; GNU Affero General Public License v3", False),
        ("UNKNOWN", False),
    ],
)
def test_a_licence_is_allowed_when_all_its_parts_are(licence, allowed):
    assert audit.is_allowed(licence) is allowed


def test_a_licence_that_is_not_allowed_is_named(monkeypatch, capsys):
    packages = [
        {"Name": "good", "Version": "1", "License": "MIT"},
        {"Name": "odd", "Version": "2", "License": "GPL-3.0-only"},
    ]
    monkeypatch.setattr(audit, "run_tool", lambda *_: packages)

    assert audit.check_licences() is False
    said = capsys.readouterr().out
    assert "odd 2: GPL-3.0-only" in said
    assert "good" not in said


SKIPPED = {"name": "one", "skip_reason": "Dependency not found"}
SOUND = {"name": "two", "version": "1", "vulns": []}
KNOWN = {"id": "CVE-2026-1", "fix_versions": ["1.1"]}


@pytest.mark.parametrize("answer", [None, {"dependencies": []}, {"dependencies": [SKIPPED]}])
def test_a_service_that_is_not_reached_is_no_pass(monkeypatch, capsys, answer):
    monkeypatch.setattr(audit, "run_tool", lambda *_: answer)

    assert audit.check_vulnerabilities() is False
    assert capsys.readouterr().out.splitlines() == [
        "Vulnerabilities: the service was not reached, so nothing is known."
    ]


@pytest.mark.parametrize(
    ("packages", "passes", "words"),
    [
        ([SOUND], True, "0 known in 1 packages"),
        ([SOUND, SKIPPED], False, "does not know one"),
        ([{**SOUND, "vulns": [KNOWN]}], False, "two 1: CVE-2026-1, mended in 1.1"),
    ],
)
def test_what_the_service_knows_is_told(monkeypatch, capsys, packages, passes, words):
    monkeypatch.setattr(audit, "run_tool", lambda *_: {"dependencies": packages})

    assert audit.check_vulnerabilities() is passes
    assert words in capsys.readouterr().out


def test_what_an_upgrade_would_take_and_what_is_held_back_are_told(monkeypatch, tmp_path, capfd):
    uv = tmp_path / "uv"
    uv.write_text(UV)
    uv.chmod(0o755)
    monkeypatch.setattr(outdated, "BIN", tmp_path)
    before = (ROOT / "requirements.txt").read_text()

    outdated.print_outdated()

    locked = read_lock(ROOT / "requirements.txt")
    said = capfd.readouterr().out.rpartition("requirements.txt")[2]
    lines = [line for line in said.splitlines() if line.startswith("  ")][1:]
    assert [re.split(r"\s{2,}", line.strip()) for line in lines] == [
        ["celery", locked["celery"], "98", "99", "held back"],
        ["rich", locked["rich"], f"{locked['rich']} or 97", f"{locked['rich']} or 97"],
    ]
    assert (ROOT / "requirements.txt").read_text() == before
