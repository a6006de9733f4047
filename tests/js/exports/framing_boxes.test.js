import assert from "node:assert/strict";
import { test } from "node:test";

import { drawGrips, gripAt, grown, moved, spanned } from "../../../static/js/exports/framing_boxes.js";

const FREE = { area: [0, 0.1, 1, 0.8], shape: null };
const TALL = { area: [0, 0, 1, 1], shape: [0.5, 1] };
const close = (box, expected) => box.forEach((value, at) => assert.ok(Math.abs(value - expected[at]) < 1e-9, `${box} is not ${expected}`));

test("a box drawn from a corner to a point stays in the picture and is never too small", () => {
  close(spanned([0.2, 0.2], [0.5, 0.6], FREE), [0.2, 0.2, 0.3, 0.4]);
  close(spanned([0.5, 0.6], [0.2, -1], FREE), [0.2, 0.1, 0.3, 0.5]);
  close(spanned([0.2, 0.2], [0.2, 0.2], FREE), [0.2, 0.2, 0.04, 0.04]);
});

test("the part of a stack keeps its shape while it is drawn", () => {
  close(spanned([0.1, 0.1], [0.3, 0.2], TALL), [0.1, 0.1, 0.2, 0.4]);
  close(spanned([0.9, 0.9], [0.1, 0.8], TALL), [0.45, 0, 0.45, 0.9]);
});

test("a box is moved to the edge and no further, and grows at its lower right corner", () => {
  close(moved([0.7, 0.2, 0.2, 0.2], [0.5, -0.5], FREE), [0.8, 0.1, 0.2, 0.2]);
  close(grown([0.2, 0.2, 0.2, 0.2], [0.01, 0], FREE), [0.2, 0.2, 0.21, 0.2]);
  close(grown([0.2, 0.2, 0.2, 0.4], [-0.02, 0], TALL), [0.2, 0.2, 0.18, 0.36]);
});

test("near a corner the opposite one stays; inside a box it is moved; elsewhere a new one is drawn", () => {
  const boxes = [[0.1, 0.1, 0.2, 0.2], [0.6, 0.6, 0.2, 0.2]];

  assert.deepEqual(gripAt(boxes, [0.11, 0.29], [0.02, 0.02]), { number: 0, corner: [0.30000000000000004, 0.1] });
  assert.deepEqual(gripAt(boxes, [0.7, 0.7], [0.02, 0.02]), { number: 1, corner: null });
  assert.equal(gripAt(boxes, [0.5, 0.5], [0.02, 0.02]), null);
});

test("every corner has a square of one size on the screen", () => {
  const path = drawGrips([[0.5, 0.5, 0.25, 0.25]], [640, 360], 0.5);

  assert.equal(path.split("M").length - 1, 4);
  assert.ok(path.startsWith("M310.0 170.0h20.0v20.0h-20.0z"));
});
