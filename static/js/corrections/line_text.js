// A line's text with some words replaced, before the server has said how: where its other words stand now.
import { parseWords } from "../video/cue_words.js";

/** @typedef {{ start: number, was: string, text: string }} Change words at an offset of a line's text, and what they become */

/**
 * The text with the change.
 * @param {string} line
 * @param {Change} change
 */
export function changedText(line, { start, was, text }) {
  const [before, after] = [line.slice(0, start), line.slice(start + was.length)];
  return text ? before + text + after : (before.trimEnd() + after).trimStart();
}

/**
 * A cue's `data-words` for the changed text. The words that are replaced become one, from the time of the first.
 * @param {string} list
 * @param {Change} change
 */
export function changedWords(list, { start, was, text }) {
  const end = start + was.length;
  const by = text.length - was.length;
  let isPut = !text;
  const words = parseWords(list).flatMap(([ms, first, length, lasts]) => {
    if (first + length <= start) {
      return [[ms, first, length, lasts]];
    }
    if (first >= end) {
      return [[ms, Math.max(0, text ? first + by : first + by - 1), length, lasts]];
    }
    const replaced = isPut ? [] : [[ms, start, text.length]];
    isPut = true;
    return replaced;
  });
  return words.map((word) => word.filter((one) => one !== undefined).join(",")).join(" ");
}

/**
 * How many characters, as Python counts them, an offset in JavaScript's text is.
 * @param {string} text
 * @param {number} offset
 */
export const charactersBefore = (text, offset) => [...text.slice(0, offset)].length;

/** What a person typed as the server will have it: one line, single spaces. @param {string} typed */
export const tidy = (typed) => typed.normalize("NFC").replace(/\s+/g, " ").trim();
