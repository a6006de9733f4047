// Where a cut goes beside words: into the quiet before the first and after the last one.

/** @typedef {import("../video/cue_words.js").SpokenWord} SpokenWord */
/** @typedef {import("./ranges.js").Span} Span */

const AIR_MS = 40; // of quiet that a word keeps on both sides, where there is as much

/**
 * The span of some words that follow one another, with air, and without a bit of their neighbours.
 * @param {{ before?: SpokenWord, first: SpokenWord, last: SpokenWord, after?: SpokenWord }} words
 * @returns {Span}
 */
export function spanOfWords({ before, first, last, after }) {
  const quietBefore = first.start - (before?.end ?? 0);
  const quietAfter = (after?.start ?? Infinity) - last.end;
  return [first.start - air(quietBefore), last.end + air(quietAfter)];
}

/** @param {number} quiet in ms */
const air = (quiet) => Math.min(AIR_MS, Math.max(0, quiet));
