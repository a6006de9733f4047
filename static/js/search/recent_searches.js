// The last searches of a person, kept in this browser only and apart from those of other people who use it.
import { find } from "../common/dom.js";

const KEPT = 8;

/** @returns {string} */
function key() {
  return `heimdex-searches-${find(document, "#main").dataset.user ?? ""}`;
}

/** @returns {string[]} the newest first */
export function recentSearches() {
  try {
    return parseSearches(localStorage.getItem(key()));
  } catch {
    return []; // a browser that keeps nothing
  }
}

/** @param {string} words */
export function rememberSearch(words) {
  try {
    localStorage.setItem(key(), JSON.stringify(withSearch(recentSearches(), words)));
  } catch {
    // a browser that keeps nothing
  }
}

export function forgetSearches() {
  try {
    localStorage.removeItem(key());
  } catch {
    // a browser that keeps nothing
  }
}

/**
 * @param {string | null} stored
 * @returns {string[]} what is stored, without anything that is no list of words
 */
export function parseSearches(stored) {
  try {
    const found = JSON.parse(stored ?? "[]");
    return Array.isArray(found) ? found.filter((words) => typeof words === "string").slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

/**
 * @param {string[]} before
 * @param {string} words
 * @returns {string[]} with the words first, each once, as many as are kept
 */
export function withSearch(before, words) {
  const cleaned = words.trim();
  return cleaned ? [cleaned, ...before.filter((other) => other !== cleaned)].slice(0, KEPT) : before;
}
