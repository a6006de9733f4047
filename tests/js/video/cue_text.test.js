import assert from "node:assert/strict";
import { test } from "node:test";

import { placeIn } from "../../../static/js/video/cue_text.js";

test("a place is in the piece that holds it", () => {
  assert.deepEqual(placeIn([5, 4, 6], 0, false), [0, 0]);
  assert.deepEqual(placeIn([5, 4, 6], 4, false), [0, 4]);
  assert.deepEqual(placeIn([5, 4, 6], 7, false), [1, 2]);
  assert.deepEqual(placeIn([5, 4, 6], 14, true), [2, 5]);
});

test("at a border a range begins in the next piece and ends in the one before", () => {
  assert.deepEqual(placeIn([5, 4, 6], 5, false), [1, 0]);
  assert.deepEqual(placeIn([5, 4, 6], 5, true), [0, 5]);
  assert.deepEqual(placeIn([5, 4, 6], 9, false), [2, 0]);
  assert.deepEqual(placeIn([5, 4, 6], 9, true), [1, 4]);
});

test("past the last letter is the end", () => {
  assert.deepEqual(placeIn([5, 4], 30, false), [1, 4]);
  assert.deepEqual(placeIn([5], 30, true), [0, 5]);
});
