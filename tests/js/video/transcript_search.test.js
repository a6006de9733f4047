import assert from "node:assert/strict";
import { test } from "node:test";

import { offsetsOf } from "../../../static/js/video/transcript_search.js";

test("every match is found, one behind the other", () => {
  assert.deepEqual(offsetsOf("a cat and a cat", "cat"), [2, 12]);
  assert.deepEqual(offsetsOf("aaaa", "aa"), [0, 2]);
  assert.deepEqual(offsetsOf("a cat", "dog"), []);
});
