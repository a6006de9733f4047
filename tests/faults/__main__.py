"""`python -m tests.faults [scenario ...] [--short]`: inject faults and print what happened; 1 if a promise broke.

Without names everything runs, about an hour on two cores. What a scenario measured lies in `--out` as JSON, and is
not measured again unless requested by name or with `--again`.
"""

import argparse
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.cluster import Cluster
from tests.faults.cluster_setup import ClusterSetup
from tests.faults.figures import Figures, keep, kept, say, table
from tests.faults.scenarios.registry import SCENARIOS, Scenario
from tests.faults.single import Single
from tests.faults.units import ROOT

OUT = ROOT / ".test-services" / "faults"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the requested scenarios; the exit code is 0 when every promise held."""
    options = _options(arguments)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(143)
    )  # everything is cleared away on the way out
    out = Path(options.out) / "short" if options.short else Path(options.out)
    names = [
        name for name in options.scenarios or list(SCENARIOS) if name not in (options.skip or ())
    ]
    if options.scenarios or options.again:
        for name in names:
            (out / f"{name}.json").unlink(missing_ok=True)
    todo = [name for name in names if kept(out, name) is None]
    if options.short:
        _side_by_side(todo, out)
    else:
        _at_length(todo, out, options.scale)
    return _tell(names, out)


def _at_length(todo: Sequence[str], out: Path, scale: float) -> None:
    """First what measures times, alone; then the rest, beside what mostly waits."""
    _run([name for name in todo if SCENARIOS[name].alone], out, scale=scale)
    aside = [name for name in todo if SCENARIOS[name].aside]
    rest = [name for name in todo if not (SCENARIOS[name].alone or SCENARIOS[name].aside)]
    if not (aside and rest):
        _run([*aside, *rest], out, scale=scale)
        return
    out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.faults", *aside, "--out", str(out)]
    command += ["--scale", str(scale)]
    with (out / "aside.log").open("wb") as log:
        lane = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        _run(rest, out, scale=scale)
        lane.wait()
    finally:
        lane.terminate()
    say((out / "aside.log").read_text(errors="replace"))


def _side_by_side(todo: Sequence[str], out: Path) -> None:
    """The short form: cluster and laptop at the same time, each with one audit at the end."""
    lanes = [
        threading.Thread(target=_run, args=(list(lane), out), kwargs={"short": True})
        for lane in (
            [name for name in todo if SCENARIOS[name].on_cluster],
            [name for name in todo if not SCENARIOS[name].on_cluster],
        )
        if lane
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def _known(name: str) -> str:
    if name not in SCENARIOS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SCENARIOS)}")
    return name


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", type=_known, metavar="scenario")
    parser.add_argument("--short", action="store_true", help="a quick form of each")
    parser.add_argument("--scale", type=float, default=1, help="this part of all repetitions")
    parser.add_argument("--again", action="store_true", help="measure what was measured before")
    parser.add_argument("--skip", action="append", choices=list(SCENARIOS), metavar="scenario")
    parser.add_argument("--out", default=str(OUT), help="where figures are kept")
    return parser.parse_args(arguments)


def _run(names: Sequence[str], out: Path, *, short: bool = False, scale: float = 1) -> None:
    """One scenario after another. Those for a cluster share one; in the short form those for a laptop share theirs."""
    results: dict[str, list[Figures]] = {}
    shared: dict[bool, ClusterSetup] = {}
    with ExitStack() as stack:
        for name in names:
            scenario = SCENARIOS[name]
            say(f"{name} ({datetime.now(UTC):%H:%M:%S}): {scenario.about}")
            is_shared = scenario.on_cluster or short
            with ExitStack() as own:
                began = time.monotonic()
                try:
                    setup = shared.get(scenario.on_cluster)
                    if setup is None:
                        setup = _make_setup(scenario, stack if is_shared else own, short=short)
                        setup.scale = scale
                    if is_shared:
                        shared[scenario.on_cluster] = setup
                    results[name] = scenario.run(setup)
                except Exception:  # noqa: BLE001 - the others are still worth running
                    results[name] = [Figures(scenario.title, problems=[traceback.format_exc()])]
                _keep(out, name, results[name], began)
        if short:
            for setup in shared.values():
                _audit_all(setup, results, out)


def _make_setup(scenario: Scenario, stack: ExitStack, *, short: bool) -> ClusterSetup:
    """Start everything. In the short form tools run without `nice`, because other tests keep the machine busy."""
    overrides = {"TOOL_NICE": 0} if short else {}
    if not scenario.on_cluster:
        return ClusterSetup(stack.enter_context(Single(overrides=overrides)), short=short)
    workers = 2 if short else 3
    cluster = Cluster(workers=workers, beat=not short, overrides=overrides)
    return ClusterSetup(stack.enter_context(cluster), short=short)


def _audit_all(setup: ClusterSetup, results: dict[str, list[Figures]], out: Path) -> None:
    setup.ended = True
    last = setup.close(Figures("the audit"))
    for name, found in results.items():
        for one in found:
            one.audit, one.audit_words = last.audit, last.audit_words
        keep(out, name, found, {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "took_s": 0})
    say(f"  {last.audit}\n{last.audit_words}")


def _keep(out: Path, name: str, found: list[Figures], began: float) -> None:
    took = time.monotonic() - began
    facts = {"date": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "took_s": round(took, 1)}
    keep(out, name, found, facts)
    for one in found:
        say(f"  {' | '.join(one.row())}  ({took:.0f} s)")
        for words in (*one.problems, one.audit_words):
            if words:
                say(f"    {words}")


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
