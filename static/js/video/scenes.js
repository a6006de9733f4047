// The scenes of a video as its page lists them.
import { find, findAll } from "../common/dom.js";

/**
 * @typedef {object} Scene
 * @property {HTMLElement} element
 * @property {number} number from 1
 * @property {number} start in ms
 * @property {number} end in ms
 * @property {HTMLAnchorElement | null} exportLink null while it cannot be exported
 * @property {string} length as it is read
 */

/**
 * @param {ParentNode} page
 * @returns {Scene[]} in the order of time
 */
export function readScenes(page) {
  return findAll(page, "[data-scene]").map((element) => ({
    element,
    number: Number(element.dataset.number),
    start: Number(element.dataset.start),
    end: Number(element.dataset.end),
    exportLink: element.querySelector("a[data-export]"),
    length: find(element, ".scene__length").textContent ?? "",
  }));
}

/**
 * The last of some stretches of time that has begun at a moment, by binary search; null when none has.
 * @template {{ start: number }} T
 * @param {T[]} stretches in the order of time
 * @param {number} ms
 * @returns {T | null}
 */
export function lastBegun(stretches, ms) {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle].start <= ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return stretches[low - 1] ?? null;
}

/**
 * The scene that holds a moment in ms; the first one also before it has begun.
 * @param {Scene[]} scenes
 * @param {number} ms
 */
export const sceneAt = (scenes, ms) => lastBegun(scenes, ms) ?? scenes[0] ?? null;
