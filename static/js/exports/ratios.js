// The shapes in which a Short is made: which are ticked, and which of them the previews show. The form's `data-ratio` names
// the shown one, and "ratio-shown" says that it has changed.
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";

/**
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 * @returns {() => string[]} the ticked ones
 */
export function startRatios(form, signal) {
  const boxes = findAll(form, "[name=aspect_ratios]", HTMLInputElement);
  const hint = find(form, "[data-ratio-hint]");
  const ticked = () => boxes.filter((box) => box.checked);

  /** @param {HTMLInputElement} box */
  function show(box) {
    hint.textContent = ticked().map((one) => one.dataset.hint).join("\n");
    if (form.dataset.ratio === box.value) {
      return;
    }
    form.dataset.ratio = box.value;
    form.style.setProperty("--shape-w", box.dataset.width ?? "");
    form.style.setProperty("--shape-h", box.dataset.height ?? "");
    form.toggleAttribute("data-full-screen", box.hasAttribute("data-full-screen"));
    form.dispatchEvent(new CustomEvent("ratio-shown"));
  }

  for (const box of boxes) {
    box.addEventListener(
      "change",
      () => {
        box.checked ||= !ticked().length; // one at least
        show(box.checked ? box : ticked()[0]);
      },
      { signal },
    );
  }
  show(ticked()[0] ?? boxes[0]);
  return () => ticked().map((box) => box.value);
}

/**
 * The shape that the previews show, as their addresses name it: "" for 9:16.
 * @param {HTMLFormElement} form
 */
export function shownRatio(form) {
  const ratio = form.dataset.ratio ?? "";
  return ratio === "9:16" ? "" : ratio;
}

/**
 * Say why so many Shorts cannot be made, if so.
 * @param {HTMLFormElement} form with the places that are free as `data-free`
 * @param {number} count
 * @returns {boolean} whether they can
 */
export function checkPlaces(form, count) {
  const free = Number(form.dataset.free);
  const problem = find(form, "[data-ratio-problem]");
  const isOver = free > 0 && count > free;
  problem.hidden = !isOver;
  problem.textContent = isOver ? text.fewerShorts(count, free) : "";
  return !isOver;
}
