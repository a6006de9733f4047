import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSearches, withSearch } from "../../../static/js/search/recent_searches.js";

test("the newest search is first, each once, and eight are kept", () => {
  assert.deepEqual(withSearch(["a", "b"], " b "), ["b", "a"]);
  assert.deepEqual(withSearch(["a"], "   "), ["a"]);
  assert.equal(withSearch([..."abcdefgh"], "x").length, 8);
});

test("what is stored is read, and anything else is nothing", () => {
  assert.deepEqual(parseSearches('["a", "b"]'), ["a", "b"]);
  for (const stored of [null, "", "{", '{"a": 1}', "[1, null]"]) {
    assert.deepEqual(parseSearches(stored), []);
  }
});
