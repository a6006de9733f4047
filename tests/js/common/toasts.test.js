import assert from "node:assert/strict";
import { test } from "node:test";

import { messageOf } from "../../../static/js/common/toasts.js";

test("the sentence of an error is found, and nothing else is taken for one", () => {
  assert.equal(messageOf('{"error_code": "X", "message": "No room."}'), "No room.");
  assert.equal(messageOf('{"error_code": "X"}'), null);
  assert.equal(messageOf("<html>"), null);
  assert.equal(messageOf("null"), null);
});
