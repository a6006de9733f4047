"""Detection of the installed ffmpeg from its own output."""

import pytest

from mediakit.errors import ToolMissingError
from mediakit.ffmpeg.installation import ToolProbe, missing_parts, parse_version, probe_tool


@pytest.mark.parametrize(
    ("words", "version"),
    [
        ("ffmpeg version 5.1.9-0+deb12u1 Copyright", (5, 1, 9)),
        ("ffmpeg version n7.1 Copyright", (7, 1)),
        ("ffprobe version 6.0 Copyright", (6, 0)),
        ("ffmpeg version N-12345-gabcdef Copyright", ()),
        ("", ()),
    ],
)
def test_versions(words, version):
    assert parse_version(words) == version


def test_the_installed_ffmpeg_can_do_what_we_ask():
    tool = probe_tool("ffmpeg")

    assert tool.has_filter("zscale")
    assert tool.has_encoder("libx264")
    assert missing_parts(tool) == []
    assert not tool.is_older_than((5, 1))


def test_ffprobe_has_a_version_too():
    assert probe_tool("ffprobe").version == probe_tool("ffmpeg").version


def test_what_an_ffmpeg_lacks_is_named():
    bare = ToolProbe("ffmpeg", "/usr/bin/ffmpeg", (4, 4))

    assert "zscale" in missing_parts(bare)
    assert "libx264" in missing_parts(bare)
    assert bare.is_older_than((5, 1))
    assert not ToolProbe("ffmpeg", "/usr/bin/ffmpeg", ()).is_older_than((5, 1))


def test_a_tool_that_is_not_there(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(ToolMissingError):
        probe_tool("ffmpeg")
