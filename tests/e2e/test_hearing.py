"""Speech is recognised by a real model, end to end; a worker that is killed goes on where it was."""

import json
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.demo_maker.talk import make_talk
from tests.e2e.server import DATABASE, Installation, Process, Script
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


@pytest.fixture
def hearing(tmp_path: Path, migrated: Installation) -> Installation:
    """An installation with a real model, whose processes obey orders to die."""
    (tmp_path / "orders").mkdir()
    settings = {
        OVERRIDES: json.dumps({**lease(5, 1, 1), "SPEECH_MODEL": fetch_speech_model()}),
        KILL_POINTS: str(tmp_path / "orders"),
    }
    return migrated.copied(tmp_path, settings)


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


def order_to_die(installation: Installation) -> None:
    """The next process that has stored a piece kills itself."""
    (installation.data_dir / "orders" / "piece_after").touch()


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
