"""What a scenario measured: kept as JSON, printed as rows of one table."""

import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Figures:
    """One row of the table. Times to recovery in seconds. `problems` must stay empty."""

    name: str
    runs: int = 0
    faults: int = 0
    recovered: int = 0
    times: list[float] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    audit: dict[str, int] = field(default_factory=dict)
    audit_words: str = ""

    @property
    def passed(self) -> bool:
        """Whether all that had to hold did."""
        return not (self.problems or any(self.audit.values()) or self.recovered < self.faults)

    def expect(self, condition: object, words: str) -> None:
        """Note a problem unless something holds."""
        if not condition:
            self.problems.append(words)

    def row(self) -> list[str]:
        """For the table."""
        low, middle, high95, high = (f"{value:.1f}" for value in spread(self.times))
        times = f"{low} / {middle} / {high95} / {high}" if self.times else "-"
        audit = " ".join(f"{kind} {count}" for kind, count in self.audit.items()) or "-"
        notes = "; ".join(f"{name} {shown(value)}" for name, value in self.notes.items())
        verdict = "ok" if self.passed else "FAILED"
        counts = [str(number) for number in (self.runs, self.faults, self.recovered)]
        return [self.name, *counts, times, audit, verdict, notes]


HEADINGS = (
    *("scenario", "runs", "faults", "recovered", "recovery s: min / median / p95 / max"),
    *("auditor", "", "notes"),
)


def spread(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Minimum, median, 95th percentile and maximum."""
    if not values:
        return (0.0, 0.0, 0.0, 0.0)
    return min(values), statistics.median(values), percentile(values, 95), max(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def shown(value: Any) -> str:
    """A note's value in few characters."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def table(rows: Iterable[Figures]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(one.row())} |" for one in rows]
    return "\n".join(lines)


def say(text: str) -> None:
    """Print a line of progress."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def keep(folder: Path, scenario: str, found: Sequence[Figures], facts: dict[str, Any]) -> None:
    """Write a scenario's figures down, so that a later run need not do it again."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**facts, "figures": [asdict(one) for one in found]}, indent=1)
    (folder / f"{scenario}.json").write_text(text + "\n", encoding="utf-8")


def kept(folder: Path, scenario: str) -> tuple[dict[str, Any], list[Figures]] | None:
    """What an earlier run wrote down; None when there is nothing."""
    file = folder / f"{scenario}.json"
    if not file.exists():
        return None
    facts = json.loads(file.read_text(encoding="utf-8"))
    return facts, [Figures(**one) for one in facts.pop("figures")]
