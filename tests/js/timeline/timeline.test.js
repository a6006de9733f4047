import assert from "node:assert/strict";
import { test } from "node:test";

import { joined, moveEdge } from "../../../static/js/clips/ranges.js";
import { columnPeaks, readPeaks } from "../../../static/js/timeline/peaks.js";
import { LEAST_SPAN_MS, moved, rulerMarks, snapped, viewAround, zoomed } from "../../../static/js/timeline/view.js";

const HOURS_MS = 3 * 3_600_000;

test("a column has the highest value of its stretch, however much it shows", () => {
  const packed = new Uint8Array(HOURS_MS / 40);
  packed[100_000] = 0x0f; // at 4,000 s
  const peaks = readPeaks(packed);
  assert.equal(peaks.levels[0].length, HOURS_MS / 20);
  const found = columnPeaks(peaks, 0, HOURS_MS, 1600);
  assert.equal(found[Math.floor((1600 * 4_000_020) / HOURS_MS)], 15);
  assert.ok(found.filter(Boolean).length <= 3);
  const near = columnPeaks(peaks, 3_999_900, 4_000_100, 10);
  assert.deepEqual([...near].flatMap((value, at) => (value ? [at] : [])), [6]);
  assert.equal(Math.max(...near), 15);
  assert.equal(Math.max(...columnPeaks(peaks, HOURS_MS - 50, HOURS_MS + 400, 10)), 0);
});

test("three hours are drawn from about as few values as ten seconds", () => {
  const peaks = readPeaks(new Uint8Array(HOURS_MS / 40).fill(0x77));
  const begun = performance.now();
  for (let turn = 0; turn < 20; turn += 1) {
    assert.equal(columnPeaks(peaks, 0, HOURS_MS, 1600)[800], 7);
  }
  assert.ok((performance.now() - begun) / 20 < 12);
});

test("zooming keeps the moment under the pointer, from three hours to a word", () => {
  let view = viewAround(HOURS_MS / 2, HOURS_MS, HOURS_MS);
  assert.deepEqual(view, { start: 0, end: HOURS_MS });
  for (let turn = 0; turn < 40; turn += 1) {
    const share = (5_000_000 - view.start) / (view.end - view.start);
    view = zoomed(view, 0.5, 5_000_000, HOURS_MS);
    assert.ok(Math.abs((5_000_000 - view.start) / (view.end - view.start) - share) < 1e-6);
  }
  assert.equal(Math.round(view.end - view.start), LEAST_SPAN_MS);
  for (let turn = 0; turn < 40; turn += 1) {
    view = zoomed(view, 2, 5_000_000, HOURS_MS);
  }
  assert.deepEqual(view, { start: 0, end: HOURS_MS });
  assert.deepEqual(moved({ start: 100, end: 1100 }, -500, 5000), { start: 0, end: 1000 });
});

test("an edge snaps to the nearest place within reach, and is free otherwise", () => {
  assert.equal(snapped(1000, [900, 1030, 1400], 50), 1030);
  assert.equal(snapped(1000, [900, 1400], 50), 1000);
});

test("a ruler names round moments, as many as there is room for", () => {
  assert.deepEqual(rulerMarks({ start: 200, end: 3200 }, 4), [1000, 2000, 3000]);
  assert.ok(rulerMarks({ start: 0, end: HOURS_MS }, 10).length <= 10);
});

test("an edge moves as far as its neighbours let it", () => {
  /** @type {[number, number][]} */
  const ranges = [[1000, 2000], [3000, 4000]];
  assert.deepEqual(moveEdge(ranges, 0, false, 2500, 9000), [[1000, 2500], [3000, 4000]]);
  assert.deepEqual(moveEdge(ranges, 0, false, 500, 9000), [[1000, 1100], [3000, 4000]]);
  assert.deepEqual(joined(moveEdge(ranges, 1, true, 500, 9000)), [[1000, 4000]]);
  assert.deepEqual(moveEdge(ranges, 1, false, 12_000, 9000), [[1000, 2000], [3000, 9000]]);
  assert.deepEqual(moveEdge(ranges, 0, true, -5, 9000), [[0, 2000], [3000, 4000]]);
});
