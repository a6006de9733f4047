import assert from "node:assert/strict";
import { test } from "node:test";

import { clockOffset, mediaLength, mediaTime, seekTo } from "../../../static/js/common/media_clock.js";

const video = (facts, origin = "3600") => ({ dataset: { origin, length: "8" }, played: { length: 0 }, ...facts });

test("a browser that keeps the file's clock is followed", () => {
  const late = video({ currentTime: 3604, duration: 3608 });
  assert.equal(mediaTime(late), 4);
  assert.equal(mediaLength(late), 8);
  seekTo(late, 6);
  assert.equal(late.currentTime, 3606);
  seekTo(late, 99);
  assert.equal(late.currentTime, 3608);
  assert.equal(mediaTime(late), 8);
});

test("a browser that counts from 0 is left alone", () => {
  const plain = video({ currentTime: 4, duration: 8, played: { length: 1 } });
  assert.equal(clockOffset(plain), 0);
  assert.equal(mediaTime(plain), 4);
  seekTo(plain, 6);
  assert.equal(plain.currentTime, 6);
});

test("an MP4 that has not played yet is at its start", () => {
  assert.equal(mediaTime(video({ currentTime: 8, duration: 8 })), 0);
});

test("a usual file counts as its browser says", () => {
  const usual = video({ currentTime: 3, duration: 8.1 }, "0.02");
  assert.equal(mediaTime(usual), 3);
  assert.equal(mediaLength(usual), 8.1);
});
