import assert from "node:assert/strict";
import { test } from "node:test";

import { marksOf } from "../../../static/js/clips/strikes.js";
import { isTaken, tenths, withCuts } from "../../../static/js/clips/tighten.js";

/** @typedef {import("../../../static/js/clips/clip_api.js").TightCut} TightCut */

/** @type {TightCut} */
const PAUSE = { kind: "pause", span: [1300, 2000], whole: 1000, saved: 700, text: "" };
/** @type {TightCut} */
const FILLER = { kind: "filler", span: [2150, 2600], whole: 450, saved: 450, text: "um" };
const WORDS = [
  { start: 800, end: 1200, first: 0, length: 5 },
  { start: 2200, end: 2500, first: 6, length: 2 },
  { start: 2650, end: 3000, first: 9, length: 4 },
];

test("a cut is made where nothing of it is kept, whatever cut it", () => {
  const whole = /** @type {[number, number][]} */ ([[0, 4000]]);
  assert.equal(isTaken(whole, PAUSE), false);
  const tight = withCuts(whole, [PAUSE, FILLER]);
  assert.deepEqual(tight, [[0, 1300], [2000, 2150], [2600, 4000]]);
  assert.equal(isTaken(tight, PAUSE) && isTaken(tight, FILLER), true);
  assert.equal(isTaken(tight, { ...PAUSE, span: [1200, 2050] }), false); // a longer cut of the same pause
});

test("a pause is marked after the word before it, a filler by its words until it is cut", () => {
  const hints = [PAUSE, FILLER].map((cut, at) => ({ ...cut, at, isTaken: false }));
  assert.deepEqual(marksOf(WORDS, hints).map(({ from, to }) => [from, to]), [[5, 5], [6, 8]]);
  const taken = hints.map((hint) => ({ ...hint, isTaken: true }));
  assert.deepEqual(marksOf(WORDS, taken).map(({ from, to }) => [from, to]), [[5, 5]]);
  assert.deepEqual(marksOf(WORDS.slice(1), hints.slice(0, 1)).map(({ from }) => from), [0]);
});

test("a length is said to a tenth of a second, and never as none", () => {
  assert.deepEqual([40, 149, 1380].map(tenths), ["0.1 s", "0.1 s", "1.4 s"]);
});
