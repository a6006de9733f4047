// The dialog for several Shorts: how many are ticked, and whether so many fit.
import { closest, find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";
import { checkPlaces, startRatios } from "./ratios.js";

/**
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
export function startBatchForm(form, signal) {
  const submit = find(form, "[data-submit]", HTMLButtonElement);
  const noPlaces = submit.disabled;
  const ratios = startRatios(form, signal);
  const tell = () => {
    const things = findAll(form, ".batch-choice input:checked").length;
    const count = things * ratios().length;
    find(form, "[data-batch-submit]").textContent = text.exportShorts(count);
    submit.disabled = !checkPlaces(form, count) || noPlaces || !count;
  };

  /**
   * Tick what there is in a group, as far as there are places; or nothing.
   * @param {Element} group
   * @param {boolean} isAll
   */
  function tick(group, isAll) {
    const boxes = findAll(group, ".batch-choice input", HTMLInputElement);
    const others = findAll(form, ".batch-choice input:checked").filter((box) => !group.contains(box)).length;
    const room = isAll ? Math.max(0, Math.floor(Number(form.dataset.free) / ratios().length) - others) : 0;
    boxes.forEach((box, at) => (box.checked = at < room));
    find(group, "[data-tick-says]").textContent = isAll && room < boxes.length ? text.tickedFirst(room) : "";
    tell();
  }

  for (const buttons of findAll(form, "[data-tick-group]")) {
    buttons.hidden = false;
    buttons.addEventListener(
      "click",
      (event) => {
        const button = closest(event, "[data-tick]");
        const group = buttons.closest("details");
        if (button && group) {
          tick(group, button.dataset.tick === "all");
        }
      },
      { signal },
    );
  }
  form.addEventListener("change", tell, { signal });
  tell();
}
