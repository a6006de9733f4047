// The dialog for several Shorts: how many are ticked, and whether so many fit.
import { find, findAll } from "../common/dom.js";
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
  form.addEventListener("change", tell, { signal });
  tell();
}
