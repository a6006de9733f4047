// The words of a cue: where each stands in its text and when it is said.

/** @typedef {[start: number, first: number, length: number, lasts?: number]} Word ms after the cue's start, and its place in the text */

/**
 * @typedef {object} SpokenWord
 * @property {number} start in ms
 * @property {number} end in ms
 * @property {number} first its place in the cue's text
 * @property {number} length
 */

/**
 * @typedef {object} Cue
 * @property {HTMLElement} element
 * @property {number} start in ms
 * @property {number} end in ms
 * @property {number} at its place in the list
 */

/**
 * The words that a cue's `data-words` lists as `start,first,length start,first,length`. A fourth number is how long a
 * word lasts where a pause follows it.
 * @param {string} list
 * @returns {Word[]}
 */
export function parseWords(list) {
  return list
    .split(" ")
    .filter(Boolean)
    .map((item) => {
      const [start, first, length, lasts] = item.split(",").map(Number);
      return lasts === undefined ? [start, first, length] : [start, first, length, lasts];
    });
}

/** @type {WeakMap<Cue, Word[]>} read the first time they are needed */
const wordsByCue = new WeakMap();

/**
 * The words of a cue whose times are known; none otherwise.
 * @param {Cue} cue
 */
export function wordsOf(cue) {
  const words = wordsByCue.get(cue) ?? parseWords(cue.element.dataset.words ?? "");
  wordsByCue.set(cue, words);
  return words;
}

/**
 * Words with start and end. Without known times each gets the share of its letters.
 * @param {Word[]} words
 * @param {{ start: number, end: number }} cue in ms
 * @param {string} text
 * @returns {SpokenWord[]}
 */
export function spokenWords(words, { start, end }, text) {
  if (words.length) {
    return words.map(([from, first, length, lasts], at) => {
      const next = at + 1 < words.length ? start + words[at + 1][0] : end;
      const until = lasts === undefined ? next : start + from + lasts;
      return { start: start + from, end: Math.max(start + from, until), first, length };
    });
  }
  const at = (/** @type {number} */ offset) => start + Math.round(((end - start) * offset) / Math.max(1, text.length));
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => {
    return { start: at(index), end: at(index + word.length), first: index, length: word.length };
  });
}

/** @type {WeakMap<Cue, SpokenWord[]>} */
const spokenByCue = new WeakMap();

/**
 * The text of a cue is another one: its words are read again.
 * @param {Cue} cue
 */
export function forgetWords(cue) {
  wordsByCue.delete(cue);
  spokenByCue.delete(cue);
}

/**
 * All words of a cue with start and end.
 * @param {Cue} cue
 * @returns {SpokenWord[]}
 */
export function spokenWordsOf(cue) {
  const words = spokenByCue.get(cue) ?? spokenWords(wordsOf(cue), cue, cue.element.textContent ?? "");
  spokenByCue.set(cue, words);
  return words;
}
