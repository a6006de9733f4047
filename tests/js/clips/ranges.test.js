import assert from "node:assert/strict";
import { test } from "node:test";

import { between, isKept, joinsOf, keptLength, problemOf, stepAt, without, withSpan } from "../../../static/js/clips/ranges.js";

test("striking out cuts a range in two, and only what was kept", () => {
  assert.deepEqual(without([[0, 1000]], [400, 600]), [[0, 400], [600, 1000]]);
  assert.deepEqual(without([[0, 1000], [2000, 3000]], [500, 2500]), [[0, 500], [2500, 3000]]);
  assert.deepEqual(without([[0, 1000]], [1500, 2000]), [[0, 1000]]);
});

test("pieces too short to be kept beside others go with what is struck out", () => {
  assert.deepEqual(without([[0, 1000]], [50, 400]), [[400, 1000]]);
  assert.deepEqual(without([[0, 400], [450, 1000]], [400, 901]), [[0, 400]]);
});

test("restoring joins what touches", () => {
  assert.deepEqual(withSpan([[0, 400], [600, 1000]], [400, 600]), [[0, 1000]]);
  assert.deepEqual(withSpan([[500, 1000]], [100, 300]), [[100, 300], [500, 1000]]);
  assert.deepEqual(withSpan([[0, 400]], [100, 300]), [[0, 400]]);
});

test("a new start or end cuts, or keeps more", () => {
  assert.deepEqual(between([[100, 400], [600, 900]], 0, 900), [[0, 400], [600, 900]]);
  assert.deepEqual(between([[100, 400], [600, 900]], 700, 1200), [[700, 1200]]);
  assert.deepEqual(between([[100, 400]], 500, 800), [[500, 800]]);
});

test("length and limits", () => {
  const limits = { shortestMs: 500, longestMs: 180_000 };
  assert.equal(keptLength([[0, 400], [600, 1000]]), 800);
  assert.equal(problemOf([[0, 499]], limits), "short");
  assert.equal(problemOf([[0, 180_000]], limits), null);
  assert.equal(problemOf([[0, 180_001]], limits), "long");
  const many = Array.from({ length: 201 }, (_, at) => [at * 500, at * 500 + 200]);
  assert.equal(problemOf(many, limits), "many");
});

test("a player skips what is left out and stops at the end", () => {
  const ranges = [[1000, 2000], [3000, 4000]];
  assert.equal(stepAt(ranges, 0), 1000);
  assert.equal(stepAt(ranges, 1500), "play");
  assert.equal(stepAt(ranges, 2000), 3000);
  assert.equal(stepAt(ranges, 4000), "stop");
  assert.equal(isKept(ranges, 2000), false);
});

test("any edits leave ranges in order, apart and inside, and do what was asked", () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  let ranges = [[0, 60_000]];
  for (let edit = 0; edit < 10_000; edit += 1) {
    const start = random(59_000);
    const span = [start, start + 100 + random(900)];
    const next = edit % 2 ? withSpan(ranges, span) : without(ranges, span);
    for (const [at, [low, high]] of next.entries()) {
      assert.ok(0 <= low && low < high && high <= 60_000);
      assert.ok(!at || next[at - 1][1] < low);
      assert.ok(next.length === 1 || high - low >= 100);
    }
    assert.equal(isKept(next, span[0] + 50), Boolean(edit % 2));
    ranges = next;
  }
});

test("joins are what lies between kept ranges", () => {
  assert.deepEqual(joinsOf([[0, 400]]), []);
  assert.deepEqual(joinsOf([[0, 400], [600, 1000], [1500, 2000]]), [[400, 600], [1000, 1500]]);
});
