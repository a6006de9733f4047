// Whether a range makes a Short: the same rules as on the server.

/**
 * How much of a range is kept, in ms: all of it, or the given parts with their outer ends moved to the range's.
 * @param {[number, number][]} parts
 * @param {number} start
 * @param {number} end
 */
export function keptMs(parts, start, end) {
  const [first, last] = [parts[0], parts.at(-1)];
  if (!first || !last) {
    return end - start;
  }
  const inside = parts.reduce((sum, [low, high]) => sum + Math.max(0, Math.min(high, end) - Math.max(low, start)), 0);
  return inside ? inside + Math.max(0, first[0] - start) + Math.max(0, end - last[1]) : end - start;
}

/**
 * @typedef {object} Problem
 * @property {"sayFormat" | "sayOutside" | "sayReversed" | "sayLong" | "sayShort"} sentence the form's data attribute
 * @property {("start" | "end")[]} at the fields it is about
 */

/**
 * What is wrong with a range (ms; null for what is no time); null when it makes a Short.
 * @param {number | null} start
 * @param {number | null} end
 * @param {{ durationMs: number, longestMs: number, shortestMs: number }} limits
 * @param {[number, number][]} [parts] that are kept of it
 * @returns {Problem | null}
 */
export function problemOf(start, end, { durationMs, longestMs, shortestMs }, parts = []) {
  if (start === null || end === null) {
    /** @type {("start" | "end")[]} */
    const wrong = [];
    start === null && wrong.push("start");
    end === null && wrong.push("end");
    return { sentence: "sayFormat", at: wrong };
  }
  if (start > durationMs) {
    return { sentence: "sayOutside", at: ["start"] };
  }
  if (end > durationMs) {
    return { sentence: "sayOutside", at: ["end"] };
  }
  if (end <= start) {
    return { sentence: "sayReversed", at: ["end"] };
  }
  const kept = keptMs(parts, start, end);
  if (kept > longestMs) {
    return { sentence: "sayLong", at: ["end"] };
  }
  return kept < shortestMs ? { sentence: "sayShort", at: ["end"] } : null;
}
