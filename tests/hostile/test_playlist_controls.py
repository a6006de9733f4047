"""The whitelists and the confinement each stop a playlist alone; without both, it shows another user's video.

So neither control's test can pass because of the other control.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from mediakit.errors import InputError, MediaError
from mediakit.ffmpeg import source_args
from mediakit.probing.probe import probe
from mediakit.sandbox import landlock, process, seccomp
from tests.hostile import media
from tests.hostile.environment import Canary, shows_canary

KINDS: dict[str, Callable[[str], bytes]] = {
    "hls": media.hls,
    "dash": media.dash,
    "ffconcat": media.concat,
}


def no_whitelists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run ffmpeg with its own defaults and every protocol."""
    monkeypatch.setattr(source_args, "input_args", plain_input)


def plain_input(source: str, **_options: object) -> list[str]:
    return ["-protocol_whitelist", "file,http,tcp,crypto,data", "-i", source]


def no_confinement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a kernel without Landlock and system call filters."""
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    monkeypatch.setattr(seccomp, "is_available", lambda: False)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "other" / "canary.mp4"
    path.parent.mkdir()
    red, green, blue = media.CANARY_COLOUR
    colour = f"color=c=0x{red:02x}{green:02x}{blue:02x}:s=160x90:r=25"
    path.write_bytes(media.make_video(picture=colour))
    return path


@pytest.fixture
def playlist(tmp_path: Path) -> Path:
    return tmp_path / "clip.mp4"


def shown(playlist: Path, folder: Path) -> bool:
    """Return whether ffmpeg, run as the product runs it, makes a video of the playlist that shows the canary."""
    folder.mkdir()
    argv = ["ffmpeg", "-nostdin", "-v", "error", *source_args.input_args(str(playlist)), "out.mp4"]
    try:
        process.run(argv, timeout_s=60, reads=[str(playlist)], cwd=folder)
    except MediaError:
        return False
    return shows_canary(folder / "out.mp4")


@pytest.mark.parametrize("kind", KINDS)
def test_the_whitelists_alone_stop_a_playlist(kind, canary, playlist, tmp_path, monkeypatch):
    no_confinement(monkeypatch)
    playlist.write_bytes(KINDS[kind](str(canary)))

    assert not shown(playlist, tmp_path / "job")
    with pytest.raises(InputError) as caught:
        probe(str(playlist))
    assert caught.value.code == "NOT_A_VIDEO"


@pytest.mark.parametrize("kind", KINDS)
def test_the_confinement_alone_stops_a_playlist(kind, canary, playlist, tmp_path, monkeypatch):
    no_whitelists(monkeypatch)
    playlist.write_bytes(KINDS[kind](str(canary)))

    assert not shown(playlist, tmp_path / "job")


@pytest.mark.parametrize("kind", ["hls", "dash"])
def test_the_confinement_alone_keeps_a_playlist_from_the_network(
    kind, playlist, tmp_path, monkeypatch
):
    no_whitelists(monkeypatch)
    server = Canary()
    playlist.write_bytes(KINDS[kind](f"http://127.0.0.1:{server.port}/canary.mp4"))

    shown(playlist, tmp_path / "job")
    server.close()

    assert server.heard == []


def test_a_filter_reads_no_other_file(canary, tmp_path):
    """A manipulated title in a filter graph could try this."""
    work = tmp_path / "job"
    work.mkdir()
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"movie={canary}", "out.mp4"]

    with pytest.raises(MediaError):
        process.run(argv, timeout_s=60, cwd=work)

    assert list(work.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_without_both_the_other_film_is_shown(kind, canary, playlist, tmp_path, monkeypatch):
    no_whitelists(monkeypatch)
    no_confinement(monkeypatch)
    address = canary.relative_to(tmp_path)
    playlist.write_bytes(KINDS[kind](str(address)))

    assert shown(playlist, tmp_path / "job")


@pytest.mark.parametrize("kind", ["hls", "dash"])
def test_without_both_the_network_is_reached(kind, playlist, tmp_path, monkeypatch):
    no_whitelists(monkeypatch)
    no_confinement(monkeypatch)
    server = Canary()
    playlist.write_bytes(KINDS[kind](f"http://127.0.0.1:{server.port}/canary.mp4"))

    shown(playlist, tmp_path / "job")
    server.close()

    assert server.heard
