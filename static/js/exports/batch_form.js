// The dialog for several Shorts: how many are ticked, and whether so many fit.
import { find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";

/**
 * @param {HTMLFormElement} form
 * @param {AbortSignal} signal
 */
export function startBatchForm(form, signal) {
  const free = Number(form.dataset.free);
  const submit = find(form, "[data-submit]", HTMLButtonElement);
  const problem = find(form, "[data-batch-problem]");
  const tell = () => {
    const count = findAll(form, "input[type=checkbox]:checked").length;
    find(form, "[data-batch-submit]").textContent = text.exportShorts(count);
    submit.disabled = !count || count > free;
    problem.hidden = count <= free || !free;
    problem.textContent = problem.hidden ? "" : text.fewerShorts(count, free);
  };
  form.addEventListener("change", tell, { signal });
  tell();
}
