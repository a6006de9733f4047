"""`manage.py check_short`: any file against what platforms ask for."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def check(file: Path, *args: str) -> tuple[int, str]:
    said = StringIO()
    try:
        call_command("check_short", str(file), *args, stdout=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def test_an_ordinary_video_breaks_rules(clip):
    code, said = check(clip)

    lines = said.splitlines()
    assert code == 1
    assert lines[0].startswith("BROKEN   ")
    assert any(line.startswith("BROKEN   Square or taller: 320x180") for line in lines)
    assert lines[-1].split()[1] == "rules,"


def test_a_short_of_ours_passes(short):
    code, said = check(short, "--json")

    assert code == 0
    receipt = json.loads(said)
    assert [rule["name"] for rule in receipt["rules"] if not rule["ok"]] == []
    assert (receipt["width"], receipt["frames"]) == (1080, 25)


def test_what_is_no_video_cannot_be_checked(tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("not a video\n" * 50)

    for file in (text, tmp_path / "none.mp4"):
        with pytest.raises(CommandError) as caught:
            check(file)
        assert caught.value.returncode == 2
