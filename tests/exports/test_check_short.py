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
    assert receipt["passed"]
    assert [rule["name"] for rule in receipt["rules"] if not rule["ok"]] == []
    assert (receipt["width"], receipt["frames"]) == (1080, 25)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("notes.mp4", "cannot be checked. The file is not a video."),
        ("empty.mp4", "cannot be checked. The file is empty."),
        ("half.mp4", "cannot be checked. The file is incomplete or damaged."),
        ("none.mp4", "does not exist."),
        ("", "is not a file."),
    ],
)
def test_a_file_that_is_no_video_is_refused_with_the_reason(tmp_path, clip, name, words):
    (tmp_path / "notes.mp4").write_text("not a video\n" * 50)
    (tmp_path / "empty.mp4").touch()
    data = clip.read_bytes()
    (tmp_path / "half.mp4").write_bytes(data[: len(data) // 2])

    with pytest.raises(CommandError) as caught:
        check(tmp_path / name)

    assert caught.value.returncode == 2
    assert str(caught.value).endswith(words)


def test_json_output_says_why_a_file_cannot_be_checked(tmp_path):
    said = StringIO()
    (tmp_path / "notes.mp4").write_text("not a video\n" * 50)

    with pytest.raises(CommandError):
        call_command("check_short", str(tmp_path / "notes.mp4"), "--json", stdout=said)

    found = json.loads(said.getvalue())
    assert (found["passed"], found["error"]["code"]) == (False, "NOT_A_VIDEO")


def test_many_files_are_checked_one_after_another(clip, short, tmp_path, capsys):
    said, missing = StringIO(), tmp_path / "none.mp4"

    with pytest.raises(SystemExit) as ended:
        call_command("check_short", str(short), str(missing), str(clip), stdout=said)

    lines = said.getvalue().splitlines()
    assert ended.value.code == 2
    assert [line for line in lines if line.endswith(":")] == [
        f"{short}:",
        f"{missing}:",
        f"{clip}:",
    ]
    assert len([line for line in lines if " rules, " in line]) == 2
    assert f"{missing} does not exist." in capsys.readouterr().err


def test_the_worst_of_many_decides(clip, short):
    with pytest.raises(SystemExit) as ended:
        call_command("check_short", str(short), str(clip), stdout=StringIO())
    call_command("check_short", str(short), str(short), stdout=StringIO())

    assert ended.value.code == 1


def test_json_of_many_files_is_a_line_each(clip, short):
    said = StringIO()

    with pytest.raises(SystemExit):
        call_command("check_short", str(short), str(clip), "--json", stdout=said)

    found = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [(each["file"], each["passed"]) for each in found] == [
        (str(short), True),
        (str(clip), False),
    ]
