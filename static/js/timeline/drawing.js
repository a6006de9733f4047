// Draws a timeline: waveform, what the open clip keeps and leaves out, shots, scenes, words, a ruler.
import { clock } from "../common/format.js";
import { columnPeaks } from "./peaks.js";
import { rulerMarks } from "./view.js";

/** @typedef {import("../clips/ranges.js").Span} Span */
/** @typedef {{ start: number, end: number, text: string }} Label */

/**
 * @typedef {object} Picture
 * @property {import("./view.js").View} view
 * @property {import("./peaks.js").Peaks | null} peaks
 * @property {Span[] | null} ranges of the open clip
 * @property {number[]} shots in ms
 * @property {number[]} scenes where they begin, in ms
 * @property {Label[]} words in view, where there is room for them
 */

/** @typedef {Record<"wave" | "kept" | "soft" | "strong" | "ink" | "line", string>} Inks colours */

export const RULER_PX = 16;
export const WORDS_PX = 16;
// Values are decibels, in which all speech is nearly as high: squared, its rise and fall is seen.
const HEIGHTS = Array.from({ length: 16 }, (_, value) => (value / 15) ** 2);
const LABEL_PX = 70;
const GRIP_PX = 3;

/**
 * @param {CanvasRenderingContext2D} canvas scaled so that a unit is a CSS pixel
 * @param {{ width: number, height: number, font: string }} size
 * @param {Inks} inks
 * @param {Picture} picture
 */
export function drawTimeline(canvas, { width, height, font }, inks, { view, peaks, ranges, shots, scenes, words }) {
  const x = (/** @type {number} */ ms) => ((ms - view.start) / (view.end - view.start)) * width;
  const floor = height - (words.length ? WORDS_PX : 0);
  canvas.clearRect(0, 0, width, height);
  canvas.font = font;
  canvas.textBaseline = "middle";
  if (ranges) {
    canvas.fillStyle = inks.soft;
    for (const [start, end] of ranges) {
      canvas.fillRect(x(start), RULER_PX, Math.max(1, x(end) - x(start)), floor - RULER_PX);
    }
  }
  if (peaks) {
    drawWave(canvas, columnPeaks(peaks, view.start, view.end, Math.max(1, Math.floor(width))), floor, ranges?.map(([start, end]) => [x(start), x(end)]) ?? null, inks);
  }
  canvas.fillStyle = inks.line;
  for (const shot of shots) {
    canvas.fillRect(Math.round(x(shot)), floor - 6, 1, 6);
  }
  canvas.fillStyle = inks.ink;
  for (const scene of scenes) {
    canvas.fillRect(Math.round(x(scene)), RULER_PX - 5, 1, 5);
  }
  for (const mark of rulerMarks(view, width / LABEL_PX)) {
    const tenth = view.end - view.start < 10_000 ? `.${Math.floor(mark / 100) % 10}` : "";
    canvas.fillText(clock(mark / 1000) + tenth, x(mark) + 3, RULER_PX / 2);
  }
  for (const { start, end, text } of words) {
    canvas.fillText(text, x(start), floor + WORDS_PX / 2, Math.max(1, x(end) - x(start)));
  }
  if (ranges) {
    drawEdges(canvas, ranges, x, floor, inks);
  }
}

/**
 * @param {CanvasRenderingContext2D} canvas
 * @param {Uint8Array} columns
 * @param {number} floor
 * @param {number[][] | null} kept stretches in pixels; null when no clip is open
 * @param {Inks} inks
 */
function drawWave(canvas, columns, floor, kept, inks) {
  const middle = (RULER_PX + floor) / 2;
  const most = (floor - RULER_PX) / 2;
  const [inside, outside] = [new Path2D(), new Path2D()];
  let range = 0;
  columns.forEach((value, column) => {
    while (kept && kept[range] && kept[range][1] <= column) {
      range += 1;
    }
    const isKept = kept?.[range] && kept[range][0] <= column + 0.5;
    const half = Math.max(0.5, HEIGHTS[value] * most);
    (isKept ? inside : outside).rect(column, middle - half, 1, 2 * half);
  });
  canvas.fillStyle = inks.wave;
  canvas.fill(outside);
  canvas.fillStyle = inks.kept;
  canvas.fill(inside);
}

/**
 * What is struck out gets a line through it; the outer ends get grips.
 * @param {CanvasRenderingContext2D} canvas
 * @param {Span[]} ranges
 * @param {(ms: number) => number} x
 * @param {number} floor
 * @param {Inks} inks
 */
function drawEdges(canvas, ranges, x, floor, inks) {
  canvas.fillStyle = inks.strong;
  ranges.forEach(([start, end], at) => {
    const next = ranges[at + 1];
    if (next) {
      canvas.fillRect(x(end), (RULER_PX + floor) / 2, Math.max(1, x(next[0]) - x(end)), 1);
    }
    canvas.fillRect(x(start) - (at ? 0.5 : GRIP_PX), RULER_PX, at ? 1 : GRIP_PX, floor - RULER_PX);
    canvas.fillRect(x(end) - (next ? 0.5 : 0), RULER_PX, next ? 1 : GRIP_PX, floor - RULER_PX);
  });
}
