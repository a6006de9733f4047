"""One `serve` for each data folder."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from heimdex.startup import one_server
from tests.services import free_port


def test_a_second_one_is_told_who_has_the_folder(tmp_path: Path, settings):
    settings.DATA_DIR = tmp_path
    with (
        one_server.hold_data_folder(tmp_path, address="http://127.0.0.1:8000/"),
        pytest.raises(CommandError) as refused,
    ):
        call_command("serve", "--port", str(free_port()))

    said = str(refused.value)
    assert f"running on {tmp_path} already" in said
    assert f"(process {os.getpid()}, http://127.0.0.1:8000/)" in said


def test_the_folder_is_free_again_after_the_first(tmp_path: Path):
    one_server.hold_data_folder(tmp_path, address="first").close()

    with one_server.hold_data_folder(tmp_path, address="second") as held:
        assert not held.closed
        with pytest.raises(one_server.AlreadyServedError, match="second"):
            one_server.hold_data_folder(tmp_path, address="third")


def test_another_folder_is_another_installation(tmp_path: Path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with (
        one_server.hold_data_folder(tmp_path / "a", address="a"),
        one_server.hold_data_folder(tmp_path / "b", address="b") as second,
    ):
        assert not second.closed
