// The library: choices apply at once. Only what was found is replaced, so typing goes on undisturbed.
import { closest } from "../common/dom.js";

const TYPING_MS = 300;

/**
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
export function mount(element, signal) {
  const form = element.querySelector("form[data-auto-submit]");
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  let timer = 0;
  form.addEventListener("change", (event) => !isSearch(event) && form.requestSubmit(), { signal });
  form.addEventListener(
    "input",
    (event) => {
      if (isSearch(event)) {
        clearTimeout(timer);
        timer = setTimeout(() => form.isConnected && form.requestSubmit(), TYPING_MS);
      }
    },
    { signal },
  );
  // What was not chosen stays out of the address.
  form.addEventListener(
    "htmx:configRequest",
    ({ detail }) => {
      for (const name of ["q", "status", "sort"]) {
        if (!detail.parameters[name]) {
          delete detail.parameters[name];
        }
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));
}

/** @param {Event} event */
function isSearch(event) {
  return closest(event, "[name=q]") !== null;
}
