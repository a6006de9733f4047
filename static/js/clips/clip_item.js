// A clip in the list beside the player: what it says of itself while it is edited, and its title.
import { closest, find } from "../common/dom.js";
import { exactSeconds } from "../common/format.js";
import { text } from "../common/messages.js";
import { keptLength } from "./ranges.js";

/** @typedef {import("./clip_editor.js").OpenClip} OpenClip */

/**
 * @param {HTMLElement} element
 * @param {OpenClip} clip
 */
export function showClip(element, clip) {
  element.dataset.version = String(clip.version);
  element.dataset.ranges = JSON.stringify(clip.ranges);
  find(element, "[data-clip-version]", HTMLInputElement).value = String(clip.version);
  find(element, "[data-clip-length]").textContent = exactSeconds(Math.round(keptLength(clip.ranges) / 100) * 100);
  find(element, "[data-undo]", HTMLButtonElement).disabled = !clip.undo.length;
  find(element, "[data-redo]", HTMLButtonElement).disabled = !clip.redo.length;
  find(element, "[data-clip-act=join]").hidden = clip.ranges.length < 2;
  const state = find(element, "[data-clip-state]");
  state.textContent = stateText(clip);
  state.dataset.clipState = clip.state;
  if (typeof clip.options.title === "string") {
    showTitle(element, clip.options.title);
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} title
 */
function showTitle(element, title) {
  const field = find(element, "[name=title]", HTMLInputElement);
  find(element, ".clip__name").textContent = title;
  if (field.defaultValue !== title) {
    field.value = field.defaultValue = title; // what is being typed stays until the title is another one
  }
}

/** @param {OpenClip} clip */
function stateText({ state, ranges }) {
  if (state === "offline") {
    return text.notSavedYet();
  }
  return state === "signed out" ? text.signedOut() : text.leftOut(ranges.length - 1);
}

/**
 * A changed title is a change like others: saved by itself, undone, and kept without a connection.
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {(after: { title: string }, before: { title: string }) => void} parts.rename
 * @param {AbortSignal} parts.signal
 */
export function startTitles({ page, rename, signal }) {
  page.addEventListener(
    "change",
    (event) => {
      const field = closest(event, "[data-clip] [name=title]", HTMLInputElement);
      if (field) {
        const [before, title] = [field.defaultValue, field.value.trim()];
        field.value = field.defaultValue = title || before;
        if (title) {
          rename({ title }, { title: before });
        }
      }
    },
    { signal },
  );
  page.addEventListener("submit", (event) => closest(event, "[data-clip-title]") && event.preventDefault(), { signal });
}
