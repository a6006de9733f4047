"""Runs of shots with one layout: one that is too short takes a neighbour's layout."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from mediakit.framing.crop_plan import Layout, Shot
from mediakit.framing.range_analysis import RangeAnalysis

# A run of one layout no longer than this takes its neighbour's layout. At an edge of the Short the known part of the
# shot beyond the edge counts too. There, and where no one is found, "fit" is kept from MIN_EDGE_RUN_MS on: a crop would
# lose the picture's sides, or show an empty wall. From one cut to the next a layout is kept from MIN_WHOLE_MS on, if
# there is something to show: a change at a cut is calm. Less is a sample or none.
MIN_RUN_MS, MIN_EDGE_RUN_MS, MIN_WHOLE_MS = 1_000, 500, 300


def known_beyond_ms(analysis: RangeAnalysis, start_ms: int, end_ms: int) -> tuple[int, int]:
    """How long the first shot is known to last before the range, and the last shot after it."""
    before = [cut // 1000 for cut in analysis.cuts_us if cut <= start_ms * 1000]
    after = [cut // 1000 for cut in analysis.cuts_us if cut >= end_ms * 1000]
    return start_ms - max([analysis.start_ms, *before]), min([analysis.end_ms, *after]) - end_ms


def merge_short_runs(
    shots: Sequence[Shot], cuts_ms: Collection[int], *, beyond_ms: tuple[int, int]
) -> list[Shot]:
    """The shots, with each too short run of one layout given a neighbour's layout.

    The shortest run is merged first, into its longer neighbour. `cuts_ms` are the edges of the video's shots, and
    those of the Short; `beyond_ms` comes from `known_beyond_ms`.
    """
    shots = list(shots)
    while True:
        runs = _layout_runs(shots)
        short = [run for run in runs if _is_short(shots, run, cuts_ms, beyond_ms)]
        if len(runs) < 2 or not short:
            return shots
        run = min(short, key=lambda r: _run_length_ms(shots, r))
        at = runs.index(run)
        neighbours = [runs[i] for i in (at - 1, at + 1) if 0 <= i < len(runs)]
        layout = shots[max(neighbours, key=lambda r: _run_length_ms(shots, r))[0]].layout
        for i in run:
            # A stack needs two people, whom this run lacks; a crop fills the screen as well. Nor has it an inset.
            other: dict[Layout, Layout] = {"stack": "crop", "inset": "fit"}
            shots[i] = replace(shots[i], layout=other.get(layout, layout))
        if len(_layout_runs(shots)) == len(runs):
            return shots


def _is_short(
    shots: Sequence[Shot],
    run: Sequence[int],
    cuts_ms: Collection[int],
    beyond_ms: tuple[int, int],
) -> bool:
    length = _run_length_ms(shots, run)
    first, last = run[0] == 0, run[-1] == len(shots) - 1
    empty = all(shots[i].reason == "nobody" for i in run)  # a window would have nothing to show
    is_whole = shots[run[0]].start_ms in cuts_ms and shots[run[-1]].end_ms in cuts_ms
    if shots[run[0]].layout == "fit" and is_whole and not empty:
        return length < MIN_WHOLE_MS
    if shots[run[0]].layout == "fit" and length >= MIN_EDGE_RUN_MS and (first or last or empty):
        return False
    if (first or last) and length >= MIN_EDGE_RUN_MS:
        length += first * beyond_ms[0] + last * beyond_ms[1]
    return length < MIN_RUN_MS


def _layout_runs(shots: Sequence[Shot]) -> list[list[int]]:
    """Indices of consecutive shots with the same layout."""
    runs: list[list[int]] = []
    for i, shot in enumerate(shots):
        if runs and shots[runs[-1][0]].layout == shot.layout:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _run_length_ms(shots: Sequence[Shot], run: Sequence[int]) -> int:
    return shots[run[-1]].end_ms - shots[run[0]].start_ms
