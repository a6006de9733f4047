// The library: choices apply at once. Only what was found is replaced, so typing goes on undisturbed.
import { find } from "../common/dom.js";
import { countFilters } from "../common/filter_count.js";
import { startSelection } from "../common/selection.js";

const TYPING_MS = 300;

/**
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
export function mount(element, signal) {
  startChosen(element, signal);
  const form = element.querySelector("form[data-auto-submit]");
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  let timer = 0;
  /** @param {Event} event */
  const isOurs = ({ target }) =>
    (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) && target.form === form;
  // Choices of the form may stand outside of it, in what is replaced.
  element.addEventListener("change", (event) => isOurs(event) && !isSearch(event) && form.requestSubmit(), { signal });
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
      for (const [name, value] of Object.entries(detail.parameters)) {
        if (!value) {
          delete detail.parameters[name];
        }
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => clearTimeout(timer));
  const panel = form.querySelector("[data-filter-menu]");
  if (panel instanceof HTMLElement) {
    form.addEventListener("change", () => countFilters(panel, panel), { signal });
  }
}

/** @param {Event} event */
function isSearch(event) {
  return event.target instanceof HTMLInputElement && event.target.name === "q";
}

/**
 * Choosing videos: the list is replaced after every change, the module stays.
 * @param {HTMLElement} element
 * @param {AbortSignal} signal
 */
function startChosen(element, signal) {
  let list = new AbortController();
  const start = () => {
    list.abort();
    list = new AbortController();
    const found = element.querySelector("#found");
    if (found instanceof HTMLElement) {
      startSelection(found, "video", AbortSignal.any([signal, list.signal]));
    }
  };
  document.addEventListener(
    "htmx:afterSwap",
    ({ detail }) => {
      if (detail.target?.id === "found") {
        closeDialog();
        start();
      }
    },
    { signal },
  );
  document.addEventListener("htmx:beforeSwap", showRefusal, { signal });
  element.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Delete" && event.target instanceof HTMLInputElement && event.target.form?.id === "chosen") {
        element.querySelector("[data-chosen-delete]")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      }
    },
    { signal },
  );
  start();
}

function closeDialog() {
  const dialog = find(document, "#dialog", HTMLDialogElement);
  if (dialog.open) {
    dialog.close();
  }
}

/**
 * A dialog that was refused is shown again with the reason.
 * @param {HtmxEvent} event
 */
function showRefusal({ detail }) {
  if (detail.target?.id === "dialog" && detail.xhr.status === 422) {
    detail.shouldSwap = true;
    detail.isError = false;
  }
}
