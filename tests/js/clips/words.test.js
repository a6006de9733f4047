import assert from "node:assert/strict";
import { test } from "node:test";

import { wordsBetween } from "../../../static/js/clips/selection.js";
import { runsOf } from "../../../static/js/clips/strikes.js";
import { edgesOf, heardWordsOf, loadEdges, spanOfWords } from "../../../static/js/clips/word_edges.js";
import { parseWords, spokenWords } from "../../../static/js/video/cue_words.js";

const CUE = { start: 1000, end: 4000 };
const TEXT = "so this is it";
const WORDS = spokenWords(parseWords("0,0,2,300 900,3,4 1400,8,2 1700,11,2"), CUE, TEXT);

test("a word ends where the next one begins, or before a pause where it is said how long it lasts", () => {
  assert.deepEqual(WORDS.map(({ start, end }) => [start, end]), [[1000, 1300], [1900, 2400], [2400, 2700], [2700, 4000]]);
});

test("words without times get the share of their letters", () => {
  const words = spokenWords([], { start: 0, end: 1300 }, TEXT);
  assert.deepEqual(words.map(({ start, end, first }) => [start, end, first]), [[0, 200, 0], [300, 700, 3], [800, 1000, 8], [1100, 1300, 11]]);
});

test("a stretch of text takes every word that it touches", () => {
  assert.deepEqual(wordsBetween(WORDS, 4, 9), [1, 2]);
  assert.deepEqual(wordsBetween(WORDS, 2, 3), null);
  assert.deepEqual(wordsBetween(WORDS, 0, Infinity), [0, 3]);
  assert.deepEqual(wordsBetween([], 0, 5), null);
});

test("a cut takes air where there is quiet, and nothing of the neighbours", () => {
  const [so, , is, it] = WORDS;
  assert.deepEqual(spanOfWords({ first: so, last: so, after: WORDS[1] }), [960, 1340]);
  assert.deepEqual(spanOfWords({ before: WORDS[1], first: is, last: is, after: it }), [2400, 2700]);
  assert.deepEqual(spanOfWords({ first: { start: 10, end: 50, first: 0, length: 1 }, last: it }), [0, 4040]);
});

test("words that are not kept are runs: outside the clip, or struck out in it", () => {
  assert.deepEqual(runsOf(WORDS, [[0, 5000]]), []);
  assert.deepEqual(runsOf(WORDS, [[1850, 2400], [2700, 4000]]), [
    { from: 0, to: 2, isStruck: false },
    { from: 8, to: 10, isStruck: true },
  ]);
  assert.deepEqual(runsOf(WORDS, [[950, 1350], [2650, 4000]]), [{ from: 3, to: 10, isStruck: true }]);
});

test("edges come from the server, and only for lines whose words are still those", async (t) => {
  const cues = /** @type {any[]} */ ([{ start: 1000 }, { start: 5000 }]);
  t.mock.method(globalThis, "fetch", async () => new Response("[[-40,440,980,1500],[20,500]]"));
  await loadEdges("/edges", cues, new AbortController().signal);
  assert.deepEqual(edgesOf(cues[0], 1, 2), [1980, 2500]);
  assert.deepEqual(edgesOf(cues[1], 0, 1), [5020, 5500]);
  assert.equal(edgesOf(cues[1], 0, 2), null);
  t.mock.method(globalThis, "fetch", async () => Promise.reject(new TypeError("offline")));
  await loadEdges("/edges", cues, new AbortController().signal);
  assert.deepEqual(edgesOf(cues[0], 0, 2), [960, 1440]);
});

test("a word lasts no longer than it is heard", async (t) => {
  const element = { dataset: { words: "0,0,3 900,4,2" }, textContent: "one go" };
  const cues = /** @type {any[]} */ ([{ start: 1000, end: 2500, element }]);
  assert.deepEqual(heardWordsOf(cues[0]).map(({ start, end }) => [start, end]), [[1000, 1900], [1900, 2500]]);
  t.mock.method(globalThis, "fetch", async () => new Response("[[-40,440,980,1700]]"));
  await loadEdges("/edges", cues, new AbortController().signal);
  assert.deepEqual(heardWordsOf(cues[0]).map(({ start, end }) => [start, end]), [[1000, 1440], [1980, 2500]]);
});
