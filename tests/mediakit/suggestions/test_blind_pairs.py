"""The page for blind pairs: it tells nobody which clip is which, and writes each vote once."""

import threading
from random import Random

import httpx
import pytest

from benchmarks.suggestions.blind_pairs import Ballot, BallotServer, Pair, make_pairs
from benchmarks.suggestions.made_transcripts import make_transcript

PAIRS = [
    Pair(0, "random", (0, 20_000), (40_000, 60_000), "left"),
    Pair(1, "loudest", (60_000, 90_000), (120_000, 150_000), "right"),
]


@pytest.fixture
def ballot(tmp_path):
    return Ballot("talk.mp4", PAIRS, tmp_path / "votes.jsonl")


@pytest.fixture
def page(ballot, tmp_path):
    """The address of the page."""
    for pair in PAIRS:
        for side in ("left", "right"):
            (tmp_path / f"{pair.number}-{side}.mp4").write_bytes(side.encode())
    with BallotServer(ballot, tmp_path, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def vote(page: str, body: object) -> int:
    return httpx.post(f"{page}/votes", json=body).status_code


def test_votes_are_written_once_and_an_interrupted_ballot_goes_on(page, ballot):
    assert vote(page, {"pair": 0, "choice": "left"}) == 204
    assert httpx.get(f"{page}/pairs").json() == [1]
    assert vote(page, {"pair": 0, "choice": "right"}) == 400

    later = Ballot("talk.mp4", PAIRS, ballot.votes)
    assert later.open() == [1]
    assert later.vote(1, "left")
    assert [line["won"] for line in later.given()] == ["suggested", "loudest"]
    assert "| random | 1 | 0 | 0 |\n| loudest | 0 | 1 | 0 |" in later.result()
    assert Ballot("other.mp4", PAIRS, ballot.votes).open() == [0, 1]


@pytest.mark.parametrize(
    "body", [{"pair": 7, "choice": "left"}, {"pair": 0, "choice": "both"}, {"pair": [0]}, 3, None]
)
def test_what_is_no_vote_is_refused(page, ballot, body):
    assert vote(page, body) == 400
    assert not ballot.votes.exists()


def test_nothing_on_the_page_says_which_is_which(page):
    shown = httpx.get(page).content + httpx.get(f"{page}/pairs").content
    assert b"suggest" not in shown
    assert httpx.get(f"{page}/1-right.mp4").content == b"right"
    for path in ("/votes.jsonl", "/%2e%2e/votes.jsonl", "/2-left.mp4"):
        assert httpx.get(f"{page}{path}").status_code == 404


def test_pairs_are_of_different_moments_and_both_kinds():
    pairs = make_pairs(make_transcript(0).material, Random(1))

    assert {pair.against for pair in pairs} == {"random", "loudest"}
    assert {pair.side for pair in pairs} == {"left", "right"}
    for pair in pairs:
        shared = min(pair.suggested[1], pair.other[1]) - max(pair.suggested[0], pair.other[0])
        assert shared <= 5_000
