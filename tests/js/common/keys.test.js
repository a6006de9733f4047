import assert from "node:assert/strict";
import { test } from "node:test";

import { keyOf } from "../../../static/js/common/keys.js";

const press = (key, code, shiftKey = false) => keyOf({ key, code, shiftKey });

test("a Latin letter is the one on the key, on every Latin layout", () => {
  assert.equal(press("k", "KeyK"), "k");
  assert.equal(press("K", "KeyK", true), "k");
  assert.equal(press("q", "KeyA"), "q"); // AZERTY
});

test("under a layout of another script the place counts", () => {
  assert.equal(press("ㅏ", "KeyK"), "k"); // Hangul
  assert.equal(press("л", "KeyK"), "k"); // Cyrillic
  assert.equal(press("Л", "KeyK", true), "k");
  assert.equal(press("ا", "KeyH"), "h"); // Arabic
  assert.equal(press(".", "Slash"), "/"); // Cyrillic
  assert.equal(press(",", "Slash", true), "?");
  assert.equal(press("б", "Comma"), ",");
  assert.equal(press("ю", "Period"), ".");
  assert.equal(press("Process", "KeyE"), "e"); // an input method has the key
});

test("signs that stand on other keys are found by what they say", () => {
  assert.equal(press("/", "Digit7", true), "/"); // German
  assert.equal(press("?", "Minus", true), "?");
  assert.equal(press(",", "KeyM"), ","); // French
});

test("keys without a letter keep their names", () => {
  assert.equal(press("ArrowLeft", "ArrowLeft"), "ArrowLeft");
  assert.equal(press(" ", "Space"), " ");
  assert.equal(press("Escape", "Escape"), "Escape");
});
