// Which stretch of a video a timeline shows, and what an edge that is dragged snaps to.

/** @typedef {{ start: number, end: number }} View in ms */

export const LEAST_SPAN_MS = 400; // about a word

/**
 * A view of a length around a middle, inside the video.
 * @param {number} middle in ms
 * @param {number} span
 * @param {number} length of the video
 * @returns {View}
 */
export function viewAround(middle, span, length) {
  const wide = Math.min(length, Math.max(LEAST_SPAN_MS, span));
  const start = Math.min(Math.max(0, middle - wide / 2), length - wide);
  return { start, end: start + wide };
}

/**
 * Show less or more, with the moment under the pointer where it is.
 * @param {View} view
 * @param {number} factor below 1 shows less
 * @param {number} at in ms
 * @param {number} length
 * @returns {View}
 */
export function zoomed({ start, end }, factor, at, length) {
  const span = Math.min(length, Math.max(LEAST_SPAN_MS, (end - start) * factor));
  const from = at - ((at - start) / (end - start)) * span;
  const first = Math.min(Math.max(0, from), length - span);
  return { start: first, end: first + span };
}

/**
 * @param {View} view
 * @param {number} by in ms
 * @param {number} length
 * @returns {View}
 */
export const moved = ({ start, end }, by, length) => viewAround((start + end) / 2 + by, end - start, length);

/**
 * The place nearest to a moment, if one is near enough; otherwise the moment.
 * @param {number} ms
 * @param {number[]} places
 * @param {number} reach in ms
 */
export function snapped(ms, places, reach) {
  let best = ms;
  let near = reach;
  for (const place of places) {
    if (Math.abs(place - ms) <= near) {
      [best, near] = [place, Math.abs(place - ms)];
    }
  }
  return best;
}

const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/**
 * The moments in ms that a ruler names: round ones, not too close.
 * @param {View} view
 * @param {number} most how many there is room for
 * @returns {number[]}
 */
export function rulerMarks({ start, end }, most) {
  const least = (end - start) / 1000 / Math.max(1, most);
  const step = (STEPS_S.find((seconds) => seconds >= least) ?? STEPS_S[STEPS_S.length - 1]) * 1000;
  const marks = [];
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
    marks.push(Math.round(at));
  }
  return marks;
}
