"""Speech is recognised by a real model, end to end; a worker that is killed goes on where it was."""

import json
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.demo_maker.talk import make_talk
from tests.e2e.server import DATABASE, Installation, Process, Script, SpreadOut
from tests.processes import KILL_POINTS, OVERRIDES, lease
from tests.speech_model import fetch_speech_model

WAIT_S = 300


@pytest.fixture(scope="module")
def long_talk(tmp_path_factory) -> Path:
    """A talk of 80 seconds, without captions."""
    folder = tmp_path_factory.mktemp("hearing")
    video, _ = make_talk(folder, seconds=40, size=(320, 180))
    path = folder / "long.mp4"
    argv = ["ffmpeg", "-v", "error", "-stream_loop", "1", "-i", str(video), "-c", "copy", str(path)]
    subprocess.run(argv, check=True)
    return path


def mortal(folder: Path, *, lease_s: int = 5) -> dict[str, str]:
    """The settings of processes with a real model that obey orders to die."""
    (folder / "orders").mkdir()
    return {
        OVERRIDES: json.dumps({**lease(lease_s, 1, 1), "SPEECH_MODEL": fetch_speech_model()}),
        KILL_POINTS: str(folder / "orders"),
    }


@pytest.fixture
def hearing(tmp_path: Path, migrated: Installation) -> Installation:
    """An installation with a real model, whose processes obey orders to die."""
    return migrated.copied(tmp_path, mortal(tmp_path))


def pieces(installation: Installation) -> list[tuple[int, int]]:
    """Start and end of each stored piece, in ms."""
    with closing(sqlite3.connect(installation.data_dir / DATABASE)) as database:
        found = database.execute(
            "SELECT start_ms, end_ms FROM videos_transcriptpiece ORDER BY start_ms"
        )
        return [(start, end) for start, end in found]


def heard_words(installation: Installation) -> list[tuple[int, str]]:
    """Start (ms) and text of each stored word."""
    with closing(sqlite3.connect(installation.data_dir / DATABASE)) as database:
        rows = database.execute("SELECT words FROM videos_transcriptpiece ORDER BY start_ms")
        return [(word[0], word[2]) for (words,) in rows for word in json.loads(words)]


def order_to_die(installation: Installation) -> Path:
    """The next process that has stored a piece kills itself; the order is gone then."""
    order = Path(installation.settings[KILL_POINTS], "piece_after")
    order.touch()
    return order


def wait_for_death(server: Process) -> None:
    assert server.child.wait(WAIT_S) == -9


def test_a_killed_worker_goes_on_after_the_last_piece(hearing: Installation, long_talk: Path):
    token = hearing.person("listener")
    order_to_die(hearing)
    with hearing.serving() as server, Script(server.url, token) as script:
        with long_talk.open("rb") as source:
            answer = script.post("/v1/videos", expected=201, files={"file": ("a.mp4", source)})
        wait_for_death(server)
    (first,) = pieces(hearing)
    assert first[0] == 0

    order_to_die(hearing)
    with hearing.serving() as server:
        wait_for_death(server)
    assert pieces(hearing)[0] == first
    assert len(pieces(hearing)) == 2
    assert pieces(hearing)[1][0] == first[1]
    heard = heard_words(hearing)

    with hearing.serving() as server, Script(server.url, token) as script:
        video = script.video(answer["id"])
        cues = script.get(f"/v1/videos/{video['id']}/cues?page_size=500")["results"]
    assert pieces(hearing) == []
    assert (video["transcript_source"], video["heard_s"]) == ("speech", None)
    words = [(round(word["start_s"] * 1000), word["text"]) for cue in cues for word in cue["words"]]
    assert set(heard) <= set(words)
    assert cues[-1]["end_s"] > 60
    said = " ".join(cue["text"] for cue in cues).lower()
    assert "talk about very long videos" in said
    starts = [cue["start_s"] for cue in cues]
    assert starts == sorted(set(starts))  # nothing was heard twice


def test_hearing_that_is_ended_becomes_scenes(hearing: Installation, long_talk: Path):
    token = hearing.person("busy")
    with hearing.serving() as server, Script(server.url, token) as script:
        with long_talk.open("rb") as source:
            path = script.post("/v1/videos", expected=201, files={"file": ("a.mp4", source)})["id"]
        deadline = time.monotonic() + WAIT_S
        while not script.get(f"/v1/videos/{path}")["heard_s"]:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        script.post(f"/v1/videos/{path}/stop-hearing", expected=202)
        video = script.video(path)
        details = script.get(f"/v1/videos/{path}/details")
    assert 5 < video["heard_s"] < 80
    assert "very long videos" in details["full_transcript"]
    assert details["scenes"][-1]["end_s"] == video["duration_s"]


# The words in a part of the talk that is heard again are wrong, so the new ones are told from them.
WRONG_WORDS = """WEBVTT

00:00.000 --> 00:01.500
Goof morning.

00:03.000 --> 00:17.000
Quokka quokka quokka.

00:19.000 --> 00:20.000
Until then.
"""


class HearingAgain:
    """A video with written words and a correction, of which 2 to 18 s are heard again."""

    def __init__(self, script: Script, video: Path, folder: Path) -> None:
        captions = folder / "wrong.vtt"
        captions.write_text(WRONG_WORDS, encoding="utf-8")
        self.script = script
        self._path = f"/v1/videos/{script.video(script.upload(video, captions))['id']}"
        self._id = self._path.rpartition("/")[2]
        correction = {"line": 0, "start": 0, "was": "Goof", "text": "Good"}
        script.post(f"{self._path}/corrections", expected=201, json=correction)
        self._before = self._lines()

    def ask(self) -> None:
        options = {"start_s": 2, "end_s": 18, "language": "en"}
        self.script.post(f"{self._path}/hear", expected=202, json=options)

    def check_the_old_words_are_there(self) -> float:
        """Until all is heard; returns how far that is, in s."""
        assert self._lines() == self._before
        assert self._is_found("quokka")
        assert not self._is_found("lecture")
        return float(self.script.get(self._path)["heard_s"])

    def check_the_new_words(self) -> None:
        self.script.video(self._id)
        first, *heard, last = self._lines()
        assert [first, last] == [self._before[0], self._before[-1]]
        assert first["text"] == "Good morning."
        said = " ".join(line["text"] for line in heard).lower()
        assert "very long videos" in said
        assert "in every lecture" in said
        assert "quokka" not in said
        assert self._is_found("lecture")
        assert not self._is_found("quokka")
        starts = [line["start_s"] for line in heard]
        assert starts == sorted(set(starts))  # nothing was heard twice
        assert len(self.script.get(f"{self._path}/transcripts")["results"]) == 2

    def _lines(self) -> list[Any]:
        lines: list[Any] = self.script.get(f"{self._path}/cues?page_size=500")["results"]
        return [{key: line[key] for key in ("start_s", "end_s", "text", "words")} for line in lines]

    def _is_found(self, word: str) -> bool:
        return bool(self.script.get(f"/v1/search?q={word}")["results"])


def test_a_range_is_heard_again_by_an_installation_that_is_killed(
    hearing: Installation, talk: tuple[Path, Path], tmp_path: Path
):
    token = hearing.person("again")
    with hearing.serving() as server, Script(server.url, token) as script:
        again = HearingAgain(script, talk[0], tmp_path)
        before = lines_and_entries(hearing)
        order_to_die(hearing)
        again.ask()
        wait_for_death(server)
    (first,) = pieces(hearing)
    assert first[0] == 1_000  # a second before the range
    assert lines_and_entries(hearing) == before

    order_to_die(hearing)
    with hearing.serving() as server:
        wait_for_death(server)
    assert pieces(hearing)[0] == first
    assert pieces(hearing)[1][0] == first[1]
    assert lines_and_entries(hearing) == before

    with hearing.serving() as server, Script(server.url, token) as again.script:
        again.check_the_new_words()
    assert pieces(hearing) == []


def lines_and_entries(installation: Installation) -> list[tuple[Any, ...]]:
    """The lines that the page shows and the entries that the search finds."""
    lines = installation.execute("SELECT * FROM videos_cue ORDER BY id")
    return lines + installation.execute("SELECT * FROM videos_searchentry ORDER BY id")


@pytest.mark.services
def test_a_range_is_heard_again_by_workers_that_are_killed(
    spread_out: SpreadOut, talk: tuple[Path, Path], tmp_path: Path
):
    installation = spread_out.with_settings(mortal(tmp_path, lease_s=3))
    worker = ("worker", "-Q", "exports,videos", "-c", "1")
    with (
        installation.serving("--web-only") as server,
        Script(server.url, installation.person("again")) as script,
        installation.celery(*worker),
    ):
        again = HearingAgain(script, talk[0], tmp_path)
        order = order_to_die(installation)
        again.ask()
        wait_until_gone(order)
        first_s = again.check_the_old_words_are_there()
        wait_until_gone(order_to_die(installation))
        assert again.check_the_old_words_are_there() > first_s
        again.check_the_new_words()


def wait_until_gone(order: Path) -> None:
    """Until a process obeyed the order."""
    deadline = time.monotonic() + WAIT_S
    while order.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
