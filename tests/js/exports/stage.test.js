import assert from "node:assert/strict";
import { test } from "node:test";

import { nextPlace, toCut } from "../../../static/js/exports/stage.js";
import { drawFrame, windowAt } from "../../../static/js/exports/stage_drawing.js";

const PIECES = [[1000, 5000, 0], [7000, 10000, 4000]];

test("the Short's time stands still over what is left out, and ends with its last piece", () => {
  assert.deepEqual([0, 1000, 4999, 5500, 7000, 9999, 20000].map((ms) => toCut(PIECES, ms)), [0, 0, 3999, 4000, 4000, 6999, 7000]);
});

test("what is left out is skipped, and after the last piece there is nothing", () => {
  assert.deepEqual([0, 3000, 5000, 6999, 8000, 10000].map((ms) => nextPlace(PIECES, ms)), [1000, 3000, 7000, 7000, 8000, null]);
});

test("the crop window stays in the picture without its black bars", () => {
  const framing = { window: [0.3, 0.8], area: [0, 0.1, 1, 0.8] };

  assert.deepEqual(windowAt(framing, [0.5, 0.5]).map((one) => Math.round(one * 100) / 100), [0.35, 0.1, 0.3, 0.8]);
  assert.deepEqual(windowAt(framing, [0, 0]), [0, 0.1, 0.3, 0.8]);
  assert.equal(Math.round(windowAt(framing, [1, 1])[0] * 100), 70);
});

test("a part of a fit that moves is drawn from where it is at the time", () => {
  globalThis.HTMLVideoElement = class {}; // the picture is a still
  const drawn = [];
  const context = { canvas: { width: 90, height: 160 }, fillRect() {}, drawImage: (_, ...from) => drawn.push(from) };
  const keys = [[1000, 0.25, 0.5], [2000, 0.75, 0.5]];
  const shot = { start_ms: 0, end_ms: 4000, layout: "fit", zoom: 1, keys, parts: [[0, 0, 0.5, 1]], cells: [[0, 0.1, 1, 0.5]] };
  const framing = { window: [0.3, 1], area: [0, 0, 1, 1], background: "black", shots: [shot] };

  for (const ms of [0, 1500, 3000]) {
    drawFrame(context, { naturalWidth: 160, naturalHeight: 80 }, framing, ms);
  }

  assert.deepEqual(drawn, [0, 40, 80].map((left) => [left, 0, 80, 80, 0, 16, 90, 80]));
});

test("a picture lies on the colours of its own edges, drawn small and blurred", () => {
  globalThis.HTMLVideoElement = class {};
  const smeared = [];
  const small = { getContext: () => ({ drawImage: (_, ...from) => smeared.push(from) }) };
  globalThis.document = { createElement: () => small };
  const drawn = [];
  const state = { save() {}, restore() {}, beginPath() {}, rect() {}, clip() {}, fillRect() {} };
  const context = { ...state, canvas: { width: 270, height: 480 }, drawImage: (what, ...to) => drawn.push([what === small, ...to]) };
  const shot = { start_ms: 0, end_ms: 4000, layout: "fit", zoom: 1, keys: [], parts: [], cells: [[0, 0.25, 1, 0.25]] };
  const framing = { window: [0.3, 1], area: [0, 0, 1, 1], background: "edges", shots: [shot] };

  drawFrame(context, { naturalWidth: 160, naturalHeight: 90 }, framing, 0);

  assert.deepEqual([small.width, small.height], [27, 48]);
  assert.deepEqual(smeared.slice(0, 3), [
    [0, 0, 160, 90, 0, 12, 27, 12],
    [0, 12, 27, 1, 0, 0, 27, 12],
    [0, 23, 27, 1, 0, 24, 27, 24],
  ]);
  assert.match(context.filter, /^blur\(60px\)/);
  assert.deepEqual(drawn, [[true, -60, -60, 390, 600], [false, 0, 0, 160, 90, 0, 120, 270, 120]]);
});
