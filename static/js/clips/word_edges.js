// Where a cut goes beside words: into the quiet before the first and after the last one. The server heard where that is;
// until its answer is there, or where a line was corrected since, the words' own times decide.

import { spokenWordsOf } from "../video/cue_words.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
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

/** @type {WeakMap<Cue, number[]>} start and end of each word in ms after the cue's start */
const edgesByCue = new WeakMap();

/**
 * Fetch the edges of all words once the page has nothing else to do.
 * @param {string} address
 * @param {Cue[]} cues
 * @param {AbortSignal} signal
 */
export async function loadEdges(address, cues, signal) {
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    /** @type {number[][]} */
    const lists = answer.ok ? await answer.json() : [];
    lists.forEach((edges, at) => cues[at] && edgesByCue.set(cues[at], edges));
  } catch {
    // without them the words' own times decide
  }
}

/**
 * The span of a word in which it is heard whole; null where that is not known.
 * @param {Cue} cue
 * @param {number} word its number
 * @param {number} count how many words the cue has
 * @returns {Span | null}
 */
export function edgesOf(cue, word, count) {
  const edges = edgesByCue.get(cue);
  return edges?.length === 2 * count ? [cue.start + edges[2 * word], cue.start + edges[2 * word + 1]] : null;
}

/**
 * The words of a cue, each no longer than it is heard: their own times may go on through a pause.
 * @param {Cue} cue
 * @returns {SpokenWord[]}
 */
export function heardWordsOf(cue) {
  const words = spokenWordsOf(cue);
  return words.map((word, at) => {
    const [start, end] = edgesOf(cue, at, words.length) ?? [word.start, word.end];
    return { ...word, start: Math.max(word.start, start), end: Math.max(word.start + 1, Math.min(word.end, end)) };
  });
}
