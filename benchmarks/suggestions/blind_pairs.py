"""Which of two clips would people post: `python -m benchmarks.suggestions.blind_pairs FILM CAPTIONS --votes FILE`.

A page on this machine shows pairs: a suggested clip, and one at random or of the loudest 30 s, in an order that nobody
knows. Each vote is a line of JSON in the file; pairs that have one are not shown again. The result is printed at the
end and in no earlier moment.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.suggestions.baselines import Span, loudest, random_windows
from mediakit.probing.probe import probe
from mediakit.scenes.first_pass import run_first_pass
from mediakit.subtitles.formats import parse_captions
from mediakit.suggestions.material import Material
from mediakit.suggestions.suggest import suggest

PAGE = Path(__file__).with_name("blind_pairs.html")
LEFT, RIGHT, NEITHER = "left", "right", "neither"
CHOICES = (LEFT, RIGHT, NEITHER)
MAX_BODY_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A suggested range and another one; `side` is where the suggested one is shown."""

    number: int
    against: str
    suggested: Span
    other: Span
    side: str

    def span(self, side: str) -> Span:
        """The range on a side of the page."""
        return self.suggested if side == self.side else self.other

    def winner(self, choice: str) -> str:
        """What was chosen: "suggested", the name of the other kind, or "neither"."""
        if choice == NEITHER:
            return NEITHER
        return "suggested" if choice == self.side else self.against


class Ballot:
    """The pairs, and the file of votes. A pair gets one vote; those of earlier runs count."""

    def __init__(self, film: str, pairs: Sequence[Pair], votes: Path) -> None:
        self.film, self.votes = film, votes
        self.pairs = {pair.number: pair for pair in pairs}

    def given(self) -> list[dict[str, Any]]:
        """The votes on this film so far."""
        if not self.votes.exists():
            return []
        lines = map(json.loads, self.votes.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line["film"] == self.film]

    def open(self) -> list[int]:
        """The numbers of the pairs without a vote."""
        done = {(*vote["suggested_ms"], *vote["other_ms"]) for vote in self.given()}
        return [n for n, pair in self.pairs.items() if (*pair.suggested, *pair.other) not in done]

    def vote(self, number: object, choice: object) -> bool:
        """Write a vote; False for what is no pair without a vote, or no choice."""
        if choice not in CHOICES or number not in self.open():
            return False
        pair = self.pairs[int(str(number))]
        line = {
            "film": self.film,
            "against": pair.against,
            "suggested_ms": pair.suggested,
            "other_ms": pair.other,
            "won": pair.winner(str(choice)),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        with self.votes.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        return True

    def result(self) -> str:
        """The table of votes, by what the suggested clips stood against."""
        counts = Counter((str(vote["against"]), str(vote["won"])) for vote in self.given())
        rows = ["| against | suggested | other | neither |", "|---|---|---|---|"]
        rows += [
            f"| {kind} | {counts[kind, 'suggested']} | {counts[kind, kind]} | {counts[kind, NEITHER]} |"
            for kind in ("random", "loudest")
        ]
        return "\n".join(rows)


def make_pairs(material: Material, random: Random) -> list[Pair]:
    """The suggested clips, the best first, in turn against a random and a loud range that is not nearly the same."""
    others = {"random": random_windows(material, random), "loudest": loudest(material)}
    kinds = [
        pair
        for both in zip_longest(*([(k, s) for s in v] for k, v in others.items()))
        for pair in both
    ]
    suggested = [(each.start_ms, each.end_ms) for each in suggest(material)]
    found: list[Pair] = []
    for against, other in filter(None, kinds):
        if len(found) == len(suggested):
            break
        ours = suggested[len(found)]
        if min(ours[1], other[1]) - max(ours[0], other[0]) > 5_000:
            continue
        found.append(Pair(len(found), against, ours, other, random.choice((LEFT, RIGHT))))
    return found


def cut(film: Path, span: Span, out: Path) -> None:
    """Write a small copy of a range of the film."""
    start_ms, end_ms = span
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", str(start_ms / 1000), "-i", str(film)]
    argv += ["-t", str((end_ms - start_ms) / 1000), "-vf", "scale=-2:360", "-c:v", "libx264"]
    argv += ["-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*argv, "-movflags", "+faststart", str(out)], check=True)


class BallotServer(ThreadingHTTPServer):
    """The page and its votes, for this machine only. Clips are `{number}-{side}.mp4` in the folder."""

    def __init__(self, ballot: Ballot, clips: Path, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.ballot, self.clips = ballot, clips
        self.names = {f"/{number}-{side}.mp4" for number in ballot.pairs for side in (LEFT, RIGHT)}


class _Handler(BaseHTTPRequestHandler):
    server: BallotServer

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(PAGE.read_bytes(), "text/html; charset=utf-8")
        elif self.path == "/pairs":
            self._answer(json.dumps(self.server.ballot.open()).encode(), "application/json")
        elif self.path in self.server.names:
            self._answer((self.server.clips / self.path[1:]).read_bytes(), "video/mp4")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_BYTES)
        try:
            said = json.loads(self.rfile.read(length))
            is_done = self.server.ballot.vote(said["pair"], said["choice"])
        except (ValueError, KeyError, TypeError):
            is_done = False
        self.send_response(HTTPStatus.NO_CONTENT if is_done else HTTPStatus.BAD_REQUEST)
        self.end_headers()

    def _answer(self, data: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Print nothing: a log would say which clips are looked at."""


def main() -> int:
    """Serve the page until it is interrupted, then print the votes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("captions", type=Path)
    parser.add_argument("--votes", type=Path, required=True)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        info = probe(str(given.film))
        scan = run_first_pass(str(given.film), info, folder)
        cues = parse_captions(given.captions.read_bytes(), filename=given.captions.name)
        material = Material(
            duration_ms=info.duration_ms,
            cues=cues,
            shots_ms=scan.shots_ms,
            levels=scan.loudness_index,
            dark_ms=scan.dark_ms,
            still_ms=scan.still_ms,
        )
        pairs = make_pairs(material, Random(given.seed))  # noqa: S311 -- an order, not a secret
        for pair in pairs:
            for side in (LEFT, RIGHT):
                cut(given.film, pair.span(side), folder / f"{pair.number}-{side}.mp4")
        ballot = Ballot(given.film.name, pairs, given.votes)
        with BallotServer(ballot, folder, given.port) as server:
            print(f"{len(pairs)} pairs: http://127.0.0.1:{server.server_port}/ (Ctrl+C ends it)")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print(f"\n{ballot.result()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
