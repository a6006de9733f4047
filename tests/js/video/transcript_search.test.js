import assert from "node:assert/strict";
import { test } from "node:test";

import { placesOf } from "../../../static/js/video/transcript_search.js";

test("every place is found, one behind the other", () => {
  assert.deepEqual(placesOf("a cat and a cat", "cat"), [2, 12]);
  assert.deepEqual(placesOf("aaaa", "aa"), [0, 2]);
  assert.deepEqual(placesOf("a cat", "dog"), []);
});
