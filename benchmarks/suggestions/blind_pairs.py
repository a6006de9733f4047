"""Are suggestions better than chance, to people? `python -m benchmarks.suggestions.blind_pairs VIDEO=CAPTIONS ...`

Makes pairs of clips of each video, a suggested one beside a random range of whole lines or one of the loudest 30 s, in
an order that tells nothing, and shows them on a page of this machine. The person plays both and says which one they
would post. Each vote is a line of JSON in the file of votes; pairs that have a vote are not shown again. With no video
it prints the table of the votes.
"""

import argparse
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from benchmarks.suggestions.quality import Span, loudest, random_windows
from mediakit.ffmpeg.source_args import input_args
from mediakit.probing.probe import probe
from mediakit.sandbox.process import run
from mediakit.scenes.first_pass import run_first_pass
from mediakit.subtitles.formats import parse_captions
from mediakit.suggestions.material import Material
from mediakit.suggestions.suggest import suggest

OURS = "suggested"
SIDES = ("left", "right", "neither")
HEIGHT_PX = 480
PAGE = Path(__file__).with_name("blind_pairs.html")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two ranges of a video, left and right, with what each is: "suggested", "random" or "loudest"."""

    video: Path
    spans: tuple[Span, Span]
    kinds: tuple[str, str]

    @property
    def name(self) -> str:
        """What the votes call it. It does not depend on the sides."""
        at = self.kinds.index(OURS)
        return f"{self.video.name} {self.spans[at]} {self.kinds[1 - at]} {self.spans[1 - at]}"


def make_pairs(video: Path, material: Material, *, count: int, random: Random) -> list[Pair]:
    """Pair the best `count` suggestions of a video with random ranges and with the loudest ones, each in turn."""
    ours = [(each.start_ms, each.end_ms) for each in suggest(material)]
    others = {"random": random_windows(material, random), "loudest": loudest(material)}
    pairs = []
    for number, span in enumerate(ours[:count]):
        for kind, spans in others.items():
            if number >= len(spans) or spans[number] == span:
                continue
            sides = [(span, OURS), (spans[number], kind)]
            random.shuffle(sides)
            (left, left_kind), (right, right_kind) = sides
            pairs.append(Pair(video, (left, right), (left_kind, right_kind)))
    return pairs


def read_material(video: Path, captions: Path, work_dir: Path) -> Material:
    """What the product knows of a video with captions at the end of its processing, without faces."""
    info = probe(str(video))
    found = run_first_pass(str(video), info, work_dir)
    return Material(
        duration_ms=info.duration_ms,
        cues=parse_captions(captions.read_bytes(), filename=captions.name),
        shots_ms=found.shots_ms,
        levels=found.loudness_index,
    )


def write_clip(pair: Pair, side: int, folder: Path) -> Path:
    """Write one side of a pair as a small MP4 and return it."""
    start_ms, end_ms = pair.spans[side]
    out = folder / f"{uuid4().hex}.mp4"
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", f"{start_ms / 1000:.3f}"]
    argv += [*input_args(str(pair.video)), "-t", f"{(end_ms - start_ms) / 1000:.3f}"]
    argv += ["-vf", f"scale=-2:{HEIGHT_PX}", "-c:v", "libx264", "-preset", "veryfast"]
    argv += ["-c:a", "aac", "-movflags", "+faststart", "-f", "mp4", f"file:{out.name}"]
    run(argv, timeout_s=600, reads=[str(pair.video)], cwd=folder)
    return out


class Votes:
    """The file of votes, one line of JSON each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self) -> list[dict[str, Any]]:
        """All votes."""
        if not self._path.exists():
            return []
        return [json.loads(line) for line in self._path.read_text("utf-8").splitlines() if line]

    def add(self, pair: Pair, side: str) -> None:
        """Add the vote for "left", "right" or "neither"; KeyError for another word."""
        chosen = {"left": pair.kinds[0], "right": pair.kinds[1], "neither": "neither"}[side]
        against = next(kind for kind in pair.kinds if kind != OURS)
        row = {"pair": pair.name, "against": against, "chosen": chosen}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(row, ensure_ascii=False)}\n")

    def table(self) -> Iterator[str]:
        """Yield the lines of a table: how often the suggested clip was chosen against each other kind."""
        yield "| against | suggested | the other | neither | suggested, of those decided |"
        yield "|---|---|---|---|---|"
        counts = Counter((row["against"], row["chosen"]) for row in self.rows())
        for kind in sorted({kind for kind, _ in counts}):
            ours, other = counts[kind, OURS], counts[kind, kind]
            share = f"{ours / (ours + other):.2f}" if ours + other else ""
            yield f"| {kind} | {ours} | {other} | {counts[kind, 'neither']} | {share} |"


class BlindServer(ThreadingHTTPServer):
    """A server of the page, on this machine only. The clips of the next pairs are made while one is looked at."""

    def __init__(self, pairs: Sequence[Pair], votes: Votes, folder: Path, *, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        pool = ThreadPoolExecutor(1, "clips")
        self.pairs, self.votes = pairs, votes
        self.clips = [[pool.submit(write_clip, p, side, folder) for side in (0, 1)] for p in pairs]


class _Handler(BaseHTTPRequestHandler):
    server: BlindServer

    def do_GET(self) -> None:
        at, what = self._target()
        if self.path == "/":
            page = PAGE.read_text("utf-8").replace("COUNT", str(len(self.server.pairs)))
            self._send(page.encode(), "text/html; charset=utf-8")
        elif at is not None and what in {"0", "1"}:
            self._send(self.server.clips[at][int(what)].result().read_bytes(), "video/mp4")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        at, side = self._target()
        if at is None or side not in SIDES:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.server.votes.add(self.server.pairs[at], side)
        self._send(b"", "text/plain")

    def _target(self) -> tuple[int | None, str]:
        """The number of a pair and what is wanted of it, of `/pair/3/left`."""
        found = re.fullmatch(r"/pair/(\d{1,6})/(\w+)", self.path)
        if found is None or int(found[1]) >= len(self.server.pairs):
            return None, ""
        return int(found[1]), found[2]

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main() -> None:
    """Show the pairs until Ctrl-C, then print the table of all votes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("videos", nargs="*", metavar="VIDEO=CAPTIONS")
    parser.add_argument("--votes", type=Path, default=Path("votes.jsonl"))
    parser.add_argument("--count", type=int, default=5, help="suggestions of each video")
    parser.add_argument("--port", type=int, default=8011)
    parser.add_argument("--seed", type=int, default=0, help="of random ranges and of the order")
    given = parser.parse_args()
    votes, random = Votes(given.votes), Random(given.seed)  # noqa: S311
    if given.videos:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pairs: list[Pair] = []
            for each in given.videos:
                video, captions = (Path(part).resolve() for part in each.split("=", 1))
                material = read_material(video, captions, folder)
                pairs += make_pairs(video, material, count=given.count, random=random)
            random.shuffle(pairs)
            known = {row["pair"] for row in votes.rows()}
            server = BlindServer(
                [pair for pair in pairs if pair.name not in known], votes, folder, port=given.port
            )
            print(f"http://127.0.0.1:{given.port}/  (Ctrl-C to end)")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                server.server_close()
    print("\n".join(votes.table()))


if __name__ == "__main__":
    main()
