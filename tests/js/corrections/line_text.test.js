import assert from "node:assert/strict";
import { test } from "node:test";

import { changedText, changedWords, charactersBefore, tidy } from "../../../static/js/corrections/line_text.js";

const LINE = "Teh bred rises.";
const WORDS = "0,0,3 200,4,4,100 700,9,6";

test("other words stand where the new text leaves them, at their times", () => {
  const change = { start: 4, was: "bred", text: "good bread" };
  assert.equal(changedText(LINE, change), "Teh good bread rises.");
  assert.equal(changedWords(WORDS, change), "0,0,3 200,4,10 700,15,6");
});

test("several words become one until the server has told them apart", () => {
  const change = { start: 0, was: "Teh bred", text: "Bread" };
  assert.equal(changedText(LINE, change), "Bread rises.");
  assert.equal(changedWords(WORDS, change), "0,0,5 700,6,6");
});

test("words that are left out take the space before them along", () => {
  assert.equal(changedText(LINE, { start: 4, was: "bred", text: "" }), "Teh rises.");
  assert.equal(changedWords(WORDS, { start: 4, was: "bred", text: "" }), "0,0,3 700,4,6");
  assert.equal(changedText(LINE, { start: 0, was: "Teh", text: "" }), "bred rises.");
  assert.equal(changedWords(WORDS, { start: 0, was: "Teh", text: "" }), "200,0,4,100 700,5,6");
});

test("characters are counted as the server counts them, and text is one line", () => {
  assert.equal(charactersBefore("😀 é", 3), 2);
  assert.equal(tidy("  a \n b\u00a0"), "a b");
});
