// Several rows of a list chosen at once, by mouse (Shift for a range), keys and touch. What is chosen stays so when the
// list, or a row of it, is renewed.
//
// Keys in a box: arrows go to the next box, with Shift they take its state along; Shift+Space chooses the range; Ctrl/Cmd+A
// all; Escape none.
import { find, findAll } from "./dom.js";
import { text } from "./messages.js";

/** @type {Map<string, Set<string>>} by the boxes' name, the values that are chosen */
const chosenOf = new Map();
const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowRight", 1],
  ["ArrowUp", -1],
  ["ArrowLeft", -1],
]);

/**
 * @param {HTMLElement} list holds the boxes and the form `#chosen` that they belong to
 * @param {string} name of the boxes
 * @param {AbortSignal} signal
 */
export function startSelection(list, name, signal) {
  const form = list.querySelector("#chosen");
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  const all = find(form, "[data-choose-all]", HTMLButtonElement);
  const chosen = chosenOf.get(name) ?? new Set();
  chosenOf.set(name, chosen);
  let last = -1;
  let shift = false;

  const boxes = () => findAll(list, `input[name=${name}][form=chosen]`, HTMLInputElement);
  const tell = () => {
    const present = boxes();
    chosen.clear();
    present.filter((box) => box.checked).forEach((box) => chosen.add(box.value));
    find(form, "[data-chosen-count]").textContent = chosen.size ? text.selected(chosen.size) : "";
    all.hidden = chosen.size === present.length;
  };
  /** @param {boolean} checked */
  const chooseAll = (checked) => {
    boxes().forEach((box) => (box.checked = checked));
    tell();
  };
  const restore = () => {
    boxes().forEach((box) => (box.checked = chosen.has(box.value)));
    tell();
  };
  /** @param {MouseEvent} event */
  const pressed = (event) => {
    const present = boxes();
    const at = present.findIndex((box) => box === event.target);
    if (at < 0) {
      return;
    }
    if ((event.shiftKey || shift) && last >= 0) {
      present.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((box) => (box.checked = present[at].checked));
    }
    last = at;
    shift = false;
    tell();
  };
  /** @param {KeyboardEvent} event */
  const typed = (event) => {
    const present = boxes();
    const at = present.findIndex((box) => box === event.target);
    const next = present[at + (STEPS.get(event.key) ?? 0)];
    shift = event.key === " " && event.shiftKey;
    if (event.key === "Escape" && chosen.size && !document.querySelector("dialog[open]")) {
      chooseAll(false);
    } else if (at >= 0 && (event.ctrlKey || event.metaKey) && event.code === "KeyA") {
      event.preventDefault();
      chooseAll(true);
    } else if (at >= 0 && STEPS.has(event.key)) {
      event.preventDefault();
      if (next && event.shiftKey) {
        next.checked = present[at].checked;
        last = present.indexOf(next);
        tell();
      }
      next?.focus();
    }
  };

  list.addEventListener("click", pressed, { signal });
  list.addEventListener("keydown", typed, { signal });
  list.addEventListener("htmx:afterSwap", restore, { signal });
  all.addEventListener("click", () => chooseAll(true), { signal });
  form.addEventListener("reset", () => setTimeout(tell), { signal });
  restore();
}
