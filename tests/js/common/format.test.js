import assert from "node:assert/strict";
import { test } from "node:test";

import * as format from "../../../static/js/common/format.js";

test("positions are read as they are written", () => {
  for (const [typed, ms] of [
    ["4:12.380", 252_380],
    ["1:02:07.5", 3_727_500],
    ["252.38", 252_380],
    [" 0:00 ", 0],
    ["75,25", 75_250],
    ["120:00", 7_200_000],
  ]) {
    assert.equal(format.parseClock(typed), ms, typed);
  }
});

test("what is no position is refused", () => {
  for (const typed of ["", "a", "1:60", "1:60:00", "1:2:3:4", "-1", "1e3", "1:", "0:00.0000000000"]) {
    assert.equal(format.parseClock(typed), null, typed);
  }
});

test("an exact position is read back as the same moment", () => {
  for (const ms of [0, 999, 59_999, 60_000, 252_380, 3_600_000, 359_999_999]) {
    assert.equal(format.parseClock(format.exactClock(ms)), ms);
  }
  assert.equal(format.exactClock(3_727_005), "1:02:07.005");
});

test("a clock knows hours, and nothing below zero", () => {
  assert.deepEqual([252, 3727, -1, NaN, 59.9].map(format.clock), ["4:12", "1:02:07", "0:00", "0:00", "0:59"]);
});

test("lengths lose their last zeros", () => {
  assert.deepEqual([2500, 2000, 180_001].map(format.exactSeconds), ["2.5 s", "2.0 s", "180.001 s"]);
});

test("durations have two units at most", () => {
  assert.deepEqual([0, 59, 60, 303, 86_340].map(format.duration), ["0 s", "59 s", "1 min 0 s", "5 min 3 s", "23 h 59 min"]);
});

test("what remains is rounded as people say it", () => {
  assert.deepEqual(
    [0.2, 40, 89, 91, 3570, 7800, Infinity].map(format.remaining),
    ["1 s", "40 s", "1 min", "2 min", "1 h 0 min", "2 h 10 min", "…"],
  );
});

test("sizes have three digits or so", () => {
  assert.deepEqual([999, 1000, 12_400_000, 123_456_789, 2e12, 5e15].map(format.size), [
    "999 B",
    "1.0 kB",
    "12.4 MB",
    "123 MB",
    "2.0 TB",
    "5000 TB",
  ]);
  assert.deepEqual([400_000, 99_949_999, 1e8].map(format.megabytes), ["0.4 MB", "99.9 MB", "100 MB"]);
});
