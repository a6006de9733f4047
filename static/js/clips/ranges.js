// Arithmetic of kept ranges, in ms: in order and without overlap, as the server keeps them.

/** @typedef {[start: number, end: number]} Span */
/** @typedef {{ shortestMs: number, claimableMs: number, longestMs: number, lengthMs: number }} Limits of a clip, and its video's length */

export const MIN_RANGE_MS = 100; // as mediakit/cutting/cut_time.py: a shorter piece is less than a syllable
const JOINED_MS = 20; // a gap below this is no gap
export const MAX_RANGES = 200;

/**
 * How much is kept.
 * @param {Span[]} ranges
 */
export const keptLength = (ranges) => ranges.reduce((sum, [start, end]) => sum + end - start, 0);

/**
 * Whether a moment is kept.
 * @param {Span[]} ranges
 * @param {number} ms
 */
export const isKept = (ranges, ms) => ranges.some(([start, end]) => start <= ms && ms < end);

/**
 * What is left out between kept ranges.
 * @param {Span[]} ranges
 * @returns {Span[]}
 */
export const joinsOf = (ranges) => ranges.slice(1).map(([start], at) => [ranges[at][1], start]);

/**
 * The ranges without a span. Pieces that are too short to be kept beside others go with it.
 * @param {Span[]} ranges
 * @param {Span} span
 * @returns {Span[]}
 */
export function without(ranges, [from, to]) {
  return tidy(
    ranges.flatMap(([start, end]) => {
      /** @type {Span[]} */
      const parts = [[start, Math.min(end, from)], [Math.max(start, to), end]];
      return parts;
    }),
  );
}

/**
 * The ranges and a span.
 * @param {Span[]} ranges
 * @param {Span} span
 * @returns {Span[]}
 */
export function withSpan(ranges, span) {
  return tidy([...ranges, span]);
}

/**
 * The ranges from a new start to a new end: cut there, or kept from or to there.
 * @param {Span[]} ranges at least one
 * @param {number} start
 * @param {number} end after the start
 * @returns {Span[]}
 */
export function between(ranges, start, end) {
  const kept = tidy(
    ranges.map(([low, high], at) => {
      /** @type {Span} */
      const moved = [at ? Math.max(low, start) : start, at < ranges.length - 1 ? Math.min(high, end) : end];
      return moved;
    }),
  );
  return kept.length ? kept : [[start, end]];
}

/**
 * The ranges with one edge moved, as far as its neighbours let it.
 * @param {Span[]} ranges
 * @param {number} at the number of the range
 * @param {boolean} isStart
 * @param {number} ms
 * @param {number} length of the video
 * @returns {Span[]}
 */
export function moveEdge(ranges, at, isStart, ms, length) {
  const [start, end] = ranges[at];
  const [before, after] = [ranges[at - 1]?.[1] ?? 0, ranges[at + 1]?.[0] ?? length];
  /** @type {Span} */
  const moved = isStart ? [Math.min(Math.max(ms, before), end - MIN_RANGE_MS), end] : [start, Math.max(Math.min(ms, after), start + MIN_RANGE_MS)];
  return ranges.map((range, place) => (place === at ? moved : range));
}

/**
 * The same ranges, those that touch as one.
 * @param {Span[]} ranges
 */
export const joined = (ranges) => tidy(ranges);

/**
 * In order, joined where they touch, without what is empty or, beside others, too short.
 * @param {Span[]} spans
 * @returns {Span[]}
 */
function tidy(spans) {
  /** @type {Span[]} */
  const joined = [];
  for (const [start, end] of spans.filter(([low, high]) => low < high).sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start - last[1] < JOINED_MS) {
      last[1] = Math.max(last[1], end);
    } else {
      joined.push([start, end]);
    }
  }
  const long = joined.filter(([start, end]) => end - start >= MIN_RANGE_MS);
  return long.length ? long : joined.slice(0, 1);
}

/**
 * Why ranges make no clip; null when they do.
 * @param {Span[]} ranges
 * @param {Pick<Limits, "shortestMs" | "longestMs">} limits
 * @returns {"short" | "long" | "many" | null}
 */
export function problemOf(ranges, { shortestMs, longestMs }) {
  const kept = keptLength(ranges);
  if (kept < shortestMs) {
    return "short";
  }
  if (kept > longestMs) {
    return "long";
  }
  return ranges.length > MAX_RANGES ? "many" : null;
}

/**
 * What a player that plays only kept ranges does at a moment.
 * @param {Span[]} ranges
 * @param {number} ms
 * @returns {"play" | "stop" | number} a number is the moment to go on at
 */
export function stepAt(ranges, ms) {
  const next = ranges.find(([, end]) => ms < end);
  if (!next) {
    return "stop";
  }
  return ms < next[0] ? next[0] : "play";
}
