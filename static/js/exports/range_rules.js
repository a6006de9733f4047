// Whether a range makes a Short: the same rules as on the server.

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
 * @returns {Problem | null}
 */
export function problemOf(start, end, { durationMs, longestMs, shortestMs }) {
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
  if (end - start > longestMs) {
    return { sentence: "sayLong", at: ["end"] };
  }
  return end - start < shortestMs ? { sentence: "sayShort", at: ["end"] } : null;
}
