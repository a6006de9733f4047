"""Pairs of clips for people: what is what is not told, votes are kept, and a pair is asked for once."""

import json
import threading
import urllib.error
import urllib.request
from random import Random

import pytest

from benchmarks.suggestions.blind_pairs import OURS, BlindServer, Pair, Votes, make_pairs
from benchmarks.suggestions.made_transcripts import make_transcript
from tests.mediakit.conftest import Clips


def test_suggestions_are_paired_with_others_on_sides_that_tell_nothing(tmp_path):
    pairs = [
        pair
        for number in range(4)
        for pair in make_pairs(
            tmp_path / "v.mp4", make_transcript(number).material, count=5, random=Random(number)
        )
    ]

    assert {frozenset(pair.kinds) for pair in pairs} == {
        frozenset((OURS, "random")),
        frozenset((OURS, "loudest")),
    }
    assert len({pair.name for pair in pairs}) == len(pairs) >= 30
    left = [pair.kinds[0] for pair in pairs].count(OURS)
    assert 0.25 < left / len(pairs) < 0.75


@pytest.fixture
def server(tmp_path):
    video = Clips(tmp_path).plain("v.mp4", seconds=6)
    pairs = [Pair(video, ((1_000, 2_000), (3_000, 4_500)), ("random", OURS))]
    with BlindServer(pairs, Votes(tmp_path / "votes.jsonl"), tmp_path, port=0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def ask(server, path, method="GET") -> bytes:
    url = f"http://127.0.0.1:{server.server_port}{path}"
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
        return answer.read()


def test_a_person_looks_at_both_and_says_which(server, tmp_path):
    page = ask(server, "/").decode()
    assert 'count = Number("1")' in page
    assert OURS not in page
    assert ask(server, "/pair/0/1")[4:8] == b"ftyp"
    for path in ("/pair/1/0", "/pair/0/2", "/votes.jsonl"):
        with pytest.raises(urllib.error.HTTPError):
            ask(server, path)

    ask(server, "/pair/0/right", "POST")
    ask(server, "/pair/0/neither", "POST")

    rows = [json.loads(line) for line in (tmp_path / "votes.jsonl").read_text().splitlines()]
    assert [row["chosen"] for row in rows] == [OURS, "neither"]
    assert {row["pair"] for row in rows} == {server.pairs[0].name}
    assert list(server.votes.table())[2:] == ["| random | 1 | 0 | 1 | 1.00 |"]
