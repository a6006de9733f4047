import assert from "node:assert/strict";
import { test } from "node:test";

import { problemOf } from "../../../static/js/exports/range_rules.js";

const LIMITS = { durationMs: 600_000, longestMs: 180_000, shortestMs: 500 };

test("a range that makes a Short, to the millisecond", () => {
  for (const [start, end] of [[0, 500], [0, 180_000], [599_500, 600_000]]) {
    assert.equal(problemOf(start, end, LIMITS), null);
  }
});

test("what is wrong, and with which field", () => {
  for (const [start, end, sentence, at] of [
    [null, 1000, "sayFormat", ["start"]],
    [0, null, "sayFormat", ["end"]],
    [null, null, "sayFormat", ["start", "end"]],
    [600_001, 600_002, "sayOutside", ["start"]],
    [599_000, 600_001, "sayOutside", ["end"]],
    [2000, 2000, "sayReversed", ["end"]],
    [0, 180_001, "sayLong", ["end"]],
    [0, 499, "sayShort", ["end"]],
  ]) {
    assert.deepEqual(problemOf(start, end, LIMITS), { sentence, at });
  }
});
