"""`python -m tests.faults [scenario ...] [--short]`: inject faults and print what happened; 1 if a promise broke.

Without names everything runs, about an hour on two cores. What a scenario measured lies in `--out` as JSON, and is
not measured again unless asked for by name or with `--again`.
"""

import argparse
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.cluster import Cluster
from tests.faults.figures import Figures, keep, kept, say, table
from tests.faults.scenarios.registry import SCENARIOS, Scenario
from tests.faults.stage import Stage
from tests.faults.units import ROOT

OUT = ROOT / ".test-services" / "faults"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 when every promise held."""
    options = _options(arguments)
    out = Path(options.out) / "short" if options.short else Path(options.out)
    names = [
        name for name in options.scenarios or list(SCENARIOS) if name not in (options.skip or ())
    ]
    if options.scenarios or options.again:
        for name in names:
            (out / f"{name}.json").unlink(missing_ok=True)
    todo = [name for name in names if kept(out, name) is None]
    aside = [name for name in todo if SCENARIOS[name].aside]
    lane = None
    if aside and len(todo) > len(aside) and not options.short:
        _run([name for name in todo if SCENARIOS[name].alone], short=False, out=out)
        todo = [name for name in todo if not SCENARIOS[name].alone]
        command = [sys.executable, "-m", "tests.faults", *aside, "--out", options.out]
        with (out / "aside.log").open("wb") as log:
            lane = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        todo = [name for name in todo if name not in aside]
    _run(todo, short=options.short, out=out)
    if lane is not None:
        lane.wait()
        say((out / "aside.log").read_text(errors="replace"))
    return _tell(names, out)


def _known(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SCENARIOS)}")
    return name


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", type=_known, metavar="scenario")
    parser.add_argument("--short", action="store_true", help="a quick form of each")
    parser.add_argument("--again", action="store_true", help="measure what was measured before")
    parser.add_argument("--skip", action="append", choices=list(SCENARIOS), metavar="scenario")
    parser.add_argument("--out", default=str(OUT), help="where figures are kept")
    return parser.parse_args(arguments)


def _run(names: Sequence[str], *, short: bool, out: Path) -> None:
    """One scenario after another; those that need a cluster share one, those that change it get their own."""
    with ExitStack() as stack:
        stage: Stage | None = None
        for name in names:
            scenario = SCENARIOS[name]
            say(f"{name} ({datetime.now(UTC):%H:%M:%S}): {scenario.about}")
            if scenario.on_cluster and stage is None:
                cluster = stack.enter_context(Cluster(workers=2 if short else 3))
                stage = Stage(cluster, short=short)
            began = time.monotonic()
            found = play(scenario, stage, short=short)
            took = time.monotonic() - began
            facts = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "took_s": round(took, 1)}
            keep(out, name, found, facts)
            for one in found:
                say(f"  {' | '.join(one.row())}  ({took:.0f} s)")
                for words in (*one.problems, one.audit_words):
                    if words:
                        say(f"    {words}")


def play(scenario: Scenario, stage: Stage | None, *, short: bool) -> list[Figures]:
    """A scenario's figures; one that breaks down is a row that failed, with its words."""
    try:
        return scenario.run(stage) if scenario.on_cluster else scenario.run(short)
    except Exception:  # noqa: BLE001 - the others are still worth running
        return [Figures(scenario.title, problems=[traceback.format_exc()])]


def _tell(names: Sequence[str], out: Path) -> int:
    """Print the whole table."""
    results = [(name, kept(out, name)) for name in names]
    rows = [one for _, result in results if result for one in result[1]]
    say(f"\n{table(rows)}\n")
    failed = [one.name for one in rows if not one.passed]
    took = sum(result[0]["took_s"] for _, result in results if result)
    say(f"{len(rows)} rows, {len(failed)} failed, {took:.0f} s of scenarios")
    for name in failed:
        say(f"FAILED: {name}")
    return 1 if failed or any(result is None for _, result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
