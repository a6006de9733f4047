import assert from "node:assert/strict";
import { test } from "node:test";

import { parseWords } from "../../../static/js/video/cue_words.js";
import { cueAt } from "../../../static/js/video/transcript.js";

const CUES = [{ start: 1000, end: 2000 }, { start: 4000, end: 5000 }];

test("a cue stays lit a little into the pause after it", () => {
  assert.equal(cueAt(CUES, 999), null);
  assert.equal(cueAt(CUES, 1000), CUES[0]);
  assert.equal(cueAt(CUES, 2699), CUES[0]);
  assert.equal(cueAt(CUES, 2700), null);
  assert.equal(cueAt(CUES, 4000), CUES[1]);
});

test("words are read with their time and place", () => {
  assert.deepEqual(parseWords("0,0,5 420,6,3"), [[0, 0, 5], [420, 6, 3]]);
  assert.deepEqual(parseWords(""), []);
});
