"""How well search finds what is known to be there: `python -m benchmarks.search.quality CAPTIONS...`.

The captions files are cut into scenes of about 30 s. Queries are made from them by rule, with a fixed seed:

- known item: three words of a scene that few scenes have, in their order. Figure: nDCG@10 with that scene as the only
  right answer (Järvelin and Kekäläinen 2002), 1 when it comes first.
- one wrong letter: a word of five letters and more, one of them changed, not the first. Figure: the share of queries
  whose word's scene is among the first five.
- two syllables: two neighbouring characters of Korean, Japanese or Chinese. Figure: the share of the scenes that a
  plain scan for them finds.

- Korean words, by sentences of which people say what they hold: `benchmarks.search.korean_quality`.

The index is that of `mediakit.search_text`, without a database; the tests hold both databases to it.
"""

import argparse
import random
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log2
from pathlib import Path
from typing import TypeVar

from benchmarks.search import korean_quality
from mediakit.search_text.folding import fold
from mediakit.search_text.query import Query, corrected, parse_query
from mediakit.search_text.ranking import Ranker, matches
from mediakit.search_text.tokenizer import index_text, runs, surface_words
from mediakit.search_text.typos import corrections
from mediakit.subtitles.formats import parse_captions

T = TypeVar("T")

SEED, QUERIES = 20261129, 300
SCENE_MS = 30_000
RARE_SHARE = 0.1  # a word of a known-item query is in at most this share of the scenes


def main() -> None:
    """Print a table of the figures."""
    parser = argparse.ArgumentParser(description="How well search finds what is known to be there.")
    parser.add_argument("captions", nargs="+", type=Path, help="captions files: SRT, WebVTT")
    paths: list[Path] = parser.parse_args().captions
    texts = [text for path in paths for text in scenes(path)]
    bench = Bench(texts)
    print(f"{len(texts)} scenes of {len(paths)} files\n")
    print("| queries | number | figure |\n|---|---|---|")
    for name, values in (
        ("known item, nDCG@10", [bench.known_item(*item) for item in bench.known_items()]),
        ("one wrong letter, first five", [bench.wrong_letter(*item) for item in bench.typos()]),
        ("two syllables, recall", [bench.recall(pair) for pair in bench.pairs()]),
    ):
        figure = f"{sum(values) / len(values):.3f}" if values else "-"
        print(f"| {name} | {len(values)} | {figure} |")
    print("\n| Korean | queries | precision | recall |\n|---|---|---|---|")
    korean_quality.print_table()


def scenes(path: Path) -> Iterator[str]:
    """Yield the text of each SCENE_MS of a captions file."""
    lines: dict[int, list[str]] = {}
    for cue in parse_captions(path.read_bytes(), filename=path.name):
        lines.setdefault(cue.start_ms // SCENE_MS, []).append(cue.text)
    yield from (" ".join(some) for some in lines.values())


class Bench:
    """Scenes with their index, and what queries find in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts, one a scene."""
        self.texts = texts
        self.bodies = [index_text([text]) for text in texts]
        self.known = surface_words("\n".join(texts))
        self.frequency = Counter(word for text in texts for word in surface_words(text))
        self.random = random.Random(SEED)  # noqa: S311 - no secret

    def find(self, query: Query) -> list[int]:
        """Return the numbers of the scenes that match, the best first, as search finds them."""
        found = self._ranked(query) or self._ranked(query.loosened())
        return found or self._ranked(self._corrected(query))

    def known_items(self) -> Iterator[tuple[int, str]]:
        """Yield a scene's number and a query for it."""
        for number in self._sample(range(len(self.texts))):
            rare = [word for word in self._words(number) if self._is_rare(word)]
            rare = list(dict.fromkeys(rare))
            if len(rare) >= 3:
                chosen = sorted(self.random.sample(range(len(rare)), 3))
                yield number, " ".join(rare[at] for at in chosen)

    def known_item(self, number: int, text: str) -> float:
        """Return the nDCG@10 of a query for one scene. A scene of the same words is as right."""
        query = parse_query(text)
        for rank, found in enumerate(self.find(query)[:10], start=1):
            if found == number or self.texts[found] == self.texts[number]:
                return 1 / log2(rank + 1)
        return 0.0

    def typos(self) -> Iterator[tuple[str, str]]:
        """Yield a word and the same with one letter changed."""
        words = sorted(word for word in self.known if len(word) >= 5 and word.isascii())
        for word in self._sample(words):
            at = self.random.randrange(1, len(word))
            letter = self.random.choice([c for c in string.ascii_lowercase if c != word[at]])
            mistyped = word[:at] + letter + word[at + 1 :]
            if mistyped not in self.known:
                yield word, mistyped

    def wrong_letter(self, word: str, mistyped: str) -> bool:
        """Whether a scene with the word is among the first five that the mistyped one finds."""
        found = self.find(parse_query(mistyped))[:5]
        return any(word in surface_words(self.texts[number]) for number in found)

    def pairs(self) -> list[str]:
        """Return neighbouring characters of words in Korean, Japanese and Chinese."""
        stretches = [run.text for text in self.texts for run in runs(text) if run.kind != "other"]
        pairs = {stretch[at : at + 2] for stretch in stretches for at in range(len(stretch) - 1)}
        return self._sample(sorted(pairs))

    def recall(self, pair: str) -> float:
        """Return the share of the scenes with the pair that search finds."""
        query = parse_query(pair)
        found = set(self._ranked(query)) | set(self._ranked(query.loosened()))
        right = {number for number, text in enumerate(self.texts) if pair in text}
        return len(found & right) / len(right)

    def _words(self, number: int) -> list[str]:
        spoken = (run.text for run in runs(self.texts[number]) if run.kind == "other")
        return [word for word in map(fold, spoken) if len(word) >= 4 and word in self.frequency]

    def _is_rare(self, word: str) -> bool:
        return self.frequency[word] <= max(3, RARE_SHARE * len(self.texts))

    def _ranked(self, query: Query) -> list[int]:
        numbers = [n for n, body in enumerate(self.bodies) if matches(query, body)]
        scores = Ranker(query.required).scores([self.bodies[number] for number in numbers])
        return [n for _, n in sorted(zip(scores, numbers, strict=True), key=lambda row: -row[0])]

    def _corrected(self, query: Query) -> Query:
        terms = []
        for term in query.required:
            near = [] if term.word in self.known else corrections(term.word, self.known)
            terms.append(corrected(term, near) if near else term)
        return Query(tuple(terms), query.excluded)

    def _sample(self, items: Sequence[T]) -> list[T]:
        return self.random.sample(list(items), min(QUERIES, len(items)))


if __name__ == "__main__":
    main()
