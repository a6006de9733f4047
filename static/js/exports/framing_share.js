// How much of the height the person of an inset has, in the dialog for exports.
import { find } from "../common/dom.js";

/**
 * How much of the height the person of an inset has: a slider, and a button that leaves it to the content.
 * @param {HTMLElement} box
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
export function startPersonShare(box, changed, signal) {
  const field = find(box, "[data-framing-share]");
  const slider = find(field, "input", HTMLInputElement);
  const says = find(field, "output");
  const reset = find(field, "button", HTMLButtonElement);
  /** @type {number | null} */
  let chosen = null;
  /** @param {number | null} share */
  const take = (share) => {
    chosen = share;
    reset.disabled = share === null;
  };
  /** @param {number | null} share */
  const change = (share) => {
    take(share);
    changed();
  };
  slider.addEventListener("input", () => change(Number(slider.value) / 100), { signal });
  reset.addEventListener("click", () => change(null), { signal });
  return {
    share: () => chosen,
    take,
    /** @param {boolean} isShown @param {number} split of the height, as planned for the content */
    show(isShown, split) {
      field.hidden = !isShown;
      const percent = Math.round((chosen ?? 1 - split) * 100);
      slider.value = String(percent);
      says.textContent = `${slider.value} %`;
    },
  };
}
