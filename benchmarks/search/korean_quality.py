"""How well Korean words are found, by sentences of which people say what they hold.

Precision: the share of what is found that is right. Recall: the share of what is right that is found. Both over all
queries of a set together.
"""

import argparse
from collections.abc import Iterator
from types import ModuleType
from typing import NamedTuple

from benchmarks.search import korean_development, korean_held_out
from mediakit.search_text.query import Query, parse_query
from mediakit.search_text.ranking import matches
from mediakit.search_text.tokenizer import index_text


class Outcome(NamedTuple):
    """What one query finds: the sentences that are right, and those that were found."""

    query: str
    right: frozenset[str]
    found: frozenset[str]


def outcomes(words: ModuleType, *, with_parts: bool = False) -> Iterator[Outcome]:
    """Yield what each query of a set finds; `with_parts` also inside of longer words, as search shows last."""
    lines = [line.split("|") for line in words.SENTENCES.strip().splitlines()]
    sentences = [(text.strip(), set(holds.split())) for text, holds in lines]
    indexed = {text: index_text([text]) for text, _ in sentences}
    for typed, word in words.QUERIES.items():
        query = _parsed(typed, with_parts=with_parts)
        found = {text for text, body in indexed.items() if matches(query, body)}
        right = {text for text, holds in sentences if word in holds}
        yield Outcome(typed, frozenset(right), frozenset(found))


def _parsed(typed: str, *, with_parts: bool) -> Query:
    query = parse_query(typed)
    return query.loosened() if with_parts else query


def precision_and_recall(results: list[Outcome]) -> tuple[float, float]:
    """Return the two shares over all queries."""
    right_found = sum(len(one.right & one.found) for one in results)
    found = sum(len(one.found) for one in results)
    return right_found / found, right_found / sum(len(one.right) for one in results)


def main() -> None:
    """Print the table; with `--faults`, what goes wrong in the development set."""
    parser = argparse.ArgumentParser(description="How well Korean words are found.")
    parser.add_argument(
        "--faults", action="store_true", help="show what goes wrong in the development set"
    )
    options = parser.parse_args()
    print_table()
    if options.faults:
        for query, right, found in outcomes(korean_development):
            if right != found:
                print(query, "lacks", sorted(right - found), "and has", sorted(found - right))


def print_table() -> None:
    """Print both figures of each set."""
    for name, words in (("development", korean_development), ("held out", korean_held_out)):
        for with_parts in (False, True):
            precision, recall = precision_and_recall(list(outcomes(words, with_parts=with_parts)))
            where = "with parts of words" if with_parts else "words"
            print(f"| {name}, {where} | {len(words.QUERIES)} | {precision:.3f} | {recall:.3f} |")


if __name__ == "__main__":
    main()
