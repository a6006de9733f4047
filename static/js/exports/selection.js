// Several exports of the list chosen at once: how many, all or none. What is chosen stays so when the list is renewed.
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";

/** @type {Set<string>} */
const chosen = new Set();

/**
 * @param {HTMLElement} list
 * @param {AbortSignal} signal
 */
export function startSelection(list, signal) {
  const boxes = findAll(list, "input[name=export]", HTMLInputElement);
  if (!boxes.length) {
    return;
  }
  const form = find(list, "#chosen", HTMLFormElement);
  const all = find(form, "[data-choose-all]", HTMLButtonElement);
  const tell = () => {
    chosen.clear();
    boxes.filter((box) => box.checked).forEach((box) => chosen.add(box.value));
    find(form, "[data-chosen-count]").textContent = chosen.size ? text.selected(chosen.size) : "";
    all.hidden = chosen.size === boxes.length;
  };
  boxes.forEach((box) => (box.checked = chosen.has(box.value)));
  let last = -1;
  list.addEventListener(
    "click",
    (event) => {
      const at = boxes.findIndex((box) => box === event.target);
      if (at >= 0) {
        if (event instanceof MouseEvent && event.shiftKey && last >= 0) {
          boxes.slice(Math.min(at, last), Math.max(at, last) + 1).forEach((box) => (box.checked = boxes[at].checked));
        }
        last = at;
        tell();
      }
    },
    { signal },
  );
  all.addEventListener(
    "click",
    () => {
      boxes.forEach((box) => (box.checked = true));
      tell();
    },
    { signal },
  );
  form.addEventListener("reset", () => setTimeout(tell), { signal });
  tell();
}
