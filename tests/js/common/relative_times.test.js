import assert from "node:assert/strict";
import { test } from "node:test";

import { relative } from "../../../static/js/common/relative_times.js";

const NOW = Date.UTC(2026, 10, 28, 12);
const ago = (seconds) => relative(new Date(NOW - seconds * 1000), "en", NOW);

test("moments near and far", () => {
  assert.deepEqual([10, 44, 45, 1800, 2700, 7200, 64_800, 3 * 86_400].map(ago), [
    "now",
    "now",
    "1 minute ago",
    "30 minutes ago",
    "1 hour ago",
    "2 hours ago",
    "yesterday",
    "3 days ago",
  ]);
  assert.equal(ago(-3600), "in 1 hour");
});

test("more than a week away it is a date", () => {
  assert.equal(ago(8 * 86_400), "Nov 20, 2026");
});
